internal import Contracts

/// Whose message may be in doubt, one at a time: between the commit that it is handed over and the one of how that ended nobody else's is. So a
/// process that is killed leaves one e-mail at most that may have to be sent again. All before that, envelope and text, goes over the
/// connections side by side.
actor Doubt {
    private var holder: ID<Contracts.Intent>?
    private var waiting: [(intent: ID<Contracts.Intent>, turn: CheckedContinuation<Void, Never>)] = []

    func begin(_ intent: ID<Contracts.Intent>) async {
        guard holder != nil else {
            holder = intent
            return
        }
        await withCheckedContinuation { waiting.append((intent, $0)) }
    }

    /// Of somebody who has no turn it changes nothing.
    func end(_ intent: ID<Contracts.Intent>) {
        guard holder == intent else { return }
        holder = nil
        guard !waiting.isEmpty else { return }
        let next = waiting.removeFirst()
        holder = next.intent
        next.turn.resume()
    }
}
