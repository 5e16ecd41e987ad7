public import Foundation

/// What makes a catalogue unusable; the process does not start on it.
public struct TextsError: Error, CustomStringConvertible, Equatable {
    /// Every fault found, one line each, sorted.
    public var faults: [String]
    public var description: String { faults.joined(separator: "\n") }
}

/// Every text of a gateway, in every language.
///
/// A module keeps its texts in `Localizable/{en,es}.json`: key → text, or key → {"one": …, "other": …} where a number decides.
/// `{name}` in a text is a placeholder. The catalogues of several modules are laid over one another at start.
public struct Texts: Sendable {
    private var languages: [Language: [String: Entry]] = [:]

    /// One text in its forms, cut at its placeholders.
    struct Entry: Sendable, Equatable {
        var one: [Segment]?
        var other: [Segment]

        var holes: Set<String> {
            Set((other + (one ?? [])).compactMap { if case .hole(let name) = $0 { name } else { nil } })
        }
    }

    enum Segment: Sendable, Equatable {
        case text(escaped: HTML)
        case hole(String)
    }

    /// The texts of this module and of the given folders (each a module's `Localizable`).
    /// - Throws: every unreadable file, key missing in a language, key defined twice, and placeholder that differs between languages.
    public init(folders: [URL]) throws(TextsError) {
        var faults: [String] = []
        for language in Language.offered {
            var entries: [String: Entry] = [:]
            for folder in [Self.own] + folders {
                let file = folder.appendingPathComponent("\(language.rawValue).json")
                guard let data = try? Data(contentsOf: file),
                    let raw = try? JSONDecoder().decode([String: RawEntry].self, from: data)
                else {
                    faults.append("\(folder.lastPathComponent)/\(file.lastPathComponent) cannot be read as texts")
                    continue
                }
                for (key, raw) in raw {
                    if entries[key] != nil { faults.append("\(language.rawValue): \(key) is defined twice") }
                    entries[key] = raw.entry
                }
            }
            languages[language] = entries
        }
        faults += Self.differences(languages)
        guard faults.isEmpty else { throw TextsError(faults: faults.sorted()) }
        languages[.pseudo] = languages[.english]?.mapValues(\.pseudo)
    }

    /// This module's own texts: the frame, the parts, the error pages.
    static var own: URL { Bundle.module.bundleURL.appendingPathComponent("Localizable") }

    /// The texts in one language.
    public func wording(in language: Language) -> Wording {
        Wording(language: language, entries: languages[language] ?? [:])
    }

    /// Every key, for the test that compares them with the sources.
    public var keys: Set<String> { Set(languages[.english, default: [:]].keys) }

    /// The placeholders of one key.
    public func placeholders(of key: String) -> Set<String> { languages[.english]?[key]?.holes ?? [] }

    static func differences(_ languages: [Language: [String: Entry]]) -> [String] {
        let all = Set(languages.values.flatMap(\.keys))
        return all.flatMap { key in
            let missing = Language.offered.filter { languages[$0]?[key] == nil }.map { "\($0.rawValue): \(key) is missing" }
            let holes = Set(Language.offered.compactMap { languages[$0]?[key]?.holes })
            return missing + (holes.count > 1 ? ["\(key): the placeholders differ between languages"] : [])
        }
    }
}

/// An entry as it stands in the file.
struct RawEntry: Decodable {
    var one: String?
    var other: String

    private enum Form: CodingKey { case one, other }

    init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            other = text
        } else {
            let forms = try decoder.container(keyedBy: Form.self)
            one = try forms.decode(String.self, forKey: .one)
            other = try forms.decode(String.self, forKey: .other)
        }
    }

    var entry: Texts.Entry { Texts.Entry(one: one.map(Self.cut), other: Self.cut(other)) }

    /// Cuts "Hello {name}" into text and placeholder; a brace without its twin stays text.
    static func cut(_ text: String) -> [Texts.Segment] {
        var segments: [Texts.Segment] = []
        var rest = Substring(text)
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            if open > rest.startIndex { segments.append(.text(escaped: HTML(text: rest[..<open]))) }
            segments.append(.hole(String(rest[rest.index(after: open)..<close])))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { segments.append(.text(escaped: HTML(text: rest))) }
        return segments
    }
}

extension Texts.Entry {
    /// The same text between brackets, vowels accented, placeholders untouched.
    var pseudo: Texts.Entry { Texts.Entry(one: one.map(Self.disguise), other: Self.disguise(other)) }

    private static let accents: [Character: Character] = [
        "a": "á", "e": "é", "i": "í", "o": "ó", "u": "ú", "A": "Á", "E": "É", "I": "Í", "O": "Ó", "U": "Ú", "n": "ñ", "c": "ç",
    ]

    private static func disguise(_ segments: [Texts.Segment]) -> [Texts.Segment] {
        let middle = segments.map { segment -> Texts.Segment in
            guard case .text(let html) = segment else { return segment }
            // Entities (&amp; …) are ASCII between an ampersand and a semicolon: left alone.
            var inEntity = false
            let accented = String(
                html.markup.map { character -> Character in
                    if character == "&" { inEntity = true }
                    defer { if character == ";" { inEntity = false } }
                    return inEntity ? character : accents[character] ?? character
                })
            return .text(escaped: HTML(markup: accented))
        }
        return [.text(escaped: "⟦")] + middle + [.text(escaped: "⟧")]
    }
}
