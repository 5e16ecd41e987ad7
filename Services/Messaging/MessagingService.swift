internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import ServiceHost

/// Brings a question to somebody who answers it, and says before it is sent who that is and by when.
@main enum MessagingService {
    static let migrations = Bundle.module.bundleURL.appending(path: "Migrations")

    static func main() async throws {
        try await ServiceHost.run("messaging", migrations: migrations) { service in
            service.workBesideDatabase()
            let threads = ThreadStore(sealer: service.sealer, digestKey: service.derivedKey("words"))
            answers(service.registry, threads)
            let readers = FindReaders(
                database: service, bus: service.bus, facts: service.registry.facts, householdKey: service.derivedKey("households"))
            service.work("learn-zone") { try await learnZone(of: service) }
            service.work("watch-promises") { try await watchPromises(of: service) }
            service.work("learn-leave") { try await learnLeave(of: service) }
            service.work("find-readers") { try await readers.run() }
            service.work("write-to-readers") { try await WriteToReaders(database: service, threads: threads).run() }
        }
    }

    static func answers(_ service: Registry, _ threads: ThreadStore) {
        service.treating(by: threadsThatTreat)
        service.seals([SealedColumn("thread", "subject"), SealedColumn("message", "body"), SealedColumn("message", "attachment_name"),
            SealedColumn("staff_message", "body"), .ofNobody("outreach", "subject"), .ofNobody("outreach", "body")])
        service.answer(ReadRecipients.self, to: .ownWishes, with: readRecipients)
        service.answer(AskQuestion.self, to: .ownWishes, with: threads.askQuestion)
        service.answer(WriteMessage.self, to: .writing, with: threads.writeMessage)
        service.answer(WriteInCall.self, to: .speaking, with: threads.writeInCall)
        service.answer(RetractMessage.self, to: .writing, with: threads.retractMessage)
        service.answer(MarkRead.self, to: .writing, with: markRead)
        service.answer(ReadThreads.self, to: .writing, with: threads.readThreads)
        service.answer(ReadThread.self, to: .writing, with: threads.readThread)
        service.answer(ReadInbox.self, to: .inbox) { [facts = service.facts] in try await threads.readInbox($0, $1, $2, facts) }
        service.answer(ReadPosition.self, to: .writing, with: readPosition)
        service.answer(ReadInboxPosition.self, to: .inbox, with: readInboxPosition)
        service.answer(MoveThread.self, to: .answering, with: threads.moveThread)
        service.answer(ReadStaffMessages.self, to: .amongStaff, with: threads.readStaffMessages)
        service.answer(WriteStaffMessage.self, to: .amongStaff, with: threads.writeStaffMessage)
        service.answer(ReadPools.self, to: .pools, with: readPools)
        service.answer(KeepPool.self, to: .pools, with: keepPool)
        service.answer(PrepareOutreach.self, to: .toMany, with: threads.prepareOutreach)
        service.answer(ReadOutreaches.self, to: .toMany, with: threads.readOutreaches)
        service.answer(ReadOutreach.self, to: .toMany, with: threads.readOutreach)
        service.answer(SendOutreach.self, to: .toMany, with: threads.sendOutreach)
        service.answer(ChooseOutreach.self, to: .ownWishes, with: chooseOutreach)
        service.on(LeaveChanged.self, "note-absence-on-leave-changed", do: noteAbsenceOnLeaveChanged)
        service.on(VisitStarted.self, "note-call-on-visit-started", do: noteCallOnVisitStarted)
        service.on(VisitEnded.self, "note-call-on-visit-ended", do: noteCallOnVisitEnded)
        service.on(CareTeamChanged.self, "note-team-on-care-team-changed", do: DecisionFacts.noteTeamOnCareTeamChanged)
        service.on(WorkplaceChanged.self, "note-workplace-on-workplace-changed", do: DecisionFacts.noteWorkplaceOnWorkplaceChanged)
        service.on(ConsentChanged.self, "note-consent-on-consent-changed", do: DecisionFacts.noteConsentOnConsentChanged)
        service.on(GlassWasBroken.self, "note-grant-on-glass-broken", do: DecisionFacts.noteGrantOnGlassBroken)
    }
}
