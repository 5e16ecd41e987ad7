import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Identity

@Suite struct SessionTests {
    private func withSession(_ audience: Audience = .portal, _ body: (Desk, Data) async throws -> Void) async throws {
        try await withIdentity { (desk: Desk) async throws in
            guard audience == .portal else { return try await body(desk, try await desk.staffMember("one@example.org").handle) }
            try await desk.account("one@example.org")
            let handle = Data.handle()
            #expect(try await desk.signIn("one@example.org", goodPassword, audience, handle: handle).isDone)
            try await body(desk, handle)
        }
    }

    @Test(arguments: [(Audience.portal, 30.0), (.clinic, 15.0)]) func endsUnused(_ audience: Audience, _ minutes: Double) async throws {
        try await withSession(audience) { desk, handle in
            let left = try #require(try await desk.session(handle, audience)).expires.timeIntervalSinceNow / 60
            #expect((minutes - 0.5...minutes).contains(left))
            try await desk.change("UPDATE session SET expires_idle = now() - interval '1 s'")
            #expect(try await desk.session(handle, audience) == nil)
            let ended = try await desk.service.pool.asWorker(of: "identity", endIdleSessions)
            #expect(ended == 1)
            #expect(try await desk.service.pool.asWorker(of: "identity", endIdleSessions) == 0)
            let told = try await desk.service.emitted(SessionEnded.self)
            #expect(told.map(\.reason) == ["expired"])
        }
    }

    @Test func useKeepsItOpenUpToTwelveHours() async throws {
        try await withSession { desk, handle in
            // Within a minute nothing is written.
            let before = try await desk.read("SELECT expires_idle FROM session", as: Date.self)
            _ = try await desk.session(handle)
            #expect(try await desk.read("SELECT expires_idle FROM session", as: Date.self) == before)
            try await desk.change("UPDATE session SET last_used_at = now() - interval '2 minutes', expires_idle = now() + interval '1 minute'")
            let left = try #require(try await desk.session(handle)).expires.timeIntervalSinceNow / 60
            #expect((29...30).contains(left))
            try await desk.change(
                """
                UPDATE session SET last_used_at = now() - interval '2 minutes', expires_idle = now() + interval '1 minute',
                    expires_absolute = now() + interval '4 minutes'
                """)
            let view = try #require(try await desk.session(handle))
            #expect((3.5...4).contains(view.expires.timeIntervalSinceNow / 60))
            _ = try await desk.service.keys.verifier.verify(.init(view.actorToken))
        }
    }

    /// A page that asks for itself, because something on it changed, is no use.
    @Test func whatNobodyDidKeepsNothingOpen() async throws {
        try await withSession { desk, handle in
            try await desk.change("UPDATE session SET last_used_at = now() - interval '2 minutes', expires_idle = now() + interval '1 minute'")
            let quiet = ReadSession(audience: .portal, handle: handle, isUse: false)
            let reply = try await desk.bus.ask(quiet, as: desk.gateway(.portal))
            let view = try #require(reply.session)
            #expect(view.expires.timeIntervalSinceNow < 61)
            #expect(try await desk.read("SELECT expires_idle < now() + interval '61 s' FROM session", as: Bool.self) == [true])
        }
    }

    @Test func signingOutEndsItAtOnce() async throws {
        try await withSession { desk, handle in
            // The other gateway has no say in it.
            _ = try await desk.bus.ask(SignOut(audience: .clinic, handle: handle), as: desk.clinic)
            #expect(try await desk.session(handle) != nil)
            #expect(try await desk.session(handle, .clinic) == nil)
            for _ in 0..<2 { _ = try await desk.bus.ask(SignOut(audience: .portal, handle: handle), as: desk.portal) }
            #expect(try await desk.session(handle) == nil)
            #expect(try await desk.service.emitted(SessionEnded.self).map(\.reason) == ["signed-out"])
        }
    }

    @Test func aSuspendedAccountHasNoSession() async throws {
        try await withSession { desk, handle in
            try await desk.change("UPDATE account SET state = 'suspended'")
            #expect(try await desk.session(handle) == nil)
        }
    }

    @Test func anUnknownHandleIsNobody() async throws {
        try await withIdentity { (desk: Desk) async throws in
            #expect(try await desk.session(.handle()) == nil)
            #expect(try await desk.session(Data()) == nil)
        }
    }
}
