internal import Foundation
internal import Postgres

/// Whether words read like an emergency, in whatever language: then they say what to do, and never keep anything from being sent.
enum Urgency {
    static func isFound(in text: String, _ tx: Transaction) async throws -> Bool {
        // Not in the database, which reads nothing of what people write.
        let words = Array(plain(text).utf8)
        return try await tx.all("SELECT phrase FROM urgent_phrase", as: String.self).contains { words.contains($0.utf8) }
    }

    /// As the phrases are: lower case, without accents, one space between words, and one kind of apostrophe.
    private static func plain(_ text: String) -> String {
        text.folding(options: [.caseInsensitive, .diacriticInsensitive], locale: nil).replacing("\u{2019}", with: "'")
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
