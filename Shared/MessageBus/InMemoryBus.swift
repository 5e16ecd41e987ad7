public import Access
public import Contracts
internal import Foundation
public import Sealing

/// Requests within one process, for tests: the same sealing, dispatching and answers as over the broker, without the broker.
public final class InMemoryBus: Bus {
    private let dispatchers: [String: Dispatcher]
    private let own: OwnToken
    private let caller: String
    private let cipher: BusCipher

    /// - Parameter dispatchers: the services that can be asked.
    public init(_ dispatchers: [Dispatcher], own: OwnToken, caller: String, cipher: BusCipher) {
        self.dispatchers = Dictionary(uniqueKeysWithValues: dispatchers.map { ($0.registry.service, $0) })
        (self.own, self.caller, self.cipher) = (own, caller, cipher)
    }

    public func request<R: Request>(_ request: R, as token: ActorToken?, within timeout: Duration) async throws(BusError) -> Answer<R> {
        guard let dispatcher = dispatchers[R.service] else { throw .unavailable }
        do {
            let asker = if let token { token } else { try await own.token() }
            let frame = RequestFrame(token: asker, payload: try Wire.encode(request))
            let id = UUID.v7().uuidString.lowercased()
            let incoming = IncomingRequest(
                name: R.name, id: id, caller: caller, deadline: Date().addingTimeInterval(timeout / .seconds(1)),
                trace: (TraceContext.current ?? TraceContext()).child)
            let sealed = try cipher.seal(frame.bytes, context: "request/\(R.name)/\(id)")
            let reply = try await dispatcher.answer(incoming, sealed: sealed)
            guard let outcome = Outcome(try cipher.open(reply, context: "reply/\(R.name)/\(id)")) else { throw BusError.failed }
            return try outcome.answer(to: R.self)
        } catch let error as BusError {
            throw error
        } catch { throw .failed }
    }
}
