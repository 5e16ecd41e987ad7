import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import Testing

@testable import Identity

/// What the audit trail says of those who were nobody when they asked.
@Suite struct TrailTests {
    private func trail(_ desk: Desk, of action: String) async throws -> [String] {
        try await desk.read(
            """
            SELECT concat_ws(' ', issuer, role, outcome, coalesce(reason, 'no-reason'), coalesce(account::text, 'no-account'),
                coalesce(session::text, 'no-session'), patients::text)
            FROM audit_entry WHERE action = \(action) ORDER BY at, id
            """, as: String.self)
    }

    @Test func whoSignsInAndOutIsNamed() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let handle = Data.handle()
            try await desk.account("maria@example.org")
            guard case .done(let signedIn) = try await desk.signIn("maria@example.org", handle: handle) else {
                Issue.record("not signed in")
                return
            }
            let account = try #require(try await desk.session(handle)?.account)
            let named = "portal anonymous done no-reason \(account) \(signedIn.session) {}"
            #expect(try await trail(desk, of: SignIn.name) == [named])
            // The second finds no session that could be ended.
            for _ in 0..<2 { _ = try await desk.bus.request(SignOut(audience: .portal, handle: handle), as: desk.portal) }
            #expect(try await trail(desk, of: SignOut.name) == [named, "portal anonymous done no-reason no-account no-session {}"])
        }
    }

    @Test func whoOpensAnAccountIsNamed() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let code = try await desk.code()
            #expect(try await desk.activate(code, birthDate: "1970-05-24") == .refused(.codeNotGood))
            guard case .done(let activated) = try await desk.activate(code) else {
                Issue.record("not activated")
                return
            }
            #expect(
                try await trail(desk, of: ActivateAccount.name) == [
                    "portal anonymous refused no-reason no-account no-session {}",
                    "portal anonymous done no-reason \(activated.account) no-session {}",
                ])
        }
    }

    /// Whether the name exists, the password was wrong or the account is closed: the entries differ in time and trace only.
    @Test func aFailedSignInNamesNobody() async throws {
        try await withIdentity { (desk: Desk) async throws in
            for name in ["known", "closed"] { try await desk.account("\(name)@example.org") }
            try await desk.account("nurse@example.org", role: .nurse)
            try await desk.change("UPDATE account SET state = 'closed' WHERE username = 'closed@example.org'")
            let tries = [
                ("nobody@example.org", goodPassword), ("known@example.org", "wrong"), ("closed@example.org", goodPassword),
                ("nurse@example.org", goodPassword),
            ]
            for (username, password) in tries { #expect(try await desk.signIn(username, password, source: username) == .refused(.failed)) }
            let nothing = "portal anonymous refused no-reason no-account no-session {}"
            #expect(try await trail(desk, of: SignIn.name) == Array(repeating: nothing, count: tries.count))
        }
    }
}
