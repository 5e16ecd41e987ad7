import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Identity

@Suite struct SignInTests {
    @Test func aPatientAndANurseSignInAtTheirOwnGateway() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let patient = ID<Patient>()
            try await desk.account("Maria@Example.org", patient: patient)
            let first = Data.handle()
            guard case .done(let signedIn) = try await desk.signIn(" maria@example.ORG ", handle: first) else {
                Issue.record("not signed in")
                return
            }
            let view = try #require(try await desk.session(first))
            #expect(view.session == signedIn.session)
            #expect(view.username == "maria@example.org")
            #expect(view.patients == [patient] && view.role == "patient" && view.language == "es" && view.displayName == nil)
            let actor = try await desk.service.keys.verifier.verify(ActorToken(view.actorToken))
            #expect(actor.role == .patient && actor.patients == [patient] && actor.purpose == "own-record" && actor.session == view.session)

            let handle = try await desk.staffMember("nurse@clinic.example").handle
            let nurse = try #require(try await desk.session(handle, .clinic))
            #expect(nurse.displayName == "Ada Bell" && nurse.patients.isEmpty)
            let staff = try await desk.service.keys.verifier.verify(ActorToken(nurse.actorToken))
            #expect(staff.role == .nurse && staff.purpose == "treatment")
        }
    }

    /// Unknown name, wrong password, wrong gateway, no password yet, not active: one answer.
    @Test func everyFailureIsTheSameAnswer() async throws {
        try await withIdentity { (desk: Desk) async throws in
            for name in ["known", "none", "suspended", "closed", "locked", "invited"] { try await desk.account("\(name)@example.org") }
            try await desk.account("nurse@example.org", role: .nurse)
            try await desk.change("UPDATE account SET credential = NULL WHERE username = 'none@example.org'")
            try await desk.change(
                """
                UPDATE account SET state = split_part(username, '@', 1)
                WHERE username IN ('suspended@example.org', 'closed@example.org', 'locked@example.org', 'invited@example.org')
                """)
            try await desk.change("UPDATE account SET credential = 'md5$abc' WHERE username = 'closed@example.org'")
            let tries: [(String, String, Audience)] = [
                ("nobody@example.org", goodPassword, .portal), ("known@example.org", "wrong", .portal), ("known@example.org", goodPassword, .clinic),
                ("nurse@example.org", goodPassword, .portal), ("none@example.org", goodPassword, .portal),
                ("suspended@example.org", goodPassword, .portal), ("closed@example.org", goodPassword, .portal),
                ("locked@example.org", goodPassword, .portal), ("invited@example.org", goodPassword, .portal), ("", "", .portal),
                ("known\u{0}@example.org\u{0}", "\u{0}", .portal), (String(repeating: "x", count: 10_000), "x", .portal),
                ("known@example.org", goodPassword + " ", .portal), ("known@example.org", goodPassword.uppercased(), .portal),
            ]
            for (username, password, audience) in tries {
                let answer = try await desk.signIn(username, password, audience, source: UUID().uuidString)
                #expect(answer == .refused(.failed), "\(username.prefix(30))")
            }
            let lengths = try await desk.read("SELECT DISTINCT length(answer) FROM answered WHERE name = 'identity.sign-in.v1'", as: Int32.self)
            #expect(lengths.count == 1)
            #expect(try await desk.read("SELECT count(*) FROM session", as: Int.self) == [0])
            // A gateway cannot sign in for the other.
            let crossed = try await desk.bus.request(
                SignIn(audience: .clinic, username: "nurse@example.org", password: goodPassword, handle: .handle(), source: "x", attempt: .v7()),
                as: desk.portal)
            #expect(crossed == .refused(.failed))
        }
    }

    @Test func onlyGatewaysAsk() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let handle = Data.handle()
            for token in [desk.nurse, desk.operatorToken, try await desk.service.keys.worker("records")] {
                await #expect(throws: BusError.notAllowed) {
                    let attempt = SignIn(audience: .portal, username: "a@b.cd", password: "x", handle: handle, source: "x", attempt: .v7())
                    return try await desk.bus.request(attempt, as: token)
                }
                await #expect(throws: BusError.notAllowed) { try await desk.bus.ask(ReadSession(audience: .portal, handle: handle), as: token) }
            }
            await #expect(throws: BusError.notAllowed) {
                let invite = InviteToPortal(invitation: .init(), patient: .init(), birthDate: "1970-01-01", key: .v7())
                return try await desk.bus.request(invite, as: desk.portal)
            }
        }
    }

    /// A try whose answer got lost is answered again, and makes no second session.
    @Test func theSameAttemptTwiceIsOneSession() async throws {
        try await withIdentity { (desk: Desk) async throws in
            try await desk.account("maria@example.org")
            let attempt = SignIn(
                audience: .portal, username: "maria@example.org", password: goodPassword, handle: .handle(), source: "home", attempt: .v7())
            let first = try await desk.bus.request(attempt, as: desk.portal)
            #expect(try await desk.bus.request(attempt, as: desk.portal) == first)
            #expect(try await desk.read("SELECT count(*) FROM session", as: Int.self) == [1])
        }
    }

    @Test func passwordsAreLongOnesInFull() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let emoji = String(repeating: "🦊🐢🌿🎈", count: 16)
            try await desk.account("emoji@example.org", password: emoji)
            #expect(try await desk.signIn("emoji@example.org", emoji).isDone)
            let long = (0..<200).map { String($0 % 10) }.joined()
            var other = Array(long)
            other[150] = "x"
            try await desk.account("long@example.org", password: long)
            #expect(try await desk.signIn("long@example.org", String(other)) == .refused(.failed))
            #expect(try await desk.signIn("long@example.org", long).isDone)
            // Composed on one machine, decomposed on another.
            try await desk.account("accent@example.org", password: "caf\u{e9} con leche y pan")
            #expect(try await desk.signIn("accent@example.org", "cafe\u{301} con leche y pan").isDone)
        }
    }

    @Test func anOldHashIsRenewedAtSignIn() async throws {
        try await withIdentity { (desk: Desk) async throws in
            try await desk.account("maria@example.org")
            let hasher = PasswordHasher(logN: 10, pepper: desk.service.keys.auditKey)
            let old = try await hasher.withPlace { try await $0.credential(for: goodPassword) }
            try await desk.change("UPDATE account SET credential = \(old.text)")
            #expect(try await desk.signIn("maria@example.org").isDone)
            let stored = try #require(try await desk.read("SELECT credential FROM account", as: String.self).first)
            #expect(stored.hasPrefix("scrypt$ln=12,r=8,p=1$"))
            #expect(try await desk.signIn("maria@example.org").isDone)
        }
    }

    /// The old password is checked against the hash there was; by the time the session would begin there is another.
    @Test func whatWasCheckedBeforeThePasswordChangedOpensNothing() async throws {
        try await withIdentity { (desk: Desk) async throws in
            try await desk.account("maria@example.org")
            let new = try await desk.passwords.hasher.withPlace { try await $0.credential(for: goodPassword + " again") }
            let answer = try await desk.signIn("maria@example.org", during: "UPDATE account SET credential = \(new.text)")
            #expect(answer == .refused(.failed))
            #expect(try await desk.read("SELECT count(*) FROM session", as: Int.self) == [0])
            #expect(try await desk.read("SELECT credential FROM account", as: String.self) == [new.text], "nor is the old one renewed")
            #expect(try await desk.signIn("maria@example.org", goodPassword + " again").isDone)
        }
    }

    @Test func theNameOfAClosedAccountIsFree() async throws {
        try await withIdentity { (desk: Desk) async throws in
            for _ in 0..<2 {
                try await desk.account("maria@example.org", password: "the one she had before")
                try await desk.change("UPDATE account SET state = 'closed'")
            }
            let patient = ID<Patient>()
            #expect(try await desk.activate(try await desk.code(for: patient)).isDone)
            #expect(try await desk.activate(try await desk.code()) == .refused(.usernameTaken), "of those that are open one has it")
            #expect(try await desk.signIn("maria@example.org", "the one she had before") == .refused(.failed))
            let handle = Data.handle()
            #expect(try await desk.signIn("maria@example.org", handle: handle).isDone)
            #expect(try await desk.session(handle)?.patients == [patient])
            // Suspended is not gone.
            try await desk.change("UPDATE account SET state = 'suspended' WHERE state = 'active'")
            #expect(try await desk.account("maria@example.org") == .refused(.usernameTaken))
            // Nothing brings a closed one back: the table would not have it.
            await #expect(throws: (any Error).self) { try await desk.change("UPDATE account SET state = 'active' WHERE state = 'closed'") }
        }
    }

    @Test func aDumpHoldsNothingThatOpensADoor() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let handle = Data.handle()
            let code = try await desk.code()
            #expect(try await desk.activate(code).isDone)
            #expect(try await desk.signIn("maria@example.org", handle: handle).isDone)
            let hex = handle.map { String(format: "%02x", $0) }.joined()
            let rows = try await desk.read(
                """
                SELECT t::text FROM account t UNION ALL SELECT t::text FROM session t UNION ALL SELECT t::text FROM invitation t
                UNION ALL SELECT t::text FROM throttle t UNION ALL SELECT t::text FROM answered t UNION ALL SELECT t::text FROM audit_entry t
                UNION ALL SELECT convert_from(body, 'UTF8') FROM outbox
                """, as: String.self)
            #expect(rows.count >= 8)
            let bare = code.replacing("-", with: "")
            for row in rows {
                for secret in [hex, handle.base64EncodedString(), code, bare, goodPassword, "1970-05-23"] { #expect(!row.contains(secret)) }
            }
            let credential = try #require(try await desk.read("SELECT credential FROM account", as: String.self).first)
            #expect(Credential(credential)?.text == credential)
        }
    }
}

extension Answer {
    var isDone: Bool { if case .done = self { true } else { false } }
}
