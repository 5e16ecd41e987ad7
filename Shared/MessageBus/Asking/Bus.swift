public import Access
public import Contracts

/// Carries requests to the services that own the answers.
public protocol Bus: Sendable {
    /// - Parameters:
    ///   - token: who asks; nil asks as this process itself.
    ///   - timeout: after it the answer is of no use to the caller any more, and work not begun is not begun.
    func request<R: Request>(_ request: R, as token: ActorToken?, within timeout: Duration) async throws(BusError) -> Answer<R>
}

/// When the work at hand has to be answered, whatever it asks of whom: a page that asks three services does not wait for each of them in turn.
public enum Deadline {
    @TaskLocal public static var current: ContinuousClock.Instant?

    /// What a service is waited for, at most, by who says nothing else.
    static let longest = Duration.seconds(2)

    /// What is left until the deadline; negative when it has passed.
    static var remaining: Duration { current.map { min(longest, $0 - .now) } ?? longest }
}

extension Bus {
    /// Waits until the current deadline.
    public func request<R: Request>(_ request: R, as token: ActorToken? = nil) async throws(BusError) -> Answer<R> {
        try await self.request(request, as: token, within: Deadline.remaining)
    }

    /// For requests that cannot be refused. - Parameter timeout: nil waits until the current deadline.
    public func ask<R: Request>(
        _ request: R, as token: ActorToken? = nil, within timeout: Duration? = nil
    ) async throws(BusError) -> R.Reply
    where R.Refusal == Never {
        switch try await self.request(request, as: token, within: timeout ?? Deadline.remaining) {
        case .done(let reply): return reply
        case .refused(let never): switch never {}
        }
    }
}
