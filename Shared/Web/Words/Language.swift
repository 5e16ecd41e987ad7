/// A language pages are written in. The raw value is its BCP 47 tag, as in the `lang` attribute.
public enum Language: String, Sendable, CaseIterable {
    case english = "en"
    case spanish = "es"
    /// English in brackets and with accents: what stands on a page without them is not in the catalogue.
    case pseudo = "qps"

    /// The languages people can choose.
    public static let offered: [Language] = [.english, .spanish]

    /// The language's name in itself.
    public var ownName: String {
        switch self {
        case .english: "English"
        case .spanish: "Español"
        case .pseudo: "Pseudo"
        }
    }

    /// The tag for the `lang` attribute; the pseudo-language is read out as English.
    public var tag: String { self == .pseudo ? "en" : rawValue }

    /// The best offered language for an `Accept-Language` value; English when none matches.
    ///
    /// Only the first 20 entries are read.
    public static func preferred(acceptLanguage: String?) -> Language {
        var best: (language: Language, quality: Double)?
        for entry in (acceptLanguage ?? "").split(separator: ",").prefix(20) {
            let parts = entry.split(separator: ";")
            guard let name = parts.first else { continue }
            let tag = name.trimmed().lowercased()
            let quality = parts.dropFirst().lazy.map { $0.trimmed() }.first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            guard quality > 0, quality > best?.quality ?? 0,
                let match = offered.first(where: { tag == $0.rawValue || tag.hasPrefix($0.rawValue + "-") })
            else { continue }
            best = (match, quality)
        }
        return best?.language ?? .english
    }
}

extension StringProtocol {
    /// Without the blanks around it.
    func trimmed() -> SubSequence {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace }) else {
            return self[startIndex..<startIndex]
        }
        return self[first...last]
    }
}
