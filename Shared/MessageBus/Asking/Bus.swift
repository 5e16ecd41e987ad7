public import Access
public import Contracts

/// Carries requests to the services that own the answers.
public protocol Bus: Sendable {
    /// - Parameters:
    ///   - token: who asks; nil asks as this process itself.
    ///   - timeout: after it the answer is of no use to the caller any more, and work not begun is not begun.
    func request<R: Request>(_ request: R, as token: ActorToken?, within timeout: Duration) async throws(BusError) -> Answer<R>
}

/// What a page waits for a service, at most.
public let defaultTimeout = Duration.seconds(2)

extension Bus {
    public func request<R: Request>(_ request: R, as token: ActorToken? = nil) async throws(BusError) -> Answer<R> {
        try await self.request(request, as: token, within: defaultTimeout)
    }

    /// For requests that cannot be refused.
    public func ask<R: Request>(
        _ request: R, as token: ActorToken? = nil, within timeout: Duration = defaultTimeout
    ) async throws(BusError) -> R.Reply
    where R.Refusal == Never {
        switch try await self.request(request, as: token, within: timeout) {
        case .done(let reply): return reply
        case .refused(let never): switch never {}
        }
    }
}
