import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Identity

/// What was typed is there after signing in again, for who typed it and nobody else.
@Suite struct DraftTests {
    private let draft = Draft(path: "/patients", fields: [DraftField(name: "q", value: "my back hurts since Tuesday")])

    private func keep(_ desk: Desk, _ handle: Data) async throws {
        _ = try await desk.bus.request(KeepDraft(audience: .portal, handle: handle, draft: draft, key: .v7()), as: desk.portal)
    }

    private func read(_ desk: Desk, _ handle: Data, _ audience: Audience = .portal) async throws -> Draft? {
        try await desk.bus.ask(ReadDraft(audience: audience, handle: handle), as: desk.gateway(audience)).draft
    }

    @Test func itIsKeptForWhoTypedIt() async throws {
        try await withIdentity { (desk: Desk) async throws in
            for name in ["maria", "other"] { try await desk.account("\(name)@example.org") }
            let (first, again, other) = (Data.handle(), Data.handle(), Data.handle())
            _ = try await desk.signIn("maria@example.org", handle: first)
            // A session that goes on sends its forms itself.
            try await keep(desk, first)
            #expect(try await desk.read("SELECT count(*) FROM draft", as: Int.self) == [0])
            try await desk.change("UPDATE session SET expires_idle = now() - interval '1 s'")
            for _ in 0..<2 { try await keep(desk, first) }
            #expect(try await read(desk, first) == nil)
            _ = try await desk.signIn("other@example.org", handle: other)
            #expect(try await read(desk, other) == nil)
            _ = try await desk.signIn("maria@example.org", handle: again)
            #expect(try await read(desk, again) == draft)
            #expect(try await read(desk, again, .clinic) == nil)
            for row in try await desk.read("SELECT t::text FROM draft t", as: String.self) { #expect(!row.contains("Tuesday")) }
            // Who signs out leaves nothing behind, and nothing comes from there later.
            _ = try await desk.bus.ask(SignOut(audience: .portal, handle: again), as: desk.portal)
            try await keep(desk, again)
            #expect(try await desk.read("SELECT count(*) FROM draft", as: Int.self) == [0])
        }
    }

    @Test func itIsForgottenAfterTwelveHours() async throws {
        try await withIdentity { (desk: Desk) async throws in
            try await desk.account("maria@example.org")
            let (first, again) = (Data.handle(), Data.handle())
            _ = try await desk.signIn("maria@example.org", handle: first)
            try await desk.change("UPDATE session SET expires_idle = now() - interval '1 s'")
            try await keep(desk, first)
            try await desk.change("UPDATE draft SET kept_at = now() - interval '13 hours'")
            _ = try await desk.signIn("maria@example.org", handle: again)
            #expect(try await read(desk, again) == nil)
            try await desk.service.pool.asWorker(of: "identity") { tx in try await forgetEnded(in: tx) }
            #expect(try await desk.read("SELECT count(*) FROM draft", as: Int.self) == [0])
        }
    }
}
