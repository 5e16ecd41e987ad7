import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Telemedicine

/// Who is kept waiting for more than ten minutes is told, and chooses.
@Suite struct LateTests {
    @Test func whoWaitsTooLongChooses() async throws {
        try await VisitRoom.open { room in
            _ = try await room.enter()
            #expect(try await room.choose(.phone) == .refused(.notNow(.waiting)), "it has not begun")
            try await room.begin(minutesAgo: 9)
            #expect(try await room.choose(.phone) == .refused(.notNow(.waiting)), "nine minutes are not ten")
            try await room.begin(minutesAgo: 11)
            #expect(try await room.view(as: room.patientToken()).isLate)
            guard case .done(let over) = try await room.choose(.phone) else { throw Unexpected("refused") }
            #expect(over.state == .missedClinician && over.lateChoice == .phone)
            #expect(try await room.choose(.rebook) == .refused(.notNow(.missedClinician)))
            // The clinic missed it, not the patient.
            #expect(try await room.test.emitted(VisitEnded.self).map(\.state) == [.missedClinician])
            let moved = AppointmentRescheduled(
                appointment: room.appointment, version: 3, patient: room.patient, practitioner: room.okafor, location: .init(),
                start: room.time(60), end: room.time(80))
            try await room.test.hear(moved, handler: "move-call-on-appointment-rescheduled")
            let again = try await room.view(as: room.patientToken())
            #expect(again.state == .scheduled && again.lateChoice == nil)
        }
    }

    @Test func whoWasLetInMeanwhileHasNothingToChoose() async throws {
        try await VisitRoom.open { room in
            _ = try await room.enter()
            try await room.begin(minutesAgo: 11)
            _ = try await room.admit()
            #expect(try await room.choose(.rebook) == .refused(.notNow(.admitted)))
        }
    }

    @Test func whoGoesAfterHavingBeenKeptWaitingWasMissedByTheClinic() async throws {
        try await VisitRoom.open { room in
            let patient = try await room.patientToken()
            _ = try await room.enter()
            let (window, opening) = try await room.window(as: patient)
            try await room.close(window, opening, as: patient)
            try await room.begin(minutesAgo: 23)
            try await room.run("UPDATE call SET end_at = now() + interval '10 minutes'")
            try await room.watch(after: 601)
            #expect(try await room.view(as: patient).state == .waiting)
            try await room.run("UPDATE call SET end_at = now()")
            try await room.watch()
            #expect(try await room.view(as: patient).state == .missedClinician)
        }
    }

    @Test func thePageIsToldOnce() async throws {
        try await VisitRoom.open { room in
            _ = try await room.enter()
            func told() async throws -> Int {
                _ = try await room.test.pool.asWorker(of: "telemedicine") { tx in try await watchCalls(tx) }
                return try await room.test.emitted(CallChanged.self).count
            }
            #expect(try await told() == 1)
            try await room.begin(minutesAgo: 11)
            #expect(try await told() == 2)
            #expect(try await told() == 2)
            // Another start is another time to be told of.
            try await room.begin(minutesAgo: 12)
            #expect(try await told() == 3)
        }
    }
}

extension VisitRoom {
    fileprivate func begin(minutesAgo minutes: Int) async throws {
        try await run(
            "UPDATE call SET start_at = now() - make_interval(mins => \(minutes)::int), end_at = now() + make_interval(mins => 20 - \(minutes)::int)")
    }

    fileprivate func choose(_ choice: LateChoice) async throws -> Answer<ChooseWhenLate> {
        try await bus.request(ChooseWhenLate(patient: patient, appointment: appointment, choice: choice, key: .v7()), as: patientToken())
    }
}
