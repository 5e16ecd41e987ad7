internal import Foundation
internal import Glibc
internal import Postgres

/// Whether words read like an emergency, in whatever language: then they say what to do, and never keep anything from being sent.
struct Urgency {
    private let phrases: Later

    /// The phrases travel with the next statement that is waited for.
    init(_ tx: Transaction) { phrases = tx.later("SELECT phrase FROM urgent_phrase") }

    func isFound(in text: String) throws -> Bool {
        // Not in the database, which reads nothing of what people write; nor with `contains`, which takes a hundred times as long.
        let phrases = try phrases.all(as: String.self)
        return Self.plain(text).withCString { words in phrases.contains { phrase in phrase.withCString { strstr(words, $0) != nil } } }
    }

    /// As the phrases are: lower case, without accents, one space between words, and one kind of apostrophe.
    private static func plain(_ text: String) -> String {
        text.folding(options: [.caseInsensitive, .diacriticInsensitive], locale: nil).replacing("\u{2019}", with: "'")
            .split { $0.isWhitespace || $0 == "\0" }.joined(separator: " ")
    }
}
