public import Access
public import Contracts
public import MessageBus

extension GatewayParts {
    /// A thread that is shown to whoever asks, and so read by them. - Returns: nil where there is none that they may see.
    public func shownThread(_ thread: ID<MessageThread>, of patient: ID<Patient>, as token: ActorToken) async throws(BusError) -> ThreadView? {
        guard case .done(let view) = try await bus.request(ReadThread(patient: patient, thread: thread), as: token) else { return nil }
        if view.line.unread > 0 {
            // It was shown, whether or not that is kept: then it is new once more.
            _ = try? await bus.request(MarkRead(patient: patient, thread: thread, until: view.asOf, key: .v7()), as: token)
        }
        return view
    }
}
