internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension Wishes {
    /// What is wanted now, and how it came to be so.
    @Sendable func readPreferences(_ query: ReadPreferences, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadPreferences> {
        let patient = query.patient.uuid
        let known = tx.later("SELECT version, unwanted, daily FROM preference WHERE patient = \(patient)")
        let stop = tx.later(
            """
            SELECT w.at FROM (SELECT number FROM texted WHERE patient = \(patient) ORDER BY at DESC LIMIT 1) t
            JOIN number_wish w ON w.number = t.number AND w.stopped
            """)
        let said = try await tx.all(
            // What each changed is told from the version before it.
            """
            SELECT c.id, c.at, c.means, c.unwanted, p.unwanted, c.daily, p.daily, c.texts, c.words FROM consent c
            LEFT JOIN consent p ON p.patient = c.patient AND p.version = c.version - 1
            WHERE c.patient = \(patient) ORDER BY c.at DESC, c.id DESC LIMIT 50
            """, as: UUID.self, Date.self, String.self, [String]?.self, [String]?.self, [String]?.self, [String]?.self, String?.self,
            [UInt8]?.self)
        let current = try known.first(as: Int.self, [String].self, [String].self)
        let changes = said.map { id, at, means, unwanted, before, daily, dailyBefore, texts, words in
            let said = (before ?? [], dailyBefore ?? [])
            return PreferenceChange(
                at: at, means: means, choices: unwanted.map { Self.changed(from: said, to: ($0, daily ?? said.1)) } ?? [],
                texts: texts.map { $0 == "started" }, words: words.flatMap { opened($0, of: patient, consent: id) })
        }
        return .done(
            Preferences(
                version: current?.0 ?? 0, choices: MessageChoice.all(unwanted: current?.1 ?? [], daily: current?.2 ?? []),
                textsStopped: try stop.first(as: Date.self),
                textsFrom: text?.from, changes: changes))
    }

    private typealias Said = (unwanted: [String], daily: [String])

    private static func changed(from before: Said, to after: Said) -> [MessageChoice] {
        MessageChoice.all(unwanted: after.unwanted, daily: after.daily).filter { choice in
            choice.wanted == before.unwanted.contains(choice.code) || (choice.daily == true) != before.daily.contains(choice.code)
        }
    }
}
