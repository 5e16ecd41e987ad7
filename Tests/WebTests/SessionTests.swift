import Access
import Contracts
import Foundation
import MessageBus
import Synchronization
import Testing
@testable import Web

/// Who stays signed in while identity does not answer, and who does not.
@Suite struct SessionTests {
    /// Stands for identity on the other side of the bus.
    final class Identity: Bus {
        enum Word: Sendable { case signedIn(expires: Date), nobody, away }
        private let state = Mutex((word: Word.away, asked: 0, waited: Duration.zero, isUse: true))

        func says(_ word: Word) { state.withLock { $0.word = word } }
        /// Whether the last who asked had done something.
        var isUse: Bool { state.withLock { $0.isUse } }
        var asked: Int { state.withLock { $0.asked } }
        /// How long the last asker would have waited.
        var waited: Duration { state.withLock { $0.waited } }

        func request<R: Request>(_ request: R, as token: ActorToken?, within timeout: Duration) async throws(BusError) -> Answer<R> {
            let word = state.withLock { state in
                state.asked += 1
                state.waited = timeout
                state.isUse = (request as? ReadSession)?.isUse != false
                return state.word
            }
            let session: SessionView? =
                switch word {
                case .away: throw .unavailable
                case .nobody: nil
                case .signedIn(let expires):
                    SessionView(
                        session: ID(), account: ID(), username: "maria@example.org", role: Role.patient.rawValue, patients: [ID()],
                        actorToken: "token", expires: expires)
                }
            guard let reply = SessionReply(session: session) as? R.Reply else { throw .failed }
            return .done(reply)
        }
    }

    let identity = Identity()
    let cookie = SessionReader.newHandle().cookie

    func reader() -> SessionReader { SessionReader(identity, audience: .portal, rememberedFor: .zero) }

    @Test func whoWasSignedInStaysSo() async throws {
        let reader = reader()
        identity.says(.signedIn(expires: Date().addingTimeInterval(600)))
        #expect(try await reader.read(cookie)?.isConfirmed == true)
        identity.says(.away)
        #expect(try await reader.read(cookie)?.isConfirmed == false)
        // Not asked again for each page.
        let asked = identity.asked
        #expect(try await reader.read(cookie)?.view.username == "maria@example.org")
        #expect(identity.asked == asked)
    }

    /// A page that asks for itself is no use of a session, and what it was told hides none.
    @Test func aPageThatAsksForItselfIsNoUse() async throws {
        let reader = SessionReader(identity, audience: .portal, rememberedFor: .seconds(60))
        identity.says(.signedIn(expires: Date().addingTimeInterval(600)))
        #expect(try await reader.read(cookie, isUse: false) != nil)
        #expect(!identity.isUse)
        #expect(try await reader.read(cookie) != nil)
        #expect(identity.isUse && identity.asked == 2)
        _ = try await reader.read(cookie, isUse: false)
        #expect(identity.asked == 2)
    }

    @Test func aSessionThatHasRunOutDoesNot() async throws {
        let reader = reader()
        identity.says(.signedIn(expires: Date().addingTimeInterval(-1)))
        _ = try await reader.read(cookie)
        identity.says(.away)
        await #expect(throws: BusError.unavailable) { _ = try await reader.read(cookie) }
    }

    @Test func aSessionThatWasEndedDoesNot() async throws {
        let reader = reader()
        identity.says(.signedIn(expires: Date().addingTimeInterval(600)))
        _ = try await reader.read(cookie)
        identity.says(.nobody)
        #expect(try await reader.read(cookie) == nil)
        identity.says(.away)
        await #expect(throws: BusError.unavailable) { _ = try await reader.read(cookie) }
    }

    @Test func whoSignsOutHereDoesNot() async throws {
        let reader = reader()
        identity.says(.signedIn(expires: Date().addingTimeInterval(600)))
        _ = try await reader.read(cookie)
        identity.says(.away)
        await #expect(throws: BusError.unavailable) { try await reader.end(cookie) }
        await #expect(throws: BusError.unavailable) { _ = try await reader.read(cookie) }
    }

    @Test func aPageWaitsForAllTogether() async throws {
        identity.says(.nobody)
        let query = ReadSession(audience: .portal, handle: Data())
        _ = try await identity.ask(query)
        #expect(identity.waited == .seconds(2))
        try await Deadline.$current.withValue(.now + .milliseconds(900)) {
            _ = try await identity.ask(query)
            #expect(identity.waited <= .milliseconds(900))
            _ = try await identity.ask(query, within: .seconds(10))
            #expect(identity.waited == .seconds(10))
        }
    }
}
