internal import Access
internal import Contracts
internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres

extension ThreadStore {
    private static let page = 50
    /// Pages of which nothing is for the asker, that are looked through at once.
    private static let passedOver = 20

    /// What waits in the pools of the asker's role, soonest promised first; of it those whom they may know of.
    func readInbox(_ query: ReadInbox, _ actor: Actor, _ tx: Transaction, _ facts: FactsReader) async throws -> Answer<ReadInbox> {
        let mine: SQL =
            query.mine
            ? "AND (t.owner = \(actor.practitioner?.uuid) OR t.owner_account = \(actor.account?.uuid))" : ""
        let which: SQL = query.all ? "t.changed_at > now() - interval '30 days'" : "t.state = 'waiting'"
        let condition: SQL = "WHERE \(which) AND \(ThreadRow.isVisible(to: actor)) \(mine)"
        let order: SQL = query.all ? "t.changed_at DESC" : "t.is_urgent DESC, t.promised_at"
        let total = tx.later("SELECT count(*) FROM thread t \(condition)")
        let position = tx.later(inboxPosition(for: actor))
        var (page, seen, hidden, hasMore) = (min(max(query.page, 0), 10_000), [ThreadLine](), 0, true)
        let last = page + Self.passedOver
        while seen.isEmpty, hasMore, page <= last {
            let found = try await lines("\(condition) ORDER BY \(order), t.id LIMIT \(Self.page) OFFSET \(page * Self.page)", for: actor, tx)
            seen = try await visible(found, to: actor, facts, tx)
            hidden += found.count - seen.count
            page += 1
            hasMore = try total.first(as: Int.self) ?? 0 > page * Self.page
        }
        let count = try total.first(as: Int.self) ?? 0
        return .done(
            Inbox(
                threads: seen, total: max(seen.count, count - hidden), asOf: Date(), position: try position.first(as: Int.self), page: page - 1,
                hasMore: hasMore))
    }

    private func visible(_ lines: [ThreadLine], to actor: Actor, _ facts: FactsReader, _ tx: Transaction) async throws -> [ThreadLine] {
        guard !lines.isEmpty, !Fault.listsHoldAll.isOn else { return lines }
        let reading = facts.read(of: "SELECT unnest(\(Array(Set(lines.map(\.patient.uuid)))))", for: actor, in: tx)
        try await tx.flush()
        let known = try reading.facts()
        let content: Content = actor.role == .clinician || actor.role == .nurse ? .clinical : actor.role == .billingOffice ? .demographics : .schedule
        return lines.filter { actor.decide(on: content, of: $0.patient, known[$0.patient] ?? AccessFacts()).isAllowed }
    }
}
