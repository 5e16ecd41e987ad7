import Access
import AuditTrail
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Audit

/// C11: who looked at my chart, and asking about it. C3: the report.
@Suite struct AccessesTests {
    private let maria = ID<Patient>()
    private let leo = ID<Patient>()
    private let nurse = ID<Account>()
    private let mariasOwn = ID<Account>()

    private func withTrail(_ body: (Office) async throws -> Void) async throws {
        var records = try TrailOfOne("records", seed: 1)
        let now = Date()
        let part = try records.part([
            entry(by: nurse, of: [maria], at: now.addingTimeInterval(-50)),
            entry("records.read-result-series.v1", .clinician, of: [leo], basis: "break-glass", at: now.addingTimeInterval(-40)),
            entry("records.read-contact.v1", .worker, by: nil, of: [maria], at: now.addingTimeInterval(-30)),
            entry("records.read-chart.v1", .patient, by: mariasOwn, of: [maria], at: now.addingTimeInterval(-20)),
            entry("records.read-chart.v1", .frontDesk, of: [maria], outcome: .denied, reason: "not-allowed", at: now.addingTimeInterval(-10)),
        ])
        try await withOffice([records]) { office in
            try await office.hear(part, from: "records")
            try await office.named([nurse: "Dana Byrne"])
            try await body(office)
        }
    }

    @Test func patientsSeeWhoLookedAtTheirs() async throws {
        try await withTrail { office in
            let keys = office.under.keys
            let me = try await keys.patient(maria, account: mariasOwn)
            let mine = try await office.under.bus.ask(ReadAccesses(patient: maria), as: me)
            #expect(mine.total == 2)
            #expect(mine.accesses.map(\.role) == ["front-desk", "nurse"])
            #expect(mine.accesses.map(\.name) == [nil, "Dana Byrne"])
            #expect(mine.accesses.map(\.outcome) == ["denied", "done"])
            let all = try await office.under.bus.ask(ReadAccesses(patient: maria, everything: true), as: me)
            #expect(all.accesses.map(\.role) == ["front-desk", "patient", "worker", "nurse"])
            let before = try await office.under.bus.ask(ReadAccesses(patient: maria, before: all.accesses[1].place, everything: true), as: me)
            #expect(before.accesses == Array(all.accesses[2...]))
            let only = try await office.under.bus.ask(ReadAccesses(patient: maria, everything: true, only: all.accesses[3].place), as: me)
            #expect(only.accesses == [all.accesses[3]])
            await #expect(throws: BusError.notAllowed) { try await office.under.bus.ask(ReadAccesses(patient: leo), as: me) }
            await #expect(throws: BusError.notAllowed) {
                try await office.under.bus.ask(ReadAccesses(patient: maria), as: try await keys.staff(.nurse))
            }
            // Of other people's names nothing is to be seen.
            let names = try await office.under.pool.transaction(["SELECT set_config('role', 'audit_limited', true)"]) { tx in
                try await tx.all("SELECT name FROM person", as: String.self)
            }
            #expect(names == [])
        }
    }

    @Test func aNameIsThatOfThen() async throws {
        try await withTrail { office in
            try await office.superuser.run(
                "INSERT INTO audit.person (account, since, name) VALUES (\(nurse.uuid), now() + interval '1 hour', 'Dana Okafor')")
            let me = try await office.under.keys.patient(maria)
            #expect(try await office.under.bus.ask(ReadAccesses(patient: maria), as: me).accesses.last?.name == "Dana Byrne")
            try await office.superuser.run("DELETE FROM audit.person WHERE name = 'Dana Byrne'")
            #expect(try await office.under.bus.ask(ReadAccesses(patient: maria), as: me).accesses.last?.name == "Dana Okafor")
        }
    }

    @Test func aQuestionGoesToThePrivacyOfficeAndItsAnswerBack() async throws {
        try await withTrail { office in
            let (bus, keys) = (office.under.bus, office.under.keys)
            let me = try await keys.patient(maria, account: mariasOwn)
            let officer = try await keys.staff(.administrator)
            let place = try await bus.ask(ReadAccesses(patient: maria), as: me).accesses[1].place
            let question = ID<Question>()
            func ask(_ text: String, about place: TrailPlace, _ id: ID<Question> = .init()) async throws -> Answer<AskAboutAccess> {
                try await bus.request(AskAboutAccess(question: id, patient: maria, access: place, text: text, key: UUID()), as: me)
            }
            #expect(try await ask("  ", about: place) == .refused(.empty))
            #expect(try await ask(String(repeating: "x", count: 2_001), about: place) == .refused(.tooLong))
            #expect(try await ask("Why?", about: TrailPlace(service: "records", position: 2)) == .refused(.notFound))
            #expect(try await ask("Why did they look? canary-41c", about: place, question) == .done(Done()))

            let open = try await bus.ask(ReadAccessQuestions(), as: officer)
            #expect(open.open == 1)
            #expect(open.questions.map(\.text) == ["Why did they look? canary-41c"])
            #expect(open.questions[0].access.name == "Dana Byrne")
            await #expect(throws: BusError.notAllowed) { try await bus.ask(ReadAccessQuestions(), as: me) }
            await #expect(throws: BusError.notAllowed) { try await bus.ask(ReadAccessQuestions(), as: try await keys.staff(.nurse)) }

            func answer(_ text: String) async throws -> Answer<AnswerAccessQuestion> {
                try await bus.request(AnswerAccessQuestion(question: question, patient: maria, text: text, key: UUID()), as: officer)
            }
            #expect(try await answer("") == .refused(.empty))
            #expect(try await answer("You called us. canary-41d") == .done(Done()))
            #expect(try await answer("Something else") == .refused(.alreadyAnswered))
            #expect(try await bus.ask(ReadAccessQuestions(), as: officer).open == 0)
            let mine = try await bus.ask(ReadAccesses(patient: maria), as: me).questions
            #expect(mine.map(\.answer) == ["You called us. canary-41d"])
            // Both are sealed.
            let rows = try await office.superuser.all(
                "SELECT encode(body, 'escape') || encode(answer, 'escape') FROM audit.question", as: String.self)
            #expect(rows.count == 1 && !rows[0].contains("canary"))
        }
    }

    @Test func theReportIsSortedByAnyField() async throws {
        try await withTrail { office in
            let officer = try await office.under.keys.staff(.administrator)
            func report(_ field: TrailField, descending: Bool = false, about: ID<Patient>? = nil) async throws -> [TrailEntry] {
                let query = ReadTrail(
                    from: Date().addingTimeInterval(-3_600), to: Date().addingTimeInterval(60), sort: [field], descending: descending, about: about)
                return try await office.under.bus.ask(query, as: officer).entries
            }
            #expect(try await report(.at).map(\.place.position) == [1, 2, 3, 4, 5])
            #expect(try await report(.role).map(\.role) == ["clinician", "front-desk", "nurse", "patient", "worker"])
            #expect(try await report(.role, descending: true).map(\.role) == ["worker", "patient", "nurse", "front-desk", "clinician"])
            #expect(try await report(.person).first?.name == "Dana Byrne")
            #expect(try await report(.outcome).map(\.outcome) == ["denied", "done", "done", "done", "done"])
            #expect(try await report(.basis).first?.basis == "break-glass")
            #expect(try await report(.at, about: leo).map(\.patients) == [[leo]])
            for field in TrailField.allCases { #expect(try await report(field).count == 5, "\(field)") }
            await #expect(throws: BusError.notAllowed) {
                try await office.under.bus.ask(ReadTrail(from: Date(), to: Date()), as: try await office.under.keys.staff(.clinician))
            }
        }
    }

    @Test func anExportGoesThroughAll() async throws {
        var records = try TrailOfOne("records", seed: 1)
        var scheduling = try TrailOfOne("scheduling", seed: 2)
        let parts = try (0..<3).map { _ in try records.part((0..<500).map { _ in entry() }) }
        let other = try scheduling.part([entry()])
        try await withOffice([records, scheduling]) { office in
            for part in parts { try await office.hear(part, from: "records") }
            try await office.hear(other, from: "scheduling")
            let me = try await office.under.keys.operator()
            var after: TrailPlace?
            var all: [TrailPlace] = []
            repeat {
                let query = ExportTrail(from: Date().addingTimeInterval(-600), to: Date().addingTimeInterval(60), after: after)
                let page = try await office.under.bus.ask(query, as: me)
                all += page.entries.map(\.place)
                after = page.next
            } while after != nil
            #expect(all.count == 1_501 && Set(all).count == 1_501)
            await #expect(throws: BusError.notAllowed) {
                try await office.under.bus.ask(ExportTrail(from: Date(), to: Date()), as: try await office.under.keys.staff(.administrator))
            }
        }
    }
}
