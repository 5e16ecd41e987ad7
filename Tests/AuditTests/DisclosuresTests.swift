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

/// C9: what left the clinic about a patient, to whom, why and when.
@Suite(.serialized) struct DisclosuresTests {
    private let maria = ID<Patient>()
    private let leo = ID<Patient>()

    private func withTrail(_ body: (Office) async throws -> Void) async throws {
        var records = try TrailOfOne("records", seed: 1)
        let part = try records.part([entry(of: [maria], at: Date().addingTimeInterval(-50)), entry(of: [leo], at: Date().addingTimeInterval(-4_000))])
        try await withOffice([records]) { office in
            try await office.hear(part, from: "records")
            try await body(office)
        }
    }

    private func export(_ office: Office, _ export: ID<Export>, hours: Double = 1, to recipient: String = "State auditor canary-9") async throws {
        let query = ExportTrail(
            from: Date().addingTimeInterval(-hours * 3_600), to: Date().addingTimeInterval(60), export: export, recipient: recipient,
            purpose: "Yearly review canary-9")
        _ = try await office.under.bus.ask(query, as: office.under.keys.operator())
    }

    @Test func whoIsInAnExportReadsOfIt() async throws {
        try await withTrail { office in
            let (bus, keys) = (office.under.bus, office.under.keys)
            let (first, second) = (ID<Export>(), ID<Export>())
            try await export(office, first)
            // Another page of the same export is no other disclosure.
            try await export(office, first)
            try await export(office, second, hours: 2, to: "Court")
            let officer = try await keys.staff(.administrator)
            let mine = try await bus.ask(ReadDisclosures(patient: maria), as: keys.patient(maria))
            #expect(mine.disclosures.map(\.export) == [second, first])
            #expect((mine.total, mine.disclosures.last?.recipient) == (2, "State auditor canary-9"))
            #expect(mine.disclosures.last?.purpose == "Yearly review canary-9")
            let leos = try await bus.ask(ReadDisclosures(patient: leo), as: officer)
            #expect(leos.disclosures.map(\.recipient) == ["Court"])
            await #expect(throws: BusError.notAllowed) { try await bus.ask(ReadDisclosures(patient: leo), as: keys.patient(maria)) }
            await #expect(throws: BusError.notAllowed) { try await bus.ask(ReadDisclosures(patient: leo), as: keys.staff(.nurse)) }

            // The database keeps others' apart by itself, and does not hold the words in clear.
            let seen = try await office.under.pool.transaction([
                "SELECT set_config('role', 'audit_limited', true), set_config('chartline.patients', \(leo.description), true)"
            ]) { tx in try await tx.all("SELECT id FROM export", as: UUID.self) }
            #expect(seen == [second.uuid])
            let clear = try await office.superuser.all(
                "SELECT encode(recipient, 'escape') || encode(purpose, 'escape') FROM audit.export", as: String.self)
            #expect(clear.count == 2 && !clear.joined().contains("canary"))
            await #expect(throws: DatabaseError.self) {
                try await office.under.pool.asWorker(of: "audit") { tx in _ = try await tx.run("DELETE FROM disclosure") }
            }
            // Six years are owed.
            try await office.superuser.run("UPDATE audit.export SET at = now() - interval '6 years 1 day' WHERE id = \(first.uuid)")
            #expect(try await bus.ask(ReadDisclosures(patient: maria), as: officer).total == 1)
        }
    }

    #if DEBUG
        @Test func anExportThatIsNotNotedIsMissed() async throws {
            try await withTrail { office in
                try await Fault.exportsAreUnaccounted.injected { try await export(office, .init()) }
                let officer = try await office.under.keys.staff(.administrator)
                #expect(try await office.under.bus.ask(ReadDisclosures(patient: maria), as: officer).total == 0)
            }
        }
    #endif
}
