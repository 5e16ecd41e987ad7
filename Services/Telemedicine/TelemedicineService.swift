internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import ServiceHost

/// Visits by video: who waits, who is let in, and what the two browsers need to find each other. Pictures and sound go past it.
@main enum TelemedicineService {
    static let migrations = Bundle.module.bundleURL.appending(path: "Migrations")

    static func main() async throws {
        try await ServiceHost.run("telemedicine", migrations: migrations) { service in
            let kinds = VideoKinds(
                listed: service.settings.string(
                    "telemedicine.visits", "codes of the kinds of visit that take place by video, with commas between", default: "video-visit"))
            let learner = KindLearner(database: service, bus: service.bus, kinds: kinds)
            answers(service.registry, CallStore(sealer: service.sealer, relay: RelayServer(service.settings)), kinds)
            service.work("learn-kinds") { try await learner.run() }
            service.work("watch-calls") { try await watchCalls(of: service) }
        }
    }

    static func answers(_ service: Registry, _ calls: CallStore, _ kinds: VideoKinds) {
        service.treating(by: callsThatTreat)
        service.seals([
            SealedColumn("call", "place"), SealedColumn("call", "region"), SealedColumn("signal", "body"), SealedColumn("call_guest", "name"),
        ])
        service.answer(ReadCall.self, to: .either, with: calls.readCall)
        service.answer(ReadWaitingRoom.self, to: .waitingRoom) { [facts = service.facts] in try await readWaitingRoom($0, $1, $2, facts) }
        service.answer(ReadTestRelay.self, to: .calling, with: calls.readTestRelay)
        service.answer(KeepDeviceTest.self, to: .calling, with: calls.keepDeviceTest)
        service.answer(ReadDeviceTest.self, to: .preparing, with: calls.readDeviceTest)
        service.answer(EnterLobby.self, to: .calling, with: calls.enterLobby)
        service.answer(ChooseWhenLate.self, to: .calling, with: calls.chooseWhenLate)
        service.answer(AdmitPatient.self, to: .receiving, preparing: calls.admitPatient)
        service.answer(EndCall.self, to: .receiving, with: calls.endCall)
        service.answer(IssueCallTicket.self, to: .either, with: calls.issueCallTicket)
        service.answer(OpenCallWindow.self, to: .either, with: calls.openCallWindow)
        service.answer(CloseCallWindow.self, to: .either, with: calls.closeCallWindow)
        service.answer(SendSignals.self, to: .either, with: calls.sendSignals)
        service.answer(ReadSignals.self, to: .either, with: calls.readSignals)
        answersToGuests(service, calls)
        service.on(AppointmentBooked.self, "open-call-on-appointment-booked", do: kinds.openCallOnAppointmentBooked)
        service.on(AppointmentRescheduled.self, "move-call-on-appointment-rescheduled", do: moveCallOnAppointmentRescheduled)
        service.on(AppointmentCancelled.self, "cancel-call-on-appointment-cancelled", do: cancelCallOnAppointmentCancelled)
        service.on(LicencesChanged.self, "note-licences-on-licences-changed", do: noteLicencesOnLicencesChanged)
        service.on(CareTeamChanged.self, "note-team-on-care-team-changed", do: DecisionFacts.noteTeamOnCareTeamChanged)
        service.on(WorkplaceChanged.self, "note-workplace-on-workplace-changed", do: DecisionFacts.noteWorkplaceOnWorkplaceChanged)
        service.on(ConsentChanged.self, "note-consent-on-consent-changed", do: DecisionFacts.noteConsentOnConsentChanged)
        service.on(GlassWasBroken.self, "note-grant-on-glass-broken", do: DecisionFacts.noteGrantOnGlassBroken)
    }
}
