internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import ServiceHost

/// Offers times, and gives each to one patient.
@main enum SchedulingService {
    static let migrations = Bundle.module.bundleURL.appending(path: "Migrations")

    static func main() async throws {
        try await ServiceHost.run("scheduling", migrations: migrations) { service in
            service.workBesideDatabase()
            let horizon = service.settings.int("booking.horizon.days", "days ahead that can be booked", default: 180, in: 1...730)
            let bookings = Bookings(horizonDays: horizon)
            let waitlist = Waitlist(service.settings, horizonDays: horizon)
            answers(service.registry, bookings)
            service.work("check-zones") { try await checkZones(of: service) }
            service.work("lapse-holds") { try await lapseHolds(of: service) }
            service.work("offer-times") { try await waitlist.offerTimes(of: service) }
            service.work("watch-arrivals") { try await watchArrivals(of: service) }
        }
    }

    static func answers(_ service: Registry, _ bookings: Bookings) {
        service.treating(by: visitsThatTreat)
        service.answer(PublishAvailability.self, to: .publishing, with: publishAvailability)
        answerSettings(service)
        answersForWaiting(service)
        service.answer(FindOpenings.self, to: .looking, with: bookings.findOpenings)
        service.answer(HoldAppointment.self, to: .booking, with: bookings.holdAppointment, refusing: bookings.refusal)
        service.answer(BookAppointment.self, to: .booking, with: bookings.bookAppointment, refusing: bookings.refusal)
        bookings.answerSeries(service)
        answerTickets(service)
        bookings.answerFHIR(service)
        service.answer(BookOver.self, to: .bookingOver, with: bookings.bookOver, refusing: bookings.refusalOfOver)
        service.answer(RescheduleAppointment.self, to: .booking, with: bookings.rescheduleAppointment, refusing: bookings.refusalOfMove)
        service.answer(CancelAppointment.self, to: .booking, with: cancelAppointment)
        service.answer(RespondToAppointment.self, to: .workers("notifications"), with: respondToAppointment)
        service.answer(MarkAppointment.self, to: .marking, with: markAppointment, refusing: refusalOfMark)
        service.answer(ReadAppointments.self, to: .visits, with: readAppointments)
        service.answer(ReadDay.self, to: .day) { [facts = service.facts] in try await readDay($0, $1, $2, facts) }
        service.answer(ReadCalendar.self, to: .day) { [facts = service.facts] in try await readCalendar($0, $1, $2, facts) }
        answersForFeeds(service)
        service.answer(KeepAbsence.self, to: .absences, with: keepAbsence, refusing: refusalOfAbsence)
        service.answer(EndAbsence.self, to: .absences, with: endAbsence)
        service.answer(OfferOtherTimes.self, to: .absences, with: offerOtherTimes)
        service.answer(ReadAbsences.self, to: .anyStaff, with: readAbsences)
        service.answer(ReadAffected.self, to: .day) { [facts = service.facts] in try await readAffected($0, $1, $2, facts) }
        service.answer(RehearseClockChanges.self, to: .operators, with: rehearseClockChanges)
        service.answer(ReadAppointment.self, to: .workers("notifications", "billing", "telemedicine"), with: readAppointment)
        answersForSnapshots(service)
        service.on(VisitWaiting.self, "mark-arrived-on-visit-waiting", do: markArrivedOnVisitWaiting)
        service.on(CareTeamChanged.self, "note-team-on-care-team-changed", do: DecisionFacts.noteTeamOnCareTeamChanged)
        service.on(WorkplaceChanged.self, "note-workplace-on-workplace-changed", do: DecisionFacts.noteWorkplaceOnWorkplaceChanged)
        service.on(ConsentChanged.self, "note-consent-on-consent-changed", do: DecisionFacts.noteConsentOnConsentChanged)
        service.on(GlassWasBroken.self, "note-grant-on-glass-broken", do: DecisionFacts.noteGrantOnGlassBroken)
    }
}
