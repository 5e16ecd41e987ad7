internal import Access
internal import Contracts
internal import Postgres

/// What a patient waits for, and what the clinic has answered lately.
@Sendable func readWaiting(_ query: ReadWaiting, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadWaiting> {
    let which: SQL = """
        w.patient = \(query.patient.uuid) AND (w.state = 'open'
            OR w.kind = 'request' AND w.answer IS NOT NULL AND w.ended_at > now() - interval '30 days')
        """
    return .done(try await Waitings.read("\(which) ORDER BY w.joined_at DESC, w.id LIMIT \(Waitings.shown)", total: which, in: tx))
}
