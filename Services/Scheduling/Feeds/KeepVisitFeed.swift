internal import Access
internal import Contracts
internal import MessageBus
internal import Postgres

func answersForFeeds(_ service: Registry) {
    service.answer(KeepVisitFeed.self, to: .themselves, with: keepVisitFeed)
    service.answer(EndVisitFeed.self, to: .themselves, with: endVisitFeed)
    service.answer(ReadVisitFeed.self, to: .themselves, with: readVisitFeed)
    service.answer(FollowVisitFeed.self, to: .gateways("portal"), with: followVisitFeed)
}

/// The link before this one leads nowhere any more.
@Sendable func keepVisitFeed(_ command: KeepVisitFeed, _ actor: Actor, _ tx: Transaction) async throws -> Answer<KeepVisitFeed> {
    try await tx.run(
        """
        INSERT INTO visit_feed (patient, digest, language) VALUES (\(command.patient.uuid), \(Array(command.digest)), \(command.language))
        ON CONFLICT (patient) DO UPDATE SET digest = excluded.digest, language = excluded.language, made_at = excluded.made_at
        """)
    return .done(Done())
}

@Sendable func endVisitFeed(_ command: EndVisitFeed, _ actor: Actor, _ tx: Transaction) async throws -> Answer<EndVisitFeed> {
    try await tx.run("DELETE FROM visit_feed WHERE patient = \(command.patient.uuid)")
    return .done(Done())
}
