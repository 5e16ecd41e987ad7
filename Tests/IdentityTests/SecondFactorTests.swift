import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import Sealing
import TestSupport
import Testing

@testable import Identity

@Suite struct SecondFactorTests {
    /// A password alone gets staff nothing but the page where they set up what is missing: no token leaves identity.
    @Test func staffWithoutASecondFactorSetOneUpFirst() async throws {
        try await withIdentity { (desk: Desk) async throws in
            try await desk.account("nurse@example.org", role: .nurse)
            let (first, second, other) = (Data.handle(), Data.handle(), Data.handle())
            guard case .done(let signedIn) = try await desk.signIn("nurse@example.org", goodPassword, .clinic, handle: first) else {
                Issue.record("not signed in")
                return
            }
            #expect(signedIn.needs == .enrolment && signedIn.expires.timeIntervalSinceNow < 15 * 60 + 1)
            #expect(try await desk.signIn("nurse@example.org", goodPassword, .clinic, handle: other).isDone)
            #expect(try await desk.session(first, .clinic) == nil)
            #expect(try await desk.unfinished(first, .clinic) == .enrolment)
            let secret = try #require(try await desk.offer(first))
            // Asked for again it is the same; another session's is another.
            #expect(try await desk.offer(first) == secret)
            #expect(try await desk.offer(other) != secret)
            #expect(try await desk.offer(first, .portal) == nil)
            #expect(try await desk.enrol("000000", first) == .refused(.notGood))
            #expect(try await desk.read("SELECT count(*) FROM totp", as: Int.self) == [0])

            guard case .done(let enrolled) = try await desk.enrol(secret.now(), first, to: second) else {
                Issue.record("not enrolled")
                return
            }
            #expect(Set(enrolled.recoveryCodes).count == 10)
            #expect(try await desk.session(second, .clinic)?.role == "nurse")
            #expect(try await desk.session(second, .clinic)?.session == signedIn.session)
            // The handle from before the second factor, and the session beside it, are over.
            #expect(try await desk.unfinished(first, .clinic) == nil)
            #expect(try await desk.session(first, .clinic) == nil)
            #expect(try await desk.unfinished(other, .clinic) == nil)
            #expect(try await desk.service.emitted(SessionEnded.self).map(\.reason) == ["credentials-changed"])
            #expect(try await desk.offer(second) == nil)
            #expect(try await desk.enrol(secret.now(1), second) == .refused(.alreadyEnrolled))
        }
    }

    @Test func aCodeIsGoodOnce() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let secret = TimeCodes.random()
            try await desk.account("nurse@example.org", role: .nurse, secret: secret)
            func begun() async throws -> Data {
                let handle = Data.handle()
                guard case .done(let signedIn) = try await desk.signIn("nurse@example.org", goodPassword, .clinic, handle: handle) else {
                    throw TryLater("not signed in")
                }
                #expect(signedIn.needs == .code)
                return handle
            }
            let (first, second, third) = (try await begun(), try await begun(), Data.handle())
            let code = secret.now()
            #expect(try await desk.session(first, .clinic) == nil)
            #expect(try await desk.verify(secret.now(5), first) == .refused(.notGood))
            #expect(try await desk.verify("", first) == .refused(.notGood))
            #expect(try await desk.verify(code, first, .portal) == .refused(.sessionEnded))
            #expect(try await desk.verify(code, first, to: third).isDone)
            #expect(try await desk.session(third, .clinic)?.proven != nil)
            #expect(try await desk.session(first, .clinic) == nil)
            #expect(try await desk.unfinished(first, .clinic) == nil)
            // The same again, and any older one.
            #expect(try await desk.verify(code, second) == .refused(.notGood))
            #expect(try await desk.verify(secret.now(-1), second) == .refused(.notGood))
            #expect(try await desk.session(second, .clinic) == nil)
            #expect(try await desk.verify(secret.now(1), second).isDone)
        }
    }

    /// Many send one code at once: one gets in.
    @Test func oneCodeIsOneSession() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let secret = TimeCodes.random()
            try await desk.account("nurse@example.org", role: .nurse, secret: secret)
            var handles: [Data] = []
            for _ in 0..<4 {
                handles.append(.handle())
                _ = try await desk.signIn("nurse@example.org", goodPassword, .clinic, handle: handles[handles.count - 1])
            }
            let code = secret.now()
            let done = try await withThrowingTaskGroup(of: Bool.self) { group in
                for (place, handle) in handles.enumerated() { group.addTask { try await desk.verify(code, handle, source: "s\(place)").isDone } }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(done == 1)
        }
    }

    @Test func aRecoveryCodeStandsInOnce() async throws {
        try await withIdentity { (desk: Desk) async throws in
            try await desk.account("nurse@example.org", role: .nurse)
            let first = Data.handle()
            _ = try await desk.signIn("nurse@example.org", goodPassword, .clinic, handle: first)
            let secret = try #require(try await desk.offer(first))
            guard case .done(let enrolled) = try await desk.enrol(secret.now(), first) else {
                Issue.record("not enrolled")
                return
            }
            for (typed, good) in [
                (enrolled.recoveryCodes[0], true), (enrolled.recoveryCodes[0], false),
                (enrolled.recoveryCodes[1].lowercased().replacing("-", with: " "), true), ("K7QF-M2XP-9RTD", false),
            ] {
                let handle = Data.handle()
                _ = try await desk.signIn("nurse@example.org", goodPassword, .clinic, handle: handle)
                #expect(try await desk.verify(typed, handle).isDone == good, "\(typed)")
            }
            #expect(try await desk.read("SELECT count(*) FROM recovery_code WHERE used_at IS NULL", as: Int.self) == [8])
            let rows = try await desk.read(
                "SELECT t::text FROM totp t UNION ALL SELECT t::text FROM recovery_code t UNION ALL SELECT t::text FROM answered t", as: String.self)
            let hex = secret.secret.map { String(format: "%02x", $0) }.joined()
            for row in rows {
                for held in enrolled.recoveryCodes + [secret.base32, hex] { #expect(!row.contains(held)) }
            }
        }
    }

    @Test func codesCannotBeTriedThrough() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let secret = TimeCodes.random()
            try await desk.account("nurse@example.org", role: .nurse, secret: secret)
            let handle = Data.handle()
            _ = try await desk.signIn("nurse@example.org", goodPassword, .clinic, handle: handle)
            for _ in 0..<5 { #expect(try await desk.verify(secret.now(7), handle) == .refused(.notGood)) }
            guard case .refused(.throttled) = try await desk.verify(secret.now(), handle) else {
                Issue.record("not throttled")
                return
            }
            // Not from elsewhere either, for long; the sixteenth there is the account's twenty-first.
            for guess in 0..<15 { _ = try await desk.verify(secret.now(7), handle, source: "s\(guess)") }
            guard case .refused(.throttled) = try await desk.verify(secret.now(), handle, source: "t") else {
                Issue.record("not throttled")
                return
            }
        }
    }

    /// A sign-in that is not finished does not stay open, however often it is looked at.
    @Test func anUnfinishedSignInRunsOut() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let secret = TimeCodes.random()
            try await desk.account("nurse@example.org", role: .nurse, secret: secret)
            let handle = Data.handle()
            _ = try await desk.signIn("nurse@example.org", goodPassword, .clinic, handle: handle)
            try await desk.change("UPDATE session SET last_used_at = now() - interval '2 minutes'")
            _ = try await desk.unfinished(handle, .clinic)
            #expect(try await desk.read("SELECT expires_idle < now() + interval '15 minutes' FROM session", as: Bool.self) == [true])
            try await desk.change("UPDATE session SET expires_idle = now() - interval '1 s'")
            #expect(try await desk.verify(secret.now(), handle) == .refused(.sessionEnded))
        }
    }

    /// Once a patient has a second factor no session of theirs goes on without it.
    @Test func patientsMayHaveOne() async throws {
        try await withIdentity { (desk: Desk) async throws in
            try await desk.account("maria@example.org")
            let (first, second, third, fourth) = (Data.handle(), Data.handle(), Data.handle(), Data.handle())
            #expect(try await desk.signIn("maria@example.org", handle: first).isDone)
            #expect(try await desk.signIn("maria@example.org", handle: second).isDone)
            let secret = try #require(try await desk.offer(first, .portal))
            #expect(try await desk.enrol(secret.now(), first, to: third, .portal).isDone)
            #expect(try await desk.session(third) != nil)
            #expect(try await desk.session(second) == nil)
            #expect(try await desk.signIn("maria@example.org", handle: fourth).isDone)
            #expect(try await desk.session(fourth) == nil)
            #expect(try await desk.unfinished(fourth) == .code)
            #expect(try await desk.verify(secret.now(1), fourth, .portal).isDone)
            // Sealed with the patient's own key: destroyed, nobody can read it again.
            let patient = try #require(try await desk.read("SELECT patient FROM account", as: UUID.self).first)
            _ = try desk.service.keys.store.key(of: patient)
        }
    }

    @Test func anOldSessionOfSomebodyElseSetsUpNothing() async throws {
        try await withIdentity { (desk: Desk) async throws in
            try await desk.account("maria@example.org")
            let handle = Data.handle()
            _ = try await desk.signIn("maria@example.org", handle: handle)
            let secret = try #require(try await desk.offer(handle, .portal))
            try await desk.change("UPDATE session SET proven_at = now() - interval '6 minutes'")
            #expect(try await desk.enrol(secret.now(), handle, .portal) == .refused(.stepUp))
        }
    }
}
