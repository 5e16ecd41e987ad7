internal import Access
internal import Contracts
internal import MessageBus
internal import Postgres

/// The link before this one leads nowhere any more.
@Sendable func keepVisitFeed(_ command: KeepVisitFeed, _ actor: Actor, _ tx: Transaction) async throws -> Answer<KeepVisitFeed> {
    try await tx.run(
        """
        INSERT INTO visit_feed (patient, digest, language) VALUES (\(command.patient.uuid), \(Array(command.digest)), \(command.language))
        ON CONFLICT (patient) DO UPDATE SET digest = excluded.digest, language = excluded.language, made_at = excluded.made_at
        """)
    return .done(Done())
}
