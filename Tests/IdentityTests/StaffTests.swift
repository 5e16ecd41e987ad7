import Access
import Contracts
import Faults
import Foundation
import MessageBus
import Postgres
import Sealing
import Testing
import TestSupport

@testable import Identity

/// Who works here: invited, listed, gone.
@Suite struct StaffTests {
    private func invite(
        _ desk: Desk, _ administrator: ActorToken, _ practitioner: ID<Practitioner>? = nil, name: String = "Ada Bell, RN", role: String = "nurse"
    ) async throws -> Answer<InviteStaff> {
        let command = InviteStaff(invitation: .init(), role: role, displayName: name, practitioner: practitioner, key: .v7())
        return try await desk.bus.request(command, as: administrator)
    }

    private func activate(_ desk: Desk, _ code: String, _ username: String) async throws -> Answer<ActivateAccount> {
        let command = ActivateAccount(
            code: code, birthDate: nil, username: username, password: goodPassword, language: "en", source: "home", key: .v7())
        return try await desk.bus.request(command, as: desk.clinic, within: .seconds(20))
    }

    @Test func anInvitationSaysWhoTheAccountIs() async throws {
        try await withIdentity { desk in
            let administrator = try await desk.service.keys.staff(.administrator)
            let practitioner = ID<Practitioner>()
            guard case .done(let first) = try await invite(desk, administrator, practitioner),
                case .done(let second) = try await invite(desk, administrator, practitioner)
            else {
                Issue.record("not invited")
                return
            }
            // The newer code is the one that counts.
            #expect(try await activate(desk, first.code, "ada@example.org") == .refused(.codeNotGood))
            guard case .done(let activated) = try await activate(desk, second.code, "ada@example.org") else {
                Issue.record("not activated")
                return
            }
            let staff = try await desk.bus.ask(ReadStaff(), as: administrator)
            let account = try #require(staff.accounts.first { $0.account == activated.account })
            #expect(account.displayName == "Ada Bell, RN" && account.practitioner == practitioner && account.role == "nurse" && !account.closed)
            #expect(staff.invitations.isEmpty)
            #expect(try await invite(desk, administrator, practitioner) == .refused(.practitionerTaken))
            #expect(try await invite(desk, administrator, name: " ") == .refused(.nameMissing))
            #expect(try await invite(desk, administrator, role: "patient") == .refused(.unknownRole))
        }
    }

    @Test func whoLeavesIsOutAtOnceAndNobodyClosesTheirOwn() async throws {
        try await withIdentity { desk in
            let administrator = try await desk.service.keys.staff(.administrator)
            let member = try await desk.staffMember("nina@example.org")
            let staff = try await desk.bus.ask(ReadStaff(), as: administrator)
            let account = try #require(staff.accounts.first { $0.username == "nina@example.org" }?.account)
            #expect(try await desk.session(member.handle, .clinic) != nil)
            let close = CloseStaffAccount(account: account, key: .v7())
            #expect(try await desk.bus.request(close, as: administrator) == .done(Done()))
            #expect(try await desk.session(member.handle, .clinic) == nil)
            #expect(try await desk.service.emitted(SessionEnded.self).contains { $0.reason == "disabled" })
            #expect(try await desk.bus.request(CloseStaffAccount(account: account, key: .v7()), as: administrator) == .refused(.notFound))
            guard case .refused = try await desk.signIn("nina@example.org", goodPassword, .clinic) else {
                Issue.record("a closed account signs in")
                return
            }
        }
    }

    /// One of them.
    private func known(_ desk: Desk, _ username: String) async throws -> StaffAccount {
        let staff = try await desk.bus.ask(ReadStaff(), as: desk.service.keys.staff(.administrator))
        return try #require(staff.accounts.first { $0.username == username })
    }

    private func keep(
        _ desk: Desk, _ account: StaffAccount, over version: Int? = nil, as writer: ActorToken? = nil, _ change: (inout KeepStaffAccount) -> Void
    ) async throws -> Answer<KeepStaffAccount> {
        var command = KeepStaffAccount(
            account: account.account, version: version ?? account.version ?? 0, displayName: account.displayName ?? "Ada Bell", role: account.role,
            practitioner: account.practitioner, suspended: account.suspended ?? false, key: .v7())
        change(&command)
        let token = if let writer { writer } else { try await desk.service.keys.staff(.administrator) }
        return try await desk.bus.request(command, as: token)
    }

    @Test func whatIsSaidOfSomebodyHasVersionsAndNobodyWritesOverAnother() async throws {
        try await withIdentity { desk in
            let writer = ID<Account>()
            let administrator = try await desk.service.keys.staff(.administrator, account: writer)
            let member = try await desk.staffMember("nina@example.org")
            let nina = try await known(desk, "nina@example.org")
            #expect(nina.version == 1 && nina.suspended == false)
            #expect(try await keep(desk, nina, as: administrator) { $0.displayName = " Nina Bell, RN " } == .done(SettingKept(version: 2)))
            #expect(try await desk.session(member.handle, .clinic)?.displayName == "Nina Bell, RN", "another name ends no session")
            #expect(try await keep(desk, nina, over: 2, as: administrator) { $0.displayName = "Nina Bell, RN" } == .done(SettingKept(version: 2)))
            let stale = try await keep(desk, nina, as: administrator) { $0.displayName = "Nina Stale" }
            #expect(stale == .refused(.changedMeanwhile(version: 2)))
            try await Fault.staffOverwrite.injected {
                let written = try await keep(desk, nina, as: administrator) { $0.displayName = "Nina Over" }
                #expect(written == .done(SettingKept(version: 3)), "without the guard it is written over")
            }
            let query = ReadStaffHistory(account: nina.account, version: 2)
            let history = try #require(try await desk.bus.request(query, as: administrator).reply)
            #expect(history.total == 3 && history.changes.map(\.version) == [3, 2, 1] && history.shown == 2)
            #expect(history.changes.map(\.account) == [writer, writer, nina.account], "the first is who opened it")
            #expect(history.before?.displayName == "Ada Bell" && history.after.displayName == "Nina Bell, RN" && history.after.state == "active")
            let audited = try await desk.read(
                """
                SELECT count(*)::int FROM audit_entry
                WHERE action = \(KeepStaffAccount.name) AND outcome = 'done' AND account = \(writer.uuid)
                """, as: Int.self)
            #expect(audited == [3])
            #expect(try await desk.bus.request(ReadStaffHistory(account: nina.account, version: 9), as: administrator) == .refused(.notFound))
            #expect(try await keep(desk, nina, over: 3) { $0.displayName = " " } == .refused(.nameMissing))
            #expect(try await keep(desk, nina, over: 3) { $0.role = "patient" } == .refused(.unknownRole))
            #expect(try await keep(desk, nina, over: 3) { $0.account = .init() } == .refused(.notFound))
            let patient = try #require(try await desk.account("maria@example.org").reply).account
            #expect(try await keep(desk, nina, over: 1) { $0.account = patient } == .refused(.notFound), "a patient's is none of theirs")
        }
    }

    @Test func anotherRoleOrASuspensionEndsEverySessionAtOnceAndBringingBackLetsIn() async throws {
        try await withIdentity { desk in
            let member = try await desk.staffMember("nina@example.org")
            let nina = try await known(desk, "nina@example.org")
            #expect(try await keep(desk, nina) { $0.role = "clinician" } == .done(SettingKept(version: 2)))
            #expect(try await desk.session(member.handle, .clinic) == nil)
            #expect(try await desk.service.emitted(SessionEnded.self).contains { $0.reason == "role-changed" })
            let back = Data.handle()
            _ = try await desk.signIn("nina@example.org", goodPassword, .clinic, handle: back)
            #expect(try await desk.unfinished(back, .clinic) == .code)
            #expect(try await keep(desk, nina, over: 2) { ($0.role, $0.suspended) = ("clinician", true) } == .done(SettingKept(version: 3)))
            #expect(try await desk.unfinished(back, .clinic) == nil)
            #expect(try await desk.service.emitted(SessionEnded.self).contains { $0.reason == "disabled" })
            #expect(!(try await desk.signIn("nina@example.org", goodPassword, .clinic).isDone), "a suspended account signs in")
            #expect(try await known(desk, "nina@example.org").suspended == true)
            #expect(try await keep(desk, nina, over: 3) { $0.role = "clinician" } == .done(SettingKept(version: 4)))
            #expect(try await desk.signIn("nina@example.org", goodPassword, .clinic).isDone)
            // One person, one account.
            let practitioner = ID<Practitioner>()
            try await desk.account("olga@example.org", role: .nurse, secret: .random())
            #expect(try await keep(desk, nina, over: 4) { $0.practitioner = practitioner }.isDone)
            #expect(try await keep(desk, known(desk, "olga@example.org")) { $0.practitioner = practitioner } == .refused(.practitionerTaken))
            let close = CloseStaffAccount(account: nina.account, key: .v7())
            #expect(try await desk.bus.request(close, as: desk.service.keys.staff(.administrator)) == .done(Done()))
            #expect(try await keep(desk, nina, over: 6) { $0.suspended = false } == .refused(.notFound), "a closed account comes back")
            let query = ReadStaffHistory(account: nina.account)
            let history = try await desk.bus.request(query, as: desk.service.keys.staff(.administrator)).reply
            #expect(history?.shown == 6 && history?.before?.state == "active" && history?.after.state == "closed")
        }
    }

    @Test func nobodyChangesTheirOwnRoleAndTheLastAdministratorStays() async throws {
        try await withIdentity { desk in
            for name in ["ada@example.org", "bea@example.org"] { try await desk.account(name, role: .administrator, secret: .random()) }
            let (ada, bea) = (try await known(desk, "ada@example.org"), try await known(desk, "bea@example.org"))
            let adas = try await desk.service.keys.staff(.administrator, account: ada.account)
            let beas = try await desk.service.keys.staff(.administrator, account: bea.account)
            #expect(try await keep(desk, ada, as: adas) { $0.role = "nurse" } == .refused(.own))
            #expect(try await keep(desk, ada, as: adas) { $0.suspended = true } == .refused(.own))
            #expect(try await keep(desk, ada, as: adas) { $0.practitioner = .init() } == .refused(.own))
            #expect(try await keep(desk, ada, as: adas) { $0.displayName = "Ada Lovelace" } == .done(SettingKept(version: 2)))
            // Each ends the other at the same time, in every way there is: one of them is left.
            for round in 0..<6 {
                let (first, second) = (try await known(desk, "ada@example.org"), try await known(desk, "bea@example.org"))
                async let one = end(desk, second, round, as: adas)
                async let other = end(desk, first, round + 1, as: beas)
                let ends = try await [one, other]
                #expect(ends.sorted { $0.rawValue < $1.rawValue } == [.done, .last], "round \(round): \(ends)")
                let left = try await desk.read(
                    "SELECT count(*)::int FROM account WHERE role = 'administrator' AND state = 'active'", as: Int.self)
                #expect(left == [1], "round \(round)")
                try await desk.change("UPDATE account SET role = 'administrator', state = 'active' WHERE role <> 'patient'")
            }
            try await Fault.lastAdministratorGoes.injected {
                let (first, second) = (try await known(desk, "ada@example.org"), try await known(desk, "bea@example.org"))
                let ends = try await [end(desk, second, 0, as: adas), end(desk, first, 0, as: beas)]
                #expect(ends == [.done, .done], "without the guard nobody is left")
            }
        }
    }

    private enum End: String { case done, last, other }

    private func end(_ desk: Desk, _ account: StaffAccount, _ way: Int, as administrator: ActorToken) async throws -> End {
        switch way % 3 {
        case 0: return try await end(keep(desk, account, as: administrator) { $0.suspended = true })
        case 1: return try await end(keep(desk, account, as: administrator) { $0.role = "nurse" })
        default:
            switch try await desk.bus.request(CloseStaffAccount(account: account.account, key: .v7()), as: administrator) {
            case .done: return .done
            case .refused(.lastAdministrator): return .last
            case .refused: return .other
            }
        }
    }

    private func end(_ answer: Answer<KeepStaffAccount>) -> End {
        switch answer {
        case .done: .done
        case .refused(.lastAdministrator): .last
        case .refused: .other
        }
    }
}

extension Answer {
    fileprivate var reply: R.Reply? { if case .done(let reply) = self { reply } else { nil } }
}
