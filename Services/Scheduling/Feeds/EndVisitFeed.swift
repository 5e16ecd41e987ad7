internal import Access
internal import Contracts
internal import MessageBus
internal import Postgres

@Sendable func endVisitFeed(_ command: EndVisitFeed, _ actor: Actor, _ tx: Transaction) async throws -> Answer<EndVisitFeed> {
    try await tx.run("DELETE FROM visit_feed WHERE patient = \(command.patient.uuid)")
    return .done(Done())
}
