internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension ThreadStore {
    private static let listed = 100

    /// A patient's threads, or those of them in which something is said. Nothing can be looked for in the tables: it is all sealed.
    @Sendable func readThreads(_ query: ReadThreads, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadThreads> {
        let patient = query.patient.uuid
        let words = (query.search ?? "").split(whereSeparator: \.isWhitespace).prefix(8).map(Self.folded)
        let refuses = tx.later("SELECT true FROM outreach_refused WHERE patient = \(patient)")
        let all = try await lines(
            "WHERE t.patient = \(patient) AND \(ThreadRow.isVisible(to: actor)) ORDER BY t.changed_at DESC, t.id LIMIT 2000", for: actor, tx)
        let (unread, position) = (all.count { $0.unread > 0 }, all.reduce(0) { $0 + $1.position })
        guard !words.isEmpty else {
            let wants = try refuses.first(as: Bool.self) == nil
            return .done(
                Threads(
                    threads: Array(all.prefix(Self.listed)), total: all.count, unread: unread, position: position, wantsOutreach: wants))
        }
        var said: [UUID: String] = [:]
        for line in all { said[line.thread.uuid] = Self.folded(Substring(line.subject)) }
        let bodies = try await tx.all(
            "SELECT id, thread, body FROM message WHERE patient = \(patient) AND retracted_at IS NULL ORDER BY at DESC LIMIT 5000", as: UUID.self,
            UUID.self, [UInt8].self)
        for (id, thread, body) in bodies where said[thread] != nil {
            said[thread, default: ""] += "\n" + Self.folded(Substring(opened(body, of: patient, "message", "body", row: id)))
        }
        let found = all.filter { line in words.allSatisfy { said[line.thread.uuid]?.contains($0) == true } }
        return .done(Threads(threads: Array(found.prefix(Self.listed)), total: found.count, unread: unread, position: position))
    }

    private static func folded(_ text: Substring) -> String { text.folding(options: [.caseInsensitive, .diacriticInsensitive], locale: nil) }
}
