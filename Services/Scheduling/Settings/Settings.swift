internal import Access
internal import Contracts
internal import MessageBus

/// What administrators set: kinds of visit, and who sees patients when and where.
func answerSettings(_ service: Registry) {
    let administrators = Rule.staff(.administrator, of: .nobody)
    service.answer(ReadVisitTypes.self, to: administrators, with: readVisitTypes)
    service.answer(ReadVisitTypeHistory.self, to: administrators, with: readVisitTypeHistory)
    service.answer(KeepVisitType.self, to: administrators, with: keepVisitType, refusing: refusalOfVisitType)
    service.answer(ReadHours.self, to: administrators, with: readHours)
    service.answer(ReadHoursHistory.self, to: administrators, with: readHoursHistory)
    service.answer(KeepHours.self, to: administrators, with: keepHours)
    service.answer(ReadVisitsAhead.self, to: administrators, with: readVisitsAhead)
    service.answer(KeepResource.self, to: administrators, with: keepResource)
    service.answer(ReadResources.self, to: administrators, with: readResources)
    service.on(PlaceChanged.self, "move-hours-on-place-changed", do: moveHoursOnPlaceChanged)
}
