import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Messaging

/// A question, its answer, and what becomes of it.
@Suite struct ThreadTests {
    @Test func aQuestionIsAnsweredAndReadByBothSides() async throws {
        try await Office.open { office in
            let thread = try await office.asked("May I stop the tablets?")
            let doctor = try await office.clinician(office.okafor)
            let inbox = try await office.bus.ask(ReadInbox(), as: doctor)
            #expect(inbox.threads.map(\.thread) == [thread] && inbox.total == 1 && inbox.threads.first?.unread == 1)
            let seen = try await office.view(thread, as: doctor)
            #expect(seen.messages.map(\.text) == ["May I stop the tablets?"] && seen.messages.first?.read == nil && seen.next == nil)
            let mark = MarkRead(patient: office.patient, thread: thread, until: seen.asOf, key: .v7())
            _ = try await office.bus.request(mark, as: doctor)
            let read = try #require(try await office.view(thread).messages.first)
            #expect(read.read != nil && read.readBy == office.okafor && read.isOwn)
            #expect(try await office.answer("Please do not.\nSit down first.", in: thread, as: doctor).reply?.version == 2)
            #expect(try await office.bus.ask(ReadInbox(), as: doctor).threads == [])
            let mine = try await office.bus.ask(ReadThreads(patient: office.patient), as: office.patientToken())
            #expect(mine.unread == 1 && mine.total == 1 && mine.threads.first?.state == .answered && mine.threads.first?.owner == office.okafor)
            // Asking on is the clinic's turn again, and a new promise.
            #expect(try await office.write("And the salt?", in: thread).reply?.version == 3)
            #expect(try await office.view(thread).line.state == .waiting)
            let sent = try await office.test.emitted(MessageSent.self)
            #expect(sent.map(\.isFromPatient) == [true, false, true] && sent.allSatisfy { $0.thread == thread })
        }
    }

    /// The key, two clicks, and two devices.
    @Test func whatIsSentAgainIsOneMessage() async throws {
        try await Office.open { office in
            let key = UUID.v7()
            let answers = try await withThrowingTaskGroup(of: ID<MessageThread>?.self) { group in
                for number in 0..<6 {
                    group.addTask { try await office.ask("May I stop?", key: number < 3 ? key : .v7()).reply?.thread }
                }
                return try await group.reduce(into: [ID<MessageThread>?]()) { $0.append($1) }
            }
            #expect(answers.count == 6 && !answers.contains(nil) && Set(answers).count == 1)
            #expect(try await office.sql("SELECT count(*) FROM message", as: Int.self) == 1)
            #expect(try await office.sql("SELECT count(*) FROM thread", as: Int.self) == 1)
            let thread = try #require(answers.first ?? nil)
            let again = UUID.v7()
            for _ in 0..<3 { #expect(try await office.write("Thank you", in: thread, key: again).reply != nil) }
            #expect(try await office.write("Thank you", in: thread).reply != nil)
            #expect(try await office.sql("SELECT count(*) FROM message", as: Int.self) == 2)
            #expect(try await office.test.emitted(MessageSent.self).count == 2)
        }
    }

    /// What the other side has said since is answered by the same words; nothing of it is taken for a second click.
    @Test func theSameWordsAfterAnAnswerAreAMessageOfTheirOwn() async throws {
        try await Office.open { office in
            let thread = try await office.asked("May I stop?")
            let doctor = try await office.clinician(office.okafor)
            for version in [2, 4, 6] {
                #expect(try await office.answer("Please call us.", in: thread, as: doctor).reply?.version == version)
                #expect(try await office.view(thread).line.state == .answered)
                for _ in 0..<2 { #expect(try await office.write("Yes", in: thread).reply?.version == version + 1) }
                #expect(try await office.view(thread).line.state == .waiting)
            }
            #expect(try await office.sql("SELECT count(*) FROM message", as: Int.self) == 7)
            // An answer that was taken back, and never read, was none.
            #expect(try await office.answer("Wait.", in: thread, as: doctor).reply?.version == 8)
            let last = try #require(try await office.view(thread).messages.last?.message)
            let retract = RetractMessage(patient: office.patient, thread: thread, message: last, key: .v7())
            #expect(try await office.bus.request(retract, as: doctor).reply?.version == 9)
            #expect(try await office.write("Yes", in: thread).reply?.version == 9)
            #expect(try await office.sql("SELECT count(*) FROM message", as: Int.self) == 8)
            // A question that was answered may be asked anew.
            #expect(try await office.ask("May I stop?").reply?.thread == thread)
            #expect(try await office.answer("Not yet.", in: thread, as: doctor).reply?.version == 10)
            let anew = try #require(try await office.ask("May I stop?").reply?.thread)
            #expect(anew != thread)
            #expect(try await office.view(anew).line.state == .waiting)
        }
    }

    @Test func aPromiseThatWasNotShownIsNotKept() async throws {
        try await Office.open { office in
            guard case .promised(let promise)? = try await office.ask("May I stop?", promised: Date()).refusal else { throw Unexpected("taken") }
            #expect(try await office.ask("May I stop?", promised: promise.by.instant).reply != nil)
            #expect(try await office.sql("SELECT promised_at FROM thread", as: Date.self) == promise.by.instant)
        }
    }

    @Test(arguments: ["I have chest pain since noon", "Tengo DOLOR  de pecho", "no puedo\nrespirar", "me desmayé", "I can\u{2019}t breathe"])
    func whatReadsLikeAnEmergencyIsSentOnceTheyKnow(_ text: String) async throws {
        try await Office.open { office in
            #expect(try await office.ask(text).refusal == .urgent)
            #expect(try await office.sql("SELECT count(*) FROM message", as: Int.self) == 0)
            let thread = try #require(try await office.ask(text, knowsUrgent: true).reply?.thread)
            #expect(try await office.view(thread).line.isUrgent)
            #expect(try await office.write("Still: \(text)", in: thread).refusal == .urgent)
            #expect(try await office.write("Still: \(text)", in: thread, knowsUrgent: true).reply != nil)
        }
    }

    @Test func whatNobodyHasReadIsTakenBack() async throws {
        try await Office.open { office in
            let (thread, me) = (try await office.asked("May I stop?"), try await office.patientToken())
            let doctor = try await office.clinician(office.okafor)
            func retract(_ message: ID<ThreadMessage>, _ token: ActorToken) async throws -> Answer<RetractMessage> {
                try await office.bus.request(RetractMessage(patient: office.patient, thread: thread, message: message, key: .v7()), as: token)
            }
            #expect(try await retract(ID(thread.uuid), doctor).refusal == .notFound)
            #expect(try await retract(ID(thread.uuid), me).reply != nil)
            #expect(try await retract(ID(thread.uuid), me).reply != nil)
            let view = try await office.view(thread, as: doctor)
            #expect(view.line.state == .closed && view.messages.first?.text == "" && view.messages.first?.retracted != nil)
            // Once read it stays.
            #expect(try await office.write("I ask anew", in: thread).reply != nil)
            let message = try #require(try await office.view(thread, as: doctor).messages.last)
            _ = try await office.bus.request(MarkRead(patient: office.patient, thread: thread, until: Date(), key: .v7()), as: doctor)
            #expect(try await retract(message.message, me).refusal == .alreadyRead)
        }
    }

    @Test func wordsAreFoundInOnesOwnThreads() async throws {
        try await Office.open { office in
            let thread = try await office.asked("¿Puedo tomar azúcar con la medicación?")
            _ = try await office.asked("When is my visit?", .appointment)
            let (me, other) = (try await office.patientToken(), try await office.keys.patient(.init()))
            func found(_ words: String) async throws -> [ID<MessageThread>] {
                try await office.bus.ask(ReadThreads(patient: office.patient, search: words), as: me).threads.map(\.thread)
            }
            #expect(try await found("AZUCAR medicacion") == [thread])
            #expect(try await found("azucar visit") == [])
            #expect(try await found("question").count == 2)
            await #expect(throws: BusError.notAllowed) {
                try await office.bus.ask(ReadThreads(patient: office.patient, search: "azucar"), as: other)
            }
        }
    }

    /// The desk has its own; what is about health is not among it, also not by its address.
    @Test func eachSeesThePoolsOfTheirRole() async throws {
        try await Office.open { office in
            let (health, visit) = (try await office.asked("May I stop?"), try await office.asked("When is my visit?", .appointment))
            let (desk, doctor) = (try await office.keys.staff(.frontDesk), try await office.clinician(office.okafor))
            #expect(try await office.bus.ask(ReadInbox(), as: desk).threads.map(\.thread) == [visit])
            #expect(try await office.bus.ask(ReadInbox(), as: doctor).threads.map(\.thread) == [health])
            let query = ReadThread(patient: office.patient, thread: health)
            #expect(try await office.bus.request(query, as: desk).refusal == .notFound)
            // Handed over it is the other's, with the promise it had.
            let promised = try await office.view(visit).line.promised
            #expect(try await office.move(visit, .handOver(pool: "care"), as: desk).reply != nil)
            #expect(try await office.bus.ask(ReadInbox(), as: desk).threads == [])
            #expect(try await office.bus.ask(ReadInbox(), as: doctor).threads.count == 2)
            #expect(try await office.view(visit).line.promised == promised)
        }
    }

    /// Whoever was asked for before is promised no more: they may not even see it.
    @Test func whatWasHandedOverIsAnsweredByWhoeverHasItThen() async throws {
        try await Office.open { office in
            let thread = try await office.asked("May I stop?", of: office.okafor)
            let (doctor, desk) = (try await office.clinician(office.okafor), try await office.keys.staff(.frontDesk))
            #expect(try await office.answer("Come in.", in: thread, as: doctor).reply != nil)
            #expect(try await office.view(thread).next?.owner == office.okafor)
            #expect(try await office.move(thread, .handOver(pool: "desk"), as: doctor).reply != nil)
            #expect(try await office.view(thread).next.map { $0.pool == "desk" && $0.owner == nil } == true)
            #expect(try await office.write("When?", in: thread).reply != nil)
            let line = try await office.view(thread).line
            #expect(line.pool == "desk" && line.owner == nil)
            // Nor is somebody named while a colleague of the desk has it.
            #expect(try await office.answer("On Monday.", in: thread, as: desk).reply != nil)
            #expect(try await office.view(thread).next?.owner == nil)
        }
    }

    /// A page on which nothing is theirs is passed over, and says whether more comes.
    @Test func whatIsTheirsIsFoundBehindWhatIsNot() async throws {
        try await Office.open { office in
            let stranger = ID<Practitioner>()
            let thread = try await office.asked("May I stop?")
            let team = CareTeamChanged(team: .init(), version: 1, patient: office.patient, members: [stranger])
            try await office.test.hear(team, handler: "note-team-on-care-team-changed")
            try await office.run(
                """
                INSERT INTO thread (id, patient, purpose, subject, state, pool, waiting_since, promised_at, zone, next_at, opened_at, changed_at)
                SELECT gen_random_uuid(), gen_random_uuid(), t.purpose, t.subject, t.state, t.pool, t.waiting_since,
                    t.promised_at - interval '1 minute', t.zone, t.next_at, t.opened_at, t.changed_at
                FROM thread t CROSS JOIN generate_series(1, 60)
                """)
            let inbox = try await office.bus.ask(ReadInbox(), as: office.clinician(stranger))
            #expect(inbox.threads.map(\.thread) == [thread] && inbox.page == 1 && inbox.hasMore == false && inbox.total == 1)
            let all = try await office.bus.ask(ReadInbox(), as: office.clinician(office.okafor))
            #expect(all.threads.count == 50 && all.page == 0 && all.hasMore == true && all.total == 61)
        }
    }

    @Test func twoDoNotAnswerAtOnce() async throws {
        try await Office.open { office in
            let thread = try await office.asked("May I stop?")
            let (first, second) = (try await office.clinician(office.okafor), try await office.clinician(office.raman))
            #expect(try await office.answer("No.", in: thread, version: 1, as: first).reply != nil)
            #expect(try await office.answer("Yes.", in: thread, version: 1, as: second).refusal == .changedMeanwhile)
            #expect(try await office.move(thread, .take, as: second).reply != nil)
            #expect(try await office.view(thread, as: second).line.isMine)
            #expect(try await office.move(thread, .give(practitioner: .init()), as: second).refusal == .notFound)
            #expect(try await office.move(thread, .give(practitioner: office.byrne), as: second).reply != nil)
            #expect(try await office.view(thread).line.owner == office.byrne)
            #expect(try await office.move(thread, .close, as: first).reply != nil)
            #expect(try await office.move(thread, .take, as: first).refusal == .closed)
            #expect(try await office.move(thread, .reopen, as: first).reply != nil)
            #expect(try await office.view(thread).line.state == .waiting)
        }
    }

    @Test func whatWasClosedLongAgoStaysClosed() async throws {
        try await Office.open { office in
            let thread = try await office.asked("May I stop?")
            #expect(try await office.move(thread, .close, as: office.clinician(office.okafor)).reply != nil)
            #expect(try await office.write("One more thing", in: thread).reply != nil)
            #expect(try await office.move(thread, .close, as: office.clinician(office.okafor)).reply != nil)
            try await office.run("UPDATE thread SET changed_at = now() - interval '31 days'")
            #expect(try await office.view(thread).next == nil)
            #expect(try await office.write("And another", in: thread).refusal == .closed)
        }
    }

    @Test func whatSaysNothingOrTooMuchIsRefused() async throws {
        try await Office.open { office in
            #expect(try await office.ask(" \n ").refusal == .empty)
            #expect(try await office.ask(String(repeating: "x", count: 5_001)).refusal == .tooLong)
            // Only those who treat her can be asked for.
            let promised = try await office.recipients().purposes.first?.promise.by.instant
            #expect(try await office.ask("Hello", of: office.byrne, promised: promised).refusal == .notFound)
            #expect(try await office.ask("Hello", .appointment, of: office.okafor).refusal == .notFound)
        }
    }

    @Test func whatIsKeptIsSealed() async throws {
        try await Office.open { office in
            _ = try await office.asked("qzcanary in the body")
            let found = try await office.sql(
                """
                SELECT count(*) FROM message m JOIN thread t ON t.id = m.thread
                WHERE position('qzcanary'::bytea IN m.body) > 0 OR position('question'::bytea IN t.subject) > 0
                """, as: Int.self)
            #expect(found == 0)
        }
    }

    /// Where an open page stands: every change moves it, for those who see the thread and for nobody else.
    @Test func everyChangeMovesThePosition() async throws {
        try await Office.open { office in
            let (me, doctor, desk) = (
                try await office.patientToken(), try await office.clinician(office.okafor), try await office.keys.staff(.frontDesk)
            )
            func positions(_ thread: ID<MessageThread>) async throws -> [Int] {
                [
                    try await office.bus.ask(ReadPosition(patient: office.patient, thread: thread), as: me).position,
                    try await office.bus.ask(ReadPosition(patient: office.patient), as: me).position,
                    try await office.bus.ask(ReadPosition(patient: office.patient, thread: thread), as: doctor).position,
                    try await office.bus.ask(ReadInboxPosition(), as: doctor).position,
                    try await office.bus.ask(ReadInboxPosition(), as: desk).position,
                ]
            }
            let thread = try await office.asked("May I stop the tablets?")
            #expect(try await positions(thread) == [3, 3, 3, 3, 0])
            let view = try await office.view(thread)
            #expect(view.line.version == 1)
            #expect(try await office.move(thread, .take, as: doctor).reply != nil)
            #expect(try await office.answer("Please do not.", in: thread, as: doctor).reply != nil)
            #expect(try await positions(thread) == [9, 9, 9, 9, 0])
            let other = try await office.asked("When are you open?", .appointment)
            #expect(try await positions(other) == [3, 12, 0, 9, 3])
            #expect(try await office.bus.ask(ReadThreads(patient: office.patient), as: me).position == 12)
            #expect(try await office.bus.ask(ReadInbox(), as: doctor).position == 9)
        }
    }

    /// The billing office has what is asked about bills, and nothing else; the desk no longer does.
    @Test func questionsAboutBillsGoToTheBillingOffice() async throws {
        try await Office.open { office in
            let (bill, visit) = (try await office.asked("What is this line?", .bill), try await office.asked("When may I come?", .appointment))
            let (billing, desk) = (try await office.keys.staff(.billingOffice), try await office.keys.staff(.frontDesk))
            #expect(try await office.bus.ask(ReadInbox(), as: billing).threads.map(\.thread) == [bill])
            #expect(try await office.bus.ask(ReadInbox(), as: desk).threads.map(\.thread) == [visit])
            let both = try await office.bus.ask(ReadInbox(), as: office.keys.staff(.administrator)).threads.map(\.thread)
            #expect(Set(both) == [bill, visit])
            #expect(try await office.bus.request(ReadThread(patient: office.patient, thread: visit), as: billing).refusal == .notFound)
            #expect(try await office.move(bill, .take, as: billing).reply != nil)
            #expect(try await office.answer("It is the lab's.", in: bill, as: billing).reply != nil)
            #expect(try await office.view(bill).messages.map(\.text) == ["What is this line?", "It is the lab's."])
            #expect(try await office.move(bill, .handOver(pool: "desk"), as: billing).reply != nil)
            #expect(try await office.bus.request(ReadThread(patient: office.patient, thread: bill), as: billing).refusal == .notFound)
        }
    }

    /// How long patients wait, by pool: from the first thing they wrote until the clinic did.
    @Test func howLongAnswersTookIsToldByPool() async throws {
        try await Office.open { office in
            let doctor = try await office.clinician(office.okafor)
            for minutes in [10, 20, 90] {
                let thread = try await office.asked("Wait \(minutes)?")
                #expect(try await office.write("And \(minutes)?", in: thread).reply != nil)
                try await office.run("UPDATE message SET at = at - make_interval(mins => \(minutes)::int) WHERE thread = \(thread.uuid)")
                #expect(try await office.answer("Yes.", in: thread, as: doctor).reply != nil)
            }
            _ = try await office.asked("Nobody answers", .appointment)
            let answered = try await office.bus.ask(ReadPools(), as: office.keys.operator()).answered
            #expect(answered == [AnswerTimes(pool: "care", count: 3, median: 20, p95: 90)])
        }
    }

    /// Also with what begins a thread; sent again it is the same one.
    @Test func aQuestionBringsAFile() async throws {
        try await Office.open { office in
            let promised = try #require(try await office.recipients().purposes.first { $0.purpose == .medicine }?.promise.by.instant)
            func ask(_ name: String, _ document: ID<Resource> = .init()) async throws -> Answer<AskQuestion> {
                let command = AskQuestion(
                    patient: office.patient, thread: .init(), purpose: .medicine, subject: "A rash", text: "What is this?", promised: promised,
                    attachment: MessageAttachment(document: document, name: name), key: .v7())
                return try await office.bus.request(command, as: office.patientToken())
            }
            let document = ID<Resource>()
            let thread = try #require(try await ask("rash.jpg", document).reply?.thread)
            #expect(try await ask("rash.jpg", document).reply?.thread == thread)
            #expect(try await office.view(thread).messages.map(\.attachment) == [MessageAttachment(document: document, name: "rash.jpg")])
            #expect(try await ask("").refusal == .tooLong)
        }
    }

    /// A document that came with a message is named at both sides, until the message is taken back; its name is sealed like the words.
    @Test func whatCameWithAMessageIsNamedAtBothSides() async throws {
        try await Office.open { office in
            let thread = try await office.asked("May I stop the tablets?")
            let doctor = try await office.clinician(office.okafor)
            let file = MessageAttachment(document: .init(), name: "rash.jpg")
            func send(_ attachment: MessageAttachment, key: UUID = .v7()) async throws -> Answer<WriteMessage> {
                let next = try await office.view(thread).next?.by.instant
                let command = WriteMessage(
                    patient: office.patient, thread: thread, text: "It looks like this.", promised: next, attachment: attachment, key: key)
                return try await office.bus.request(command, as: office.patientToken())
            }
            let key = UUID.v7()
            #expect(try await send(file, key: key).reply?.version == 2)
            // The same again is one message; the same words with another picture are not.
            #expect(try await send(file).reply?.version == 2)
            #expect(try await send(MessageAttachment(document: .init(), name: "other.jpg")).reply?.version == 3)
            #expect(try await send(MessageAttachment(document: .init(), name: "")).refusal == .tooLong)
            for token in [doctor, try await office.patientToken()] {
                #expect(try await office.view(thread, as: token).messages.map(\.attachment?.name) == [nil, "rash.jpg", "other.jpg"])
                #expect(try await office.view(thread, as: token).messages.dropFirst().first?.attachment == file)
            }
            let inClear: SQL = "SELECT count(*) FROM message WHERE position('rash' IN encode(attachment_name, 'escape')) > 0"
            #expect(try await office.sql(inClear, as: Int.self) == 0)
            let back = RetractMessage(patient: office.patient, thread: thread, message: ID(key), key: .v7())
            #expect(try await office.bus.request(back, as: office.patientToken()).reply != nil)
            #expect(try await office.view(thread, as: doctor).messages.map(\.attachment?.name) == [nil, nil, "other.jpg"])
        }
    }

    /// What staff write to each other no patient's token opens, by rule and by the database; who treats the patient does.
    @Test func amongStaffIsForThoseWhoTreatAndForNobodyElse() async throws {
        try await Office.open { office in
            let (doctor, me) = (try await office.clinician(office.okafor), try await office.patientToken())
            let key = UUID.v7()
            let write = WriteStaffMessage(patient: office.patient, text: " Call them. ", key: key)
            for _ in 0..<3 { #expect(try await office.bus.request(write, as: doctor) == .done(Done())) }
            #expect(try await office.bus.request(WriteStaffMessage(patient: office.patient, text: " ", key: .v7()), as: doctor) == .refused(.empty))
            let read = try await office.bus.ask(ReadStaffMessages(patient: office.patient), as: doctor)
            #expect(read.total == 1 && read.messages.map(\.text) == ["Call them."] && read.messages.first?.practitioner == office.okafor)
            for token in [me, try await office.clinician(.init()), try await office.keys.staff(.frontDesk)] {
                await #expect(throws: BusError.notAllowed) {
                    try await office.bus.ask(ReadStaffMessages(patient: office.patient), as: token)
                }
                await #expect(throws: BusError.notAllowed) { try await office.bus.request(write, as: token) }
            }
            #expect(try await office.bus.ask(ReadThreads(patient: office.patient), as: me).total == 0)
            let mayRead: SQL = "SELECT has_table_privilege('messaging_limited', 'staff_message', 'SELECT, INSERT, UPDATE, DELETE')"
            #expect(try await office.sql(mayRead, as: Bool.self) == false)
        }
    }

    @Test func aQuestionAboutABillLeadsToIt() async throws {
        try await Office.open { office in
            let (bill, key) = (ID<Invoice>(), UUID.v7())
            let promise = try #require(try await office.recipients().purposes.first { $0.purpose == .bill }?.promise)
            let question = AskQuestion(
                patient: office.patient, thread: ID(key), purpose: .bill, subject: "A line", text: "What is it for?", promised: promise.by.instant,
                invoice: bill, key: key)
            #expect(try await office.bus.request(question, as: office.patientToken()).reply != nil)
            for token in [try await office.patientToken(), try await office.keys.staff(.billingOffice)] {
                #expect(try await office.view(ID(key), as: token).line.invoice == bill)
            }
        }
    }
}
