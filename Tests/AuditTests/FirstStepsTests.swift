import Access
import AuditTrail
import Contracts
import Faults
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Audit

/// What a list of first steps ticks itself by, and patients who are no people.
@Suite(.serialized) struct FirstStepsTests {
    private let steps = [FindPatients.name, ReadChart.name, SignNote.name]

    @Test func aStepIsDoneWhenTheTrailSaysThatThisPersonDidIt() async throws {
        var records = try TrailOfOne("records", seed: 1)
        let (nurse, other) = (ID<Account>(), ID<Account>())
        let (first, again) = (Date().addingTimeInterval(-50), Date().addingTimeInterval(-10))
        let parts = try [
            records.part([
                entry(ReadChart.name, by: nurse, at: first), entry(SignNote.name, by: nurse, outcome: .refused), entry(SignNote.name, by: other),
                entry(FindPatients.name, by: nurse, outcome: .denied), entry(ReadOrders.name, by: nurse),
                entry(FindPatients.name, .patient, by: nurse), entry(FindPatients.name, .worker, by: nil),
            ]), records.part([entry(ReadChart.name, by: nurse, at: again)]),
        ]
        try await withOffice([records]) { office in
            let (bus, me) = (office.under.bus, try await office.under.keys.staff(.nurse, account: nurse))
            #expect(try await bus.ask(ReadFirstSteps(actions: steps), as: me) == .init(done: [], isAway: false))
            for part in parts + [parts[0]] { try await office.hear(part, from: "records") }
            let told = try await bus.ask(ReadFirstSteps(actions: steps), as: me)
            #expect(told.done.map(\.action) == [ReadChart.name])
            #expect(abs((told.done.first?.at ?? .distantPast).timeIntervalSince(first)) < 0.01)
            let theirs = try await bus.ask(ReadFirstSteps(actions: steps), as: office.under.keys.staff(.nurse, account: other))
            #expect(theirs.done.map(\.action) == [SignNote.name])
            #expect(try await bus.ask(ReadFirstSteps(actions: [FindPatients.name]), as: me).done.isEmpty)
        }
    }

    @Test func theListIsPutAwayAndComesBackForOnePerson() async throws {
        let records = try TrailOfOne("records", seed: 1)
        try await withOffice([records]) { office in
            let (bus, keys) = (office.under.bus, office.under.keys)
            let (me, other) = (try await keys.staff(.frontDesk), try await keys.staff(.frontDesk))
            for isAway in [true, true, false] {
                #expect(try await bus.request(PutAwayFirstSteps(isAway: isAway, key: .v7()), as: me) == .done(Done()))
                #expect(try await bus.ask(ReadFirstSteps(actions: steps), as: me).isAway == isAway)
                #expect(try await !bus.ask(ReadFirstSteps(actions: steps), as: other).isAway)
            }
            await #expect(throws: BusError.notAllowed) { try await bus.ask(ReadFirstSteps(actions: steps), as: keys.patient(ID())) }
        }
    }

    @Test func whatIsAboutNobodyIsInNoReportAndNoDisclosure() async throws {
        var records = try TrailOfOne("records", seed: 1)
        let (real, practice) = (ID<Patient>(), ID<Patient>())
        let part = try records.part([entry(of: [real]), entry(of: [practice]), entry(of: [practice, real]), entry()])
        try await withOffice([records]) { office in
            try await office.hear(part, from: "records")
            let (bus, officer) = (office.under.bus, try await office.under.keys.staff(.administrator))
            func report(about: ID<Patient>? = nil) async throws -> ReadTrail.Reply {
                let query = ReadTrail(
                    from: Date().addingTimeInterval(-3_600), to: Date().addingTimeInterval(60), sort: [.at], descending: false, about: about)
                return try await bus.ask(query, as: officer)
            }
            func disclosures(of patient: ID<Patient>) async throws -> Int {
                let query = ExportTrail(
                    from: Date().addingTimeInterval(-3_600), to: Date().addingTimeInterval(60), recipient: "Auditor", purpose: "Review")
                _ = try await bus.ask(query, as: office.under.keys.operator())
                return try await bus.ask(ReadDisclosures(patient: patient), as: officer).total
            }
            office.practice.learn([practice])
            #expect(try await report().entries.map(\.place.position).sorted() == [1, 3, 4])
            let all = try await report()
            #expect(all.total == all.entries.count)
            #expect(try await report(about: practice).total == 2)
            #expect(try await disclosures(of: practice) == 0)
            #expect(try await disclosures(of: real) == 2)
            #if DEBUG
                try await Fault.practiceIsReal.injected { () async throws in
                    #expect(try await report().entries.contains { $0.patients == [practice] })
                    #expect(try await disclosures(of: practice) == 1)
                }
            #endif
        }
    }
}
