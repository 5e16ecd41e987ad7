import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import Sealing
import TestSupport
import Testing

@testable import Identity

/// What a person does with the own account: sessions, password, second factor.
@Suite struct SecurityTests {
    private let other = "another horse with better staples"

    private func security(_ desk: Desk, _ handle: Data, _ audience: Audience = .portal) async throws -> SecurityView? {
        try await desk.bus.ask(ReadSecurity(audience: audience, handle: handle), as: desk.gateway(audience)).security
    }

    private func end(_ desk: Desk, _ handle: Data, _ session: ID<Session>? = nil) async throws -> Answer<EndSessions> {
        try await desk.bus.request(EndSessions(audience: .portal, handle: handle, session: session, key: .v7()), as: desk.portal)
    }

    private func change(_ desk: Desk, _ handle: Data, to password: String, then: Data = .handle()) async throws -> Answer<ChangePassword> {
        try await desk.bus.request(
            ChangePassword(audience: .portal, handle: handle, newHandle: then, password: password, key: .v7()), as: desk.portal,
            within: .seconds(20))
    }

    private func prove(
        _ desk: Desk, _ handle: Data, _ password: String = goodPassword, code: String? = nil, then: Data = .handle(), at audience: Audience = .portal
    ) async throws -> Answer<Reauthenticate> {
        try await desk.bus.request(
            Reauthenticate(audience: audience, handle: handle, newHandle: then, password: password, code: code, source: "home", key: .v7()),
            as: desk.gateway(audience), within: .seconds(20))
    }

    private func patient(_ desk: Desk, _ username: String, sessions: Int) async throws -> [Data] {
        try await desk.account(username)
        var handles: [Data] = []
        for _ in 0..<sessions {
            handles.append(.handle())
            #expect(try await desk.signIn(username, handle: handles[handles.count - 1]).isDone)
        }
        return handles
    }

    @Test func sessionsAreListedAndEndedByTheirOwner() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let mine = try await patient(desk, "maria@example.org", sessions: 3)
            let strangers = try await patient(desk, "other@example.org", sessions: 1)
            let view = try #require(try await security(desk, mine[0]))
            #expect(view.username == "maria@example.org" && view.sessions.count == 3 && view.sessions.filter(\.isThis).count == 1)
            let second = try #require(try await desk.session(mine[1])?.session)
            let theirs = try #require(try await desk.session(strangers[0])?.session)
            #expect(try await end(desk, mine[0], second) == .done(Done()))
            #expect(try await desk.session(mine[1]) == nil)
            // Somebody else's is not there to be ended.
            #expect(try await end(desk, mine[0], theirs) == .done(Done()))
            #expect(try await desk.session(strangers[0]) != nil)
            #expect(try await end(desk, mine[0]) == .done(Done()))
            #expect(try await desk.session(mine[2]) == nil)
            #expect(try await desk.session(mine[0]) != nil)
            #expect(try await desk.service.emitted(SessionEnded.self).map(\.reason) == ["ended-by-owner", "ended-by-owner"])
            #expect(try await end(desk, mine[1]) == .refused(.sessionEnded))
            #expect(try await security(desk, mine[1]) == nil)
            #expect(try await security(desk, mine[0], .clinic) == nil)
        }
    }

    @Test func aPasswordIsChangedAfterProvingWhoOneIs() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let handles = try await patient(desk, "maria@example.org", sessions: 2)
            #expect(try await change(desk, handles[0], to: "short") == .refused(.passwordTooShort(minimum: 15)))
            #expect(try await change(desk, handles[0], to: "maria.maria.maria@example") == .refused(.passwordTooCommon))
            try await desk.change("UPDATE session SET proven_at = now() - interval '301 s'")
            #expect(try await change(desk, handles[0], to: other) == .refused(.stepUp))
            #expect(try await prove(desk, handles[0], "wrong") == .refused(.notGood))
            let (proven, changed) = (Data.handle(), Data.handle())
            #expect(try await prove(desk, handles[0], then: proven).isDone)
            // The handle from before is of no use any more.
            #expect(try await desk.session(handles[0]) == nil)
            #expect(try await change(desk, proven, to: other, then: changed).isDone)
            #expect(try await desk.session(changed) != nil)
            #expect(try await desk.session(handles[1]) == nil)
            #expect(try await desk.service.emitted(SessionEnded.self).map(\.reason) == ["credentials-changed"])
            #expect(try await desk.signIn("maria@example.org") == .refused(.failed))
            #expect(try await desk.signIn("maria@example.org", other).isDone)
        }
    }

    @Test func provingTakesTheCodeToo() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let (handle, secret) = try await desk.staffMember("nurse@example.org")
            #expect(try await prove(desk, handle, at: .clinic) == .refused(.notGood))
            #expect(try await prove(desk, handle, code: "000000", at: .clinic) == .refused(.notGood))
            #expect(try await prove(desk, handle, "wrong", code: secret.now(1), at: .clinic) == .refused(.notGood))
            #expect(try await prove(desk, handle, code: secret.now(1), at: .clinic).isDone)
            // Not a way to finish a sign-in.
            let unfinished = Data.handle()
            _ = try await desk.signIn("nurse@example.org", goodPassword, .clinic, handle: unfinished)
            #expect(try await prove(desk, unfinished, at: .clinic) == .refused(.sessionEnded))
        }
    }

    @Test func recoveryCodesAreRenewedAndCodesTurnedOff() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let handles = try await patient(desk, "maria@example.org", sessions: 1)
            func renew(_ handle: Data) async throws -> Answer<RenewRecoveryCodes> {
                try await desk.bus.request(RenewRecoveryCodes(audience: .portal, handle: handle, key: .v7()), as: desk.portal)
            }
            func remove(_ handle: Data, _ audience: Audience = .portal) async throws -> Answer<RemoveSecondFactor> {
                try await desk.bus.request(RemoveSecondFactor(audience: audience, handle: handle, key: .v7()), as: desk.gateway(audience))
            }
            #expect(try await renew(handles[0]) == .refused(.notEnrolled))
            #expect(try await remove(handles[0]) == .refused(.notEnrolled))
            let (enrolled, secret) = (Data.handle(), try #require(try await desk.offer(handles[0], .portal)))
            guard case .done(let first) = try await desk.enrol(secret.now(), handles[0], to: enrolled, .portal),
                case .done(let renewed) = try await renew(enrolled)
            else {
                Issue.record("no codes")
                return
            }
            #expect(renewed.codes.count == 10 && Set(renewed.codes).isDisjoint(with: first.recoveryCodes))
            for (code, good) in [(first.recoveryCodes[0], false), (renewed.codes[0], true)] {
                let handle = Data.handle()
                _ = try await desk.signIn("maria@example.org", handle: handle)
                #expect(try await desk.verify(code, handle, .portal).isDone == good)
            }
            #expect(try await security(desk, enrolled)?.recoveryCodesLeft == 9)
            try await desk.change("UPDATE session SET proven_at = now() - interval '301 s'")
            #expect(try await renew(enrolled) == .refused(.stepUp))
            #expect(try await remove(enrolled) == .refused(.stepUp))
            let proven = Data.handle()
            #expect(try await prove(desk, enrolled, code: secret.now(1), then: proven).isDone)
            #expect(try await remove(proven) == .done(Done()))
            #expect(try await desk.session(proven) != nil)
            let alone = Data.handle()
            #expect(try await desk.signIn("maria@example.org", handle: alone).isDone)
            #expect(try await desk.session(alone) != nil)
            // Staff cannot do without.
            let nurse = try await desk.staffMember("nurse@example.org").handle
            #expect(try await remove(nurse, .clinic) == .refused(.required))
        }
    }
}
