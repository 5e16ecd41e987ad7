import Access
import Contracts
import Faults
import Foundation
import MessageBus
import Postgres
import Testing
import TestSupport
@testable import Records

/// What notes begin with, over a real database.
@Suite(.serialized) struct TemplateTests {
    private struct Office: Sendable {
        let service: ServiceUnderTest
        let account = ID<Account>()
        let template = ID<NoteTemplate>()

        func keep(
            _ content: NoteTemplateContent, over version: Int, _ template: ID<NoteTemplate>? = nil, by account: ID<Account>? = nil, key: UUID = .v7()
        ) async throws -> Answer<KeepNoteTemplate> {
            let administrator = try await service.keys.staff(.administrator, account: account ?? self.account)
            let command = KeepNoteTemplate(template: template ?? self.template, version: version, content: content, key: key)
            return try await service.bus.request(command, as: administrator)
        }

        func history(_ version: Int? = nil) async throws -> NoteTemplateHistory {
            let query = ReadNoteTemplateHistory(template: template, version: version)
            guard case .done(let found) = try await service.bus.request(query, as: service.keys.staff(.administrator)) else {
                throw TryLater("not there")
            }
            return found
        }

        func audited(_ outcome: String) async throws -> Int? {
            let pool = service.database.pool(service.database.superuser)
            let count = try await pool.first(
                "SELECT count(*) FROM audit_entry WHERE action = \(KeepNoteTemplate.name) AND outcome = \(outcome) AND account = \(account.uuid)",
                as: Int.self)
            await pool.close()
            return count
        }
    }

    private func withOffice(_ body: @escaping @Sendable (Office) async throws -> Void) async throws {
        try await withRecords { try await body(Office(service: $0)) }
    }

    private let cough = NoteTemplateContent(title: "Cough", reason: "Cough", text: NoteText(history: "Since when?", plan: "Rest"))

    @Test func itIsWrittenChangedAndItsHistorySaysWhoDidWhat() async throws {
        try await withOffice { office in
            let (key, other) = (UUID.v7(), ID<Account>())
            #expect(try await office.keep(cough, over: 0, key: key) == .done(SettingKept(version: 1)))
            #expect(try await office.keep(cough, over: 0, key: key) == .done(SettingKept(version: 1)), "the same form sent twice")
            var changed = cough
            (changed.title, changed.text.plan) = ("Cough, adults", "Rest and tea")
            #expect(try await office.keep(changed, over: 1, by: other) == .done(SettingKept(version: 2)))
            #expect(try await office.keep(changed, over: 2) == .done(SettingKept(version: 2)), "nothing changed: no version")
            let newest = try await office.history()
            #expect(newest.total == 2 && newest.shown == 2 && newest.before == cough && newest.after == changed)
            #expect(newest.changes.map(\.version) == [2, 1] && newest.changes.map(\.account) == [other, office.account])
            let first = try await office.history(1)
            #expect(first.shown == 1 && first.before == nil && first.after == cough)
            #expect(try await office.audited("done") == 2)
            let nurse = try await office.service.keys.staff(.nurse)
            let lines = try await office.service.bus.ask(ReadNoteTemplates(), as: nurse).templates
            #expect(lines == [NoteTemplateLine(template: office.template, version: 2, title: "Cough, adults", reason: "Cough")])
            let now = try await office.service.bus.request(ReadNoteTemplate(template: office.template), as: nurse)
            guard case .done(let view) = now else {
                Issue.record("not there")
                return
            }
            #expect(view == NoteTemplateView(version: 2, content: changed))
            await #expect(throws: BusError.notAllowed) {
                try await office.service.bus.request(ReadNoteTemplateHistory(template: office.template), as: nurse)
            }
        }
    }

    private func second(_ office: Office) async throws -> Answer<KeepNoteTemplate> {
        var (theirs, ours) = (cough, cough)
        (theirs.text.plan, ours.text.plan) = ("Theirs", "Ours")
        #expect(try await office.keep(cough, over: 0) == .done(SettingKept(version: 1)))
        #expect(try await office.keep(theirs, over: 1) == .done(SettingKept(version: 2)))
        return try await office.keep(ours, over: 1, by: ID())
    }

    @Test func ofTwoAdministratorsTheSecondIsTold() async throws {
        try await withOffice { office in
            let told = try await second(office)
            #expect(told == .refused(.changedMeanwhile(version: 2)))
            #expect(try await office.history().after.text.plan == "Theirs")
        }
        try await Fault.templatesOverwrite.injected {
            try await withOffice { office in
                let written = try await second(office)
                #expect(written == .done(SettingKept(version: 3)), "without the guard the first is written over")
            }
        }
    }

    @Test func atOnceOneVersionComesAfterTheOther() async throws {
        try await withOffice { office in
            #expect(try await office.keep(cough, over: 0) == .done(SettingKept(version: 1)))
            let answers = try await withThrowingTaskGroup(of: Answer<KeepNoteTemplate>.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        var content = cough
                        content.text.plan = "Plan \(number)"
                        return try await office.keep(content, over: 1, by: ID())
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.filter { $0 == .done(SettingKept(version: 2)) }.count == 1)
            #expect(answers.filter { $0 == .refused(.changedMeanwhile(version: 2)) }.count == 7)
            #expect(try await office.history().total == 2)
        }
    }

    @Test func whatIsWrongIsSaidAtItsField() async throws {
        try await withOffice { office in
            let long = String(repeating: "x", count: 3_001)
            let wrong = NoteTemplateContent(title: " ", reason: long, text: NoteText(history: "", plan: long))
            let told = try await office.keep(wrong, over: 0)
            let problems = [EntryProblem("title", .missing), EntryProblem("reason", .tooLong), EntryProblem("plan", .tooLong)]
            #expect(told == .refused(.invalid(problems: problems)))
            let empty = NoteTemplateContent(title: "Cough", text: NoteText())
            #expect(try await office.keep(empty, over: 0) == .refused(.invalid(problems: [EntryProblem("history", .missing)])))
            #expect(try await office.keep(cough, over: 4) == .refused(.notFound))
            #expect(try await office.audited("refused") == 3)
        }
    }

    @Test func aTitleIsOnesOwnUntilItsTemplateIsRetired() async throws {
        try await withOffice { office in
            #expect(try await office.keep(cough, over: 0) == .done(SettingKept(version: 1)))
            var same = cough
            same.title = "COUGH"
            #expect(try await office.keep(same, over: 0, ID()) == .refused(.titleTaken))
            var retired = cough
            retired.retired = true
            #expect(try await office.keep(retired, over: 1) == .done(SettingKept(version: 2)))
            #expect(try await office.keep(same, over: 0, ID()) == .done(SettingKept(version: 1)))
            let lines = try await office.service.bus.ask(ReadNoteTemplates(), as: office.service.keys.staff(.administrator)).templates
            #expect(lines.map(\.title) == ["COUGH", "Cough"] && lines.map(\.retired) == [false, true])
        }
    }

    /// Not even the service's own role changes what somebody wrote, or takes it away.
    @Test func historyIsAppendedToAlone() async throws {
        try await withOffice { office in
            let kept = try await office.keep(cough, over: 0)
            #expect(kept == .done(SettingKept(version: 1)))
            for statement: SQL in ["UPDATE note_template_version SET account = account", "DELETE FROM note_template_version"] {
                await #expect(throws: DatabaseError.self) {
                    try await office.service.pool.transaction(["SET LOCAL ROLE records_staff"]) { tx in _ = try await tx.run(statement) }
                }
            }
            #expect(try await office.history().total == 1)
        }
    }
}
