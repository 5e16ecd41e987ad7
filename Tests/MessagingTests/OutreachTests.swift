import Access
import Contracts
import Crypto
import Foundation
import MessageBus
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Messaging

/// What scheduling, records and identity would answer.
private final class Owners: Bus {
    struct Facts {
        var visitors: [ID<Patient>] = []
        var contacts: [ID<Patient>: Contact] = [:]
        var absences: [LeaveChanged] = []
        var isAway = false
    }

    let facts = Mutex(Facts())

    func request<R: Request>(_ request: R, as token: ActorToken?, within timeout: Duration) async throws(BusError) -> Answer<R> {
        let facts = facts.withLock { $0 }
        guard !facts.isAway else { throw .unavailable }
        switch request {
        case let query as ReadVisitors:
            // Two a page.
            let rest = facts.visitors.sorted().filter { visitor in query.after.map { visitor > $0 } ?? true }
            if let reply = Visitors(patients: Array(rest.prefix(2))) as? R.Reply { return .done(reply) }
        case let query as ReadContact:
            if let reply = facts.contacts[query.patient] as? R.Reply { return .done(reply) }
            if let refusal = RecordRefusal.notFound as? R.Refusal { return .refused(refusal) }
        case let query as ReadPortalAccess:
            let isThere = facts.contacts[query.patient]?.name != "No portal"
            if let reply = ReadPortalAccess.Reply(since: isThere ? .distantPast : nil) as? R.Reply { return .done(reply) }
        case let query as ReadLeave:
            let rest = facts.absences.sorted { $0.absence < $1.absence }.filter { one in query.after.map { one.absence > $0 } ?? true }
            if let reply = LeaveThere(absences: Array(rest.prefix(1))) as? R.Reply { return .done(reply) }
        default: break
        }
        throw .failed
    }
}

/// One message to many: each of those who were seen gets it once, and nobody else.
@Suite struct OutreachTests {
    private struct Desk: Sendable {
        let office: Office
        let owners = Owners()

        var database: ServiceUnderTest { office.test }
        var readers: FindReaders {
            FindReaders(
                database: database, bus: owners, facts: office.test.registry.facts, householdKey: SymmetricKey(data: Data(repeating: 7, count: 32)))
        }

        func writer(_ threads: ThreadStore) -> WriteToReaders { WriteToReaders(database: database, threads: threads) }

        /// Somebody the doctor treats.
        func patient(_ name: String = "Ana", email: String? = nil, deceased: Bool = false, practice: Bool? = nil, treated: Bool = true) async throws
            -> ID<Patient>
        {
            let patient = ID<Patient>()
            let contact = Contact(
                patient: patient, version: 1, name: name, email: email ?? "\(patient)@example.org", deceased: deceased, practice: practice)
            owners.facts.withLock { $0.contacts[patient] = contact }
            guard treated else { return patient }
            let team = CareTeamChanged(team: .init(), version: 1, patient: patient, members: [office.okafor])
            try await office.test.hear(team, handler: "note-team-on-care-team-changed")
            return patient
        }

        func prepare(
            _ cohort: OutreachCohort, _ purpose: ThreadPurpose = .medical, oneEach: Bool = true, as token: ActorToken
        ) async throws -> Answer<PrepareOutreach> {
            let command = PrepareOutreach(
                outreach: .init(), cohort: cohort, purpose: purpose, subject: "We are closed", text: "Please come at noon.", onePerHousehold: oneEach,
                key: .v7())
            return try await office.bus.request(command, as: token)
        }

        func seen(_ outreach: ID<Outreach>, as token: ActorToken) async throws -> OutreachView {
            while try await readers.round() {}
            guard case .done(let view) = try await office.bus.request(ReadOutreach(outreach: outreach), as: token) else { throw Unexpected("none") }
            return view
        }

        func send(_ outreach: ID<Outreach>, _ chosen: Int, as token: ActorToken) async throws -> Answer<SendOutreach> {
            try await office.bus.request(SendOutreach(outreach: outreach, chosen: chosen, key: .v7()), as: token)
        }
    }

    private func open(_ body: (Desk, ThreadStore) async throws -> Void) async throws {
        try await Office.open { office in
            let store = ThreadStore(sealer: office.test.sealer, digestKey: SymmetricKey(data: Data(repeating: 9, count: 32)))
            try await body(Desk(office: office), store)
        }
    }

    @Test func whoGetsItIsSeenBeforeAndEachGetsItOnce() async throws {
        try await open { desk, store in
            let (office, doctor) = (desk.office, try await desk.office.clinician(desk.office.okafor))
            let maria = Contact(patient: office.patient, version: 1, name: "Maria", email: "m@example.org")
            desk.owners.facts.withLock { $0.contacts[office.patient] = maria }
            let (one, two) = (try await desk.patient(email: "home@example.org"), try await desk.patient(email: "HOME@example.org"))
            let gone = [
                try await desk.patient(deceased: true), try await desk.patient(practice: true), try await desk.patient("No portal"),
            ]
            let outreach = try #require(try await desk.prepare(OutreachCohort(practitioner: office.okafor), as: doctor).reply?.outreach)
            #expect(try await desk.send(outreach, 0, as: doctor).refusal == .notReady)
            let seen = try await desk.seen(outreach, as: doctor)
            #expect(seen.line.state == .ready && seen.line.chosen == 2 && seen.line.leftOut == 4 && seen.text == "Please come at noon.")
            #expect(Set(seen.reasons.map(\.reason)) == [.deceased, .practice, .noPortal, .household])
            #expect(Set(seen.leftOut.map(\.patient)) == Set(gone + [max(one, two)]))
            // Whoever wrote it and administrators see it; only whoever wrote it sends it.
            #expect(try await office.bus.request(ReadOutreach(outreach: outreach), as: office.clinician(office.raman)).refusal == .notFound)
            #expect(try await office.bus.ask(ReadOutreaches(), as: office.keys.staff(.administrator)).outreaches.map(\.subject) == ["We are closed"])
            #expect(try await desk.send(outreach, 2, as: office.keys.staff(.administrator)).refusal == .notFound)
            #expect(try await desk.send(outreach, 3, as: doctor).refusal == .changedMeanwhile)
            for _ in 0..<2 { #expect(try await desk.send(outreach, 2, as: doctor).reply != nil) }
            // However many write at once.
            let writer = desk.writer(store)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { while try await writer.round() ?? 0 > 0 {} } }
                try await group.waitForAll()
            }
            while try await writer.round() != nil {}
            #expect(try await office.sql("SELECT count(*) FROM message", as: Int.self) == 2)
            #expect(try await office.sql("SELECT count(DISTINCT patient) FROM thread WHERE state = 'answered'", as: Int.self) == 2)
            #expect(try await Set(office.test.emitted(MessageSent.self).map(\.patient)) == [office.patient, min(one, two)])
            #expect(try await desk.seen(outreach, as: doctor).line.state == .sent)
        }
    }

    /// Who wants none is left out, also where they said so after they were chosen; who wants them again gets the next.
    @Test func whoWantsNoneGetsNone() async throws {
        try await open { desk, store in
            let (office, doctor) = (desk.office, try await desk.office.clinician(desk.office.okafor))
            let maria = Contact(patient: office.patient, version: 1, name: "Maria", email: "m@example.org")
            desk.owners.facts.withLock { $0.contacts[office.patient] = maria }
            let (before, after) = (try await desk.patient(), try await desk.patient())
            func choose(_ patient: ID<Patient>, _ wanted: Bool) async throws {
                let me = try await office.keys.patient(patient)
                for _ in 0..<2 { _ = try await office.bus.ask(ChooseOutreach(patient: patient, wanted: wanted, key: .v7()), as: me) }
                #expect(try await office.bus.ask(ReadThreads(patient: patient), as: me).wantsOutreach == wanted)
            }
            func write() async throws -> OutreachView {
                let outreach = try #require(try await desk.prepare(OutreachCohort(practitioner: office.okafor), as: doctor).reply?.outreach)
                let seen = try await desk.seen(outreach, as: doctor)
                if seen.line.chosen == 2 { try await choose(after, false) }
                _ = try await desk.send(outreach, seen.line.chosen, as: doctor)
                while try await desk.writer(store).round() != nil {}
                return try await desk.seen(outreach, as: doctor)
            }
            try await choose(before, false)
            let first = try await write()
            #expect(first.line.state == .sent && Set(first.leftOut.map(\.patient)) == [before, after])
            #expect(Set(first.reasons.map(\.reason)) == [.notWanted])
            #expect(try await office.sql("SELECT count(DISTINCT patient) FROM thread", as: Int.self) == 1)
            try await choose(before, true)
            let second = try await write()
            #expect(Set(second.leftOut.map { "\($0.patient) \($0.reason)" }) == ["\(office.patient) lately", "\(after) notWanted"])
            #expect(try await office.bus.ask(ReadThreads(patient: before), as: office.keys.patient(before)).total == 1)
        }
    }

    /// A copy is a thread like any other; until its reader writes, nobody treats them for it.
    @Test func aCopyIsReadAndAnswered() async throws {
        try await open { desk, store in
            let (office, doctor) = (desk.office, try await desk.office.clinician(desk.office.okafor))
            let maria = Contact(patient: office.patient, version: 1, name: "Maria", email: "m@example.org")
            desk.owners.facts.withLock { $0.contacts[office.patient] = maria }
            let outreach = try #require(try await desk.prepare(OutreachCohort(practitioner: office.okafor), as: doctor).reply?.outreach)
            #expect(try await desk.seen(outreach, as: doctor).line.chosen == 1)
            _ = try await desk.send(outreach, 1, as: doctor)
            while try await desk.writer(store).round() != nil {}
            let mine = try await office.bus.ask(ReadThreads(patient: office.patient), as: office.patientToken())
            let thread = try #require(mine.threads.first)
            #expect(mine.total == 1 && thread.unread == 1 && thread.subject == "We are closed" && thread.state == .answered)
            let view = try await office.view(thread.thread)
            #expect(view.messages.map(\.text) == ["Please come at noon."] && view.messages.first?.practitioner == office.okafor)
            await #expect(throws: BusError.notAllowed) {
                _ = try await office.bus.request(ReadThread(patient: office.patient, thread: thread.thread), as: office.clinician(office.byrne))
            }
            #expect(try await office.write("What time exactly?", in: thread.thread).reply != nil)
            #expect(try await office.bus.ask(ReadInbox(), as: doctor).threads.map(\.thread) == [thread.thread])
            // Nobody gets two in a day.
            let next = try #require(try await desk.prepare(OutreachCohort(practitioner: office.okafor), as: doctor).reply?.outreach)
            let seen = try await desk.seen(next, as: doctor)
            #expect(seen.line.chosen == 0 && seen.reasons.map(\.reason) == [.lately])
            #expect(try await desk.send(next, 0, as: doctor).refusal == .notReady)
        }
    }

    /// By days of visits, page by page; whom a clinician may not know of is a number to them.
    @Test func visitorsOfSomeDaysAreAskedForAndDecidedOn() async throws {
        try await open { desk, _ in
            let (office, doctor) = (desk.office, try await desk.office.clinician(desk.office.okafor))
            var visitors: [ID<Patient>] = []
            for treated in [true, false, true, false, false] { visitors.append(try await desk.patient(treated: treated)) }
            desk.owners.facts.withLock { ($0.visitors, $0.isAway) = (visitors, true) }
            let days = OutreachCohort(from: "2026-12-01", until: "2026-12-04")
            let theirs = try #require(try await desk.prepare(days, as: doctor).reply?.outreach)
            #expect(try await desk.seen(theirs, as: doctor).line.state == .gathering)
            desk.owners.facts.withLock { $0.isAway = false }
            let seen = try await desk.seen(theirs, as: doctor)
            #expect(seen.line.chosen == 2 && seen.reasons == [OutreachView.Count(reason: .notAllowed, count: 3)] && seen.leftOut == [])
            let front = try await office.keys.staff(.frontDesk)
            let all = try #require(try await desk.prepare(days, .appointment, as: front).reply?.outreach)
            #expect(try await desk.seen(all, as: front).line.chosen == 5)
        }
    }

    @Test func whatIsNoCohortOrNotTheirsIsRefused() async throws {
        try await open { desk, _ in
            let (front, doctor) = (try await desk.office.keys.staff(.frontDesk), try await desk.office.clinician(desk.office.okafor))
            let refused = [
                OutreachCohort(), OutreachCohort(from: "2026-12-04", until: "2026-12-01"), OutreachCohort(from: "2026-12-01", until: "2027-12-01"),
                OutreachCohort(from: "2026-02-30", until: "2026-03-01"), OutreachCohort(from: "soon", until: "later"), OutreachCohort(service: "x"),
                OutreachCohort(from: "2026-12-01"),
            ]
            for cohort in refused { #expect(try await desk.prepare(cohort, .appointment, as: front).refusal == .noCohort) }
            let days = OutreachCohort(from: "2026-12-01", until: "2026-12-01")
            // The desk writes about no medicine, and clinicians about no bills.
            #expect(try await desk.prepare(days, .medicine, as: front).refusal == .notFound)
            #expect(try await desk.prepare(days, .bill, as: doctor).refusal == .notFound)
            for _ in 0..<10 { #expect(try await desk.prepare(days, .appointment, as: front).reply != nil) }
            #expect(try await desk.prepare(days, .appointment, as: front).refusal == .tooMany)
        }
    }

    /// What was entered before this service heard of absences is asked for once, and goes on where it ended.
    @Test func leaveThatWasThereBeforeIsLearnt() async throws {
        try await open { desk, _ in
            let now = Date()
            let absences = (1...3).map { day in
                LeaveChanged(
                    absence: .v7(), practitioner: desk.office.okafor, from: now.addingTimeInterval(Double(day) * 86_400),
                    until: now.addingTimeInterval(Double(day) * 86_400 + 3_600))
            }
            desk.owners.facts.withLock { $0.absences = absences }
            // The first was heard of, and has ended, meanwhile.
            var ended = absences[0]
            ended.ended = true
            try await desk.office.test.hear(ended, handler: "note-absence-on-leave-changed")
            try await learnLeave(desk.owners, desk.database)
            #expect(try await desk.office.sql("SELECT count(*) FROM absence WHERE NOT ended", as: Int.self) == 2)
            #expect(try await desk.office.sql("SELECT is_over FROM leave_learnt", as: Bool.self) == true)
            desk.owners.facts.withLock { $0.isAway = true }
            try await learnLeave(desk.owners, desk.database)
        }
    }
}
