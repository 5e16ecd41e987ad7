internal import Access
internal import Contracts
internal import MessageBus
internal import Postgres

extension VisitLinks {
    /// When the visit is and what was answered. Mail scanners open links too: nothing changes by it.
    @Sendable func readVisitLink(_ query: ReadVisitLink, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadVisitLink> {
        guard let intent = intent(query.link), let message = try await AnsweredMessage.find("i.id = \(intent.uuid)", in: tx) else {
            return .refused(.unknown)
        }
        return .done(VisitLink(start: message.start, state: message.state))
    }
}
