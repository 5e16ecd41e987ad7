internal import Foundation

enum Language: String, Sendable, CaseIterable {
    case english = "en"
    case spanish = "es"

    /// The best offered language for a BCP 47 tag, `es-MX`; English when there is none.
    init(tag: String?) {
        let primary = tag?.prefix { $0 != "-" && $0 != "_" }.lowercased()
        self = primary.flatMap(Language.init) ?? .english
    }
}

/// The words of every message, by language and key.
struct Catalogue: Sendable {
    private let words: [Language: [String: String]]

    /// - Parameter folder: holds `en.json` and `es.json`.
    init(folder: URL) throws {
        var words: [Language: [String: String]] = [:]
        for language in Language.allCases {
            let file = folder.appending(path: "\(language.rawValue).json")
            words[language] = try JSONDecoder().decode([String: String].self, from: Data(contentsOf: file))
        }
        self.words = words
    }

    static func bundled() throws -> Catalogue { try Catalogue(folder: Bundle.module.bundleURL.appending(path: "Localizable")) }

    func keys(in language: Language) -> Set<String> { Set((words[language] ?? [:]).keys) }

    /// The words as written, with their `{places}`; nil when there are none.
    func template(_ key: String, in language: Language) -> String? { words[language]?[key] }

    /// The words with their places filled in. What fills a place is never itself looked into for places.
    func text(_ key: String, in language: Language, _ values: [String: String] = [:]) -> String {
        var rest = Substring(template(key, in: language) ?? key)
        var text = ""
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            text += rest[..<open]
            let name = String(rest[rest.index(after: open)..<close])
            text += values[name] ?? ""
            rest = rest[rest.index(after: close)...]
        }
        return text + rest
    }
}
