import Access
import Contracts
import Foundation
import MessageBus
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
}
