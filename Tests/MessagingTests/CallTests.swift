import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Messaging

/// What the two of a visit by video write to each other while it goes on.
@Suite struct CallTests {
    @Test func whatIsWrittenInACallIsAThreadAfterwards() async throws {
        try await Office.open { office in
            let (visit, doctor) = (ID<Appointment>(), try await office.keys.staff(.clinician, practitioner: office.okafor))
            #expect(try await office.write("Too soon", in: visit, as: office.patientToken()) == .refused(.closed))
            try await office.begin(visit)
            let key = UUID.v7()
            for _ in 0..<2 {
                let answer = try await office.write("What is the dose?", in: visit, key: key, as: office.patientToken())
                #expect(answer == .done(MessageTaken(thread: ID(of: visit), version: 1)))
            }
            #expect(
                try await office.write("5 mg", in: visit, as: doctor) == .done(MessageTaken(thread: ID(of: visit), version: 2)))
            // The same words by another key are another message: one says yes twice.
            _ = try await office.write("5 mg", in: visit, as: doctor)
            let query = ReadThread(patient: office.patient, thread: ID(of: visit))
            guard case .done(let thread) = try await office.bus.request(query, as: office.patientToken()) else { throw Unexpected("no thread") }
            #expect(thread.messages.map(\.text) == ["What is the dose?", "5 mg", "5 mg"])
            #expect(thread.messages.map(\.isFromPatient) == [true, false, false])
            #expect(thread.line.state == .closed && thread.line.subject == "Video visit" && thread.line.level == 0)
            // Nobody waits for an answer, and nobody gets a letter.
            let inbox = try await office.bus.ask(ReadInbox(mine: false), as: doctor)
            #expect(!inbox.threads.contains { $0.thread == ID(of: visit) })
            #expect(try await office.test.emitted(MessageSent.self).isEmpty)
            #expect(try await office.test.emitted(TaskChanged.self).count == 3)
            // What is taken back out of it leaves it closed: nobody was promised anything.
            let last = try #require(thread.messages.last)
            let retract = RetractMessage(patient: office.patient, thread: ID(of: visit), message: last.message, key: .v7())
            #expect(try await office.bus.request(retract, as: doctor).reply != nil)
            let back = RetractMessage(patient: office.patient, thread: ID(of: visit), message: thread.messages[1].message, key: .v7())
            #expect(try await office.bus.request(back, as: doctor).reply != nil)
            #expect(try await office.sql("SELECT state = 'closed' AND next_at IS NULL FROM thread", as: Bool.self) == true)
        }
    }

    @Test func afterTheVisitItIsAMessageLikeAnyOther() async throws {
        try await Office.open { office in
            let visit = ID<Appointment>()
            try await office.begin(visit)
            _ = try await office.write("Thank you", in: visit, as: office.patientToken())
            try await office.end(visit)
            #expect(try await office.write("One more", in: visit, as: office.patientToken()) == .refused(.closed))
            // Heard in the other order it is over as well.
            let other = ID<Appointment>()
            try await office.end(other, at: Date())
            try await office.begin(other, at: Date(timeIntervalSinceNow: -600))
            #expect(try await office.write("Late", in: other, as: office.patientToken()) == .refused(.closed))
            // A visit that was missed, and then took place.
            try await office.begin(other, at: Date(timeIntervalSinceNow: 600))
            guard case .done = try await office.write("Now", in: other, as: office.patientToken()) else { throw Unexpected("refused") }
        }
    }

    @Test func nothingIsWrittenInAnothersCallAndNothingEmpty() async throws {
        try await Office.open { office in
            let (visit, others) = (ID<Appointment>(), ID<Appointment>())
            try await office.begin(visit)
            try await office.test.hear(
                VisitStarted(appointment: others, patient: .init(), practitioner: office.okafor, at: Date()), handler: "note-call-on-visit-started")
            #expect(try await office.write("Hello", in: others, as: office.patientToken()) == .refused(.closed))
            #expect(try await office.write("  ", in: visit, as: office.patientToken()) == .refused(.empty))
            #expect(try await office.write(String(repeating: "x", count: 5_001), in: visit, as: office.patientToken()) == .refused(.tooLong))
        }
    }
}

extension Office {
    fileprivate func begin(_ visit: ID<Appointment>, at: Date = Date()) async throws {
        try await test.hear(
            VisitStarted(appointment: visit, patient: patient, practitioner: okafor, at: at), handler: "note-call-on-visit-started")
    }

    fileprivate func end(_ visit: ID<Appointment>, at: Date = Date(timeIntervalSinceNow: 1)) async throws {
        try await test.hear(
            VisitEnded(appointment: visit, patient: patient, practitioner: okafor, state: .ended, at: at), handler: "note-call-on-visit-ended")
    }

    fileprivate func write(_ text: String, in visit: ID<Appointment>, key: UUID = .v7(), as token: ActorToken) async throws -> Answer<WriteInCall> {
        try await bus.request(WriteInCall(patient: patient, appointment: visit, subject: "Video visit", text: text, key: key), as: token)
    }
}
