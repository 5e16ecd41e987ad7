internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

@Sendable func readVisitFeed(_ query: ReadVisitFeed, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadVisitFeed> {
    .done(VisitFeed(madeAt: try await tx.first("SELECT made_at FROM visit_feed WHERE patient = \(query.patient.uuid)", as: Date.self)))
}
