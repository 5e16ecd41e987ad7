import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import Sealing
import TestSupport
import Testing

@testable import Identity

@Suite struct RecoveryTests {
    private let other = "another horse with better staples"

    private func ask(_ desk: Desk, _ username: String, _ audience: Audience = .portal, source: String = "home") async throws -> Answer<RequestReset> {
        try await desk.bus.request(RequestReset(audience: audience, username: username, source: source, key: .v7()), as: desk.gateway(audience))
    }

    private func reset(
        _ desk: Desk, _ code: String, _ password: String = "another horse with better staples", _ audience: Audience = .portal,
        source: String = "home"
    ) async throws -> Answer<ResetPassword> {
        try await desk.bus.request(
            ResetPassword(audience: audience, code: code, password: password, source: source, key: .v7()), as: desk.gateway(audience),
            within: .seconds(20))
    }

    /// What the notification worker would send, oldest first.
    private func letters(_ desk: Desk) async throws -> [LetterView] {
        let worker = try await desk.service.keys.worker("notifications")
        var found: [LetterView] = []
        for event in try await desk.service.emitted(LetterWritten.self) {
            if let letter = try await desk.bus.ask(ReadLetter(letter: event.letter), as: worker).letter { found.append(letter) }
        }
        return found
    }

    private func code(_ desk: Desk) async throws -> String {
        guard let code = try await letters(desk).last(where: { $0.kind == "reset" })?.code else { throw TryLater("no letter") }
        return code
    }

    @Test func aCodeByEmailSetsANewPasswordOnce() async throws {
        try await withIdentity { (desk: Desk) async throws in
            try await desk.account("maria@example.org")
            let handle = Data.handle()
            _ = try await desk.signIn("maria@example.org", handle: handle)
            #expect(try await ask(desk, "Maria@Example.org ") == .done(Done()))
            let letter = try #require(try await letters(desk).first)
            #expect(letter.to == "maria@example.org" && letter.kind == "reset" && letter.language == "es" && letter.audience == .portal)
            let code = try #require(letter.code)
            #expect(try await reset(desk, code, "short") == .refused(.passwordTooShort(minimum: 15)))
            #expect(try await reset(desk, code, "maria maria maria example") == .refused(.passwordTooCommon))
            #expect(try await reset(desk, code, other, .clinic) == .refused(.codeNotGood))
            #expect(try await reset(desk, code.lowercased().replacing("-", with: " ")) == .done(Done()))
            #expect(try await reset(desk, code, goodPassword) == .refused(.codeNotGood))
            // The other sessions are over, and the owner is told.
            #expect(try await desk.session(handle) == nil)
            #expect(try await desk.service.emitted(SessionEnded.self).map(\.reason) == ["credentials-changed"])
            #expect(try await letters(desk).map(\.kind) == ["password-changed"])
            #expect(try await desk.signIn("maria@example.org") == .refused(.failed))
            #expect(try await desk.signIn("maria@example.org", other).isDone)
        }
    }

    @Test func anOldReplacedOrGuessedCodeIsNoGood() async throws {
        try await withIdentity { (desk: Desk) async throws in
            try await desk.account("maria@example.org")
            _ = try await ask(desk, "maria@example.org")
            let first = try await code(desk)
            _ = try await ask(desk, "maria@example.org")
            let second = try await code(desk)
            #expect(first != second)
            for wrong in [first, "AAAA-BBBB-CCCC", ""] { #expect(try await reset(desk, wrong) == .refused(.codeNotGood)) }
            #expect(
                try await desk.read("SELECT max(expires_at) <= now() + interval '10 minutes' FROM reset", as: Bool.self) == [true])
            try await desk.change("UPDATE reset SET expires_at = now() - interval '1 s'")
            #expect(try await reset(desk, second) == .refused(.codeNotGood))
            // And no letter carries it any more.
            #expect(try await letters(desk) == [])
            for guess in 0..<10 { _ = try await reset(desk, "AAAA-BBBB-\(guess)", source: "bot") }
            guard case .refused(.throttled) = try await reset(desk, "AAAA-BBBB-CCCC", source: "bot") else {
                Issue.record("not throttled")
                return
            }
        }
    }

    /// Two use one code at once: one of them sets the password.
    @Test func oneCodeIsOnePassword() async throws {
        try await withIdentity { (desk: Desk) async throws in
            try await desk.account("maria@example.org")
            _ = try await ask(desk, "maria@example.org")
            let code = try await code(desk)
            let done = try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<4 {
                    group.addTask { try await reset(desk, code, "\(index) horses with better staples", source: "s\(index)").isDone }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(done == 1)
        }
    }

    /// A new password is no way around the second factor.
    @Test func theSecondFactorIsStillAskedFor() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let (handle, secret) = try await desk.staffMember("nurse@example.org")
            _ = try await ask(desk, "nurse@example.org", .clinic)
            #expect(try await reset(desk, try await code(desk), other, .clinic).isDone)
            #expect(try await desk.session(handle, .clinic) == nil)
            let again = Data.handle()
            #expect(try await desk.signIn("nurse@example.org", other, .clinic, handle: again).isDone)
            #expect(try await desk.session(again, .clinic) == nil)
            #expect(try await desk.unfinished(again, .clinic) == .code)
            #expect(try await desk.verify(secret.now(1), again).isDone)
        }
    }

    /// Whoever is named, the answer is the same; only the letter's reader finds that it is for nobody.
    @Test func askingTellsNothing() async throws {
        try await withIdentity { (desk: Desk) async throws in
            try await desk.account("maria@example.org")
            try await desk.account("closed@example.org")
            try await desk.account("nurse@example.org", role: .nurse)
            try await desk.change("UPDATE account SET state = 'closed' WHERE username = 'closed@example.org'")
            for name in ["maria@example.org", "nobody@example.org", "closed@example.org", "nurse@example.org", "", "no address"] {
                #expect(try await ask(desk, name, source: name) == .done(Done()), "\(name)")
            }
            #expect(try await letters(desk).map(\.to) == ["maria@example.org"])
            #expect(try await desk.service.emitted(LetterWritten.self).count == 6)
            let stored = try await desk.read(
                "SELECT DISTINCT length(answer) FROM answered WHERE name = 'identity.request-reset.v1'", as: Int32.self)
            #expect(stored.count == 1)
            // Too many are refused, for a name that exists and one that does not alike.
            for name in ["maria@example.org", "nobody@example.org"] {
                for _ in 0..<3 { #expect(try await ask(desk, name, source: "x\(name)") == .done(Done())) }
                #expect(isThrottled(try await ask(desk, name, source: "x\(name)")))
            }
        }
    }

    private func isThrottled(_ answer: Answer<RequestReset>) -> Bool {
        if case .refused(.throttled) = answer { true } else { false }
    }

    /// A stranger who asks again and again holds up nobody but themselves; from everywhere at once, nobody who has signed in from where they ask.
    @Test func aStrangerHoldsUpNobodysReset() async throws {
        try await withIdentity { (desk: Desk) async throws in
            try await desk.account("maria@example.org")
            #expect(try await desk.signIn("maria@example.org", source: "home").isDone)
            for _ in 0..<3 { #expect(try await ask(desk, "maria@example.org", source: "bot") == .done(Done())) }
            #expect(isThrottled(try await ask(desk, "maria@example.org", source: "bot")))
            #expect(try await ask(desk, "maria@example.org", source: "a new phone") == .done(Done()))
            var throttled = 0
            for bot in 0..<40 where isThrottled(try await ask(desk, "maria@example.org", source: "bot \(bot)")) { throttled += 1 }
            // A mailbox takes twenty a day from strangers.
            #expect(throttled == 24)
            #expect(isThrottled(try await ask(desk, "maria@example.org", source: "another phone")))
            #expect(try await ask(desk, "maria@example.org", source: "home") == .done(Done()))
        }
    }

    private func start(_ desk: Desk, _ command: StartReset, as token: ActorToken? = nil) async throws -> Answer<StartReset> {
        let administrator = try await desk.service.keys.staff(.administrator)
        return try await desk.bus.request(command, as: token ?? administrator)
    }

    /// An administrator starts it; the code goes to the owner, who chooses, and whose second factor is asked for as ever.
    @Test func anAdministratorStartsAResetAndChoosesNothing() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let (handle, secret) = try await desk.staffMember("nurse@example.org")
            _ = try await ask(desk, "nurse@example.org", .clinic)
            let older = try await code(desk)
            #expect(try await start(desk, StartReset(staff: "Nurse@example.org ", key: .v7())) == .done(Done()))
            // Until the code is used all is as it was.
            #expect(try await desk.session(handle, .clinic) != nil)
            let letter = try #require(try await letters(desk).last)
            #expect(letter.to == "nurse@example.org" && letter.kind == "reset-started" && letter.audience == .clinic)
            let code = try #require(letter.code)
            #expect(try await reset(desk, older, other, .clinic) == .refused(.codeNotGood))
            #expect(try await reset(desk, code, other, .clinic).isDone)
            #expect(try await desk.session(handle, .clinic) == nil)
            let again = Data.handle()
            #expect(try await desk.signIn("nurse@example.org", other, .clinic, handle: again).isDone)
            #expect(try await desk.unfinished(again, .clinic) == .code)
            #expect(try await desk.verify(secret.now(1), again).isDone)
            #expect(try await desk.read("SELECT count(*) FROM reset WHERE started_by IS NOT NULL", as: Int.self) == [1])
        }
    }

    @Test func aResetIsStartedByAdministratorsAndForThoseMeant() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let patient = ID<Patient>()
            try await desk.account("maria@example.org", patient: patient)
            try await desk.account("closed@example.org", role: .nurse)
            try await desk.change("UPDATE account SET state = 'closed' WHERE username = 'closed@example.org'")
            #expect(try await start(desk, StartReset(patient: patient, key: .v7())) == .done(Done()))
            #expect(try await letters(desk).map(\.to) == ["maria@example.org"])
            #expect(try await start(desk, StartReset(patient: .init(), key: .v7())) == .refused(.noAccount))
            for name in ["maria@example.org", "closed@example.org", ""] {
                #expect(try await start(desk, StartReset(staff: name, key: .v7())) == .refused(.noAccount), "\(name)")
            }
            for token in [desk.nurse, desk.portal, desk.clinic, try await desk.service.keys.staff(.frontDesk)] {
                await #expect(throws: BusError.notAllowed) { try await start(desk, StartReset(patient: patient, key: .v7()), as: token) }
            }
            // The patient sees in the trail who started it.
            let seen = try await desk.read(
                """
                SELECT outcome || ' ' || role FROM audit_entry
                WHERE action = \(StartReset.name) AND patients = ARRAY[\(patient.uuid)] AND outcome = 'done'
                """, as: String.self)
            #expect(seen == ["done administrator"])
        }
    }

    @Test func aDumpHoldsNoCode() async throws {
        try await withIdentity { (desk: Desk) async throws in
            try await desk.account("maria@example.org")
            _ = try await ask(desk, "maria@example.org")
            let code = try await code(desk)
            let rows = try await desk.read(
                """
                SELECT t::text FROM letter t UNION ALL SELECT t::text FROM reset t UNION ALL SELECT convert_from(body, 'UTF8') FROM outbox
                UNION ALL SELECT convert_from(body, 'UTF8') FROM sent
                """, as: String.self)
            #expect(rows.count >= 3)
            for row in rows { #expect(!row.contains(code) && !row.contains(code.replacing("-", with: "")) && !row.contains("maria")) }
            // Nobody but the notification worker is told what a letter says.
            let letter = try #require(try await desk.service.emitted(LetterWritten.self).first?.letter)
            for token in [desk.portal, desk.nurse, desk.operatorToken, try await desk.service.keys.worker("records")] {
                await #expect(throws: BusError.notAllowed) { try await desk.bus.ask(ReadLetter(letter: letter), as: token) }
            }
        }
    }

    @Test func whateverChangesHowOneSignsInIsTold() async throws {
        try await withIdentity { (desk: Desk) async throws in
            try await desk.account("nurse@example.org", role: .nurse)
            let (first, second) = (Data.handle(), Data.handle())
            _ = try await desk.signIn("nurse@example.org", goodPassword, .clinic, handle: first)
            let secret = try #require(try await desk.offer(first))
            guard case .done(let enrolled) = try await desk.enrol(secret.now(), first) else {
                Issue.record("not enrolled")
                return
            }
            _ = try await desk.signIn("nurse@example.org", goodPassword, .clinic, handle: second)
            _ = try await desk.verify(enrolled.recoveryCodes[0], second)
            #expect(try await letters(desk).map(\.kind) == ["second-factor-on", "recovery-code-used"])
        }
    }
}
