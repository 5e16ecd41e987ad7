import Foundation
import Testing
@testable import Web

/// The sources and catalogues of this module and the gateways, read as text.
@Suite struct CatalogueTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    struct Call {
        var key: String
        var names: Set<String>
        var place: String
    }

    static func sources(_ folder: String) throws -> [(name: String, text: String)] {
        let files = FileManager.default.enumerator(at: root.appending(path: folder), includingPropertiesForKeys: nil)
        var found: [(String, String)] = []
        while let file = files?.nextObject() as? URL {
            if file.pathExtension == "swift" { found.append((file.lastPathComponent, try code(of: file))) }
        }
        return found
    }

    /// A file without its comments.
    private static func code(of file: URL) throws -> String {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(separator: "\n")
    }

    /// Every call of a wording with a key: `t("key", …)`, `self("key", …)`.
    static func calls(in text: String, of file: String) -> [Call] {
        text.matches(of: /\b(?:t|self)\(\s*"([a-z][a-zA-Z0-9.\-]*)"/).map { match in
            var depth = 1
            var end = match.range.upperBound
            while end < text.endIndex, depth > 0 {
                if "([".contains(text[end]) { depth += 1 }
                if ")]".contains(text[end]) { depth -= 1 }
                end = text.index(after: end)
            }
            // Only the names at the call's own depth: what is nested inside is a call of its own.
            var arguments = String(text[match.range.upperBound..<end])
            for inner in calls(in: arguments, of: file) {
                arguments = arguments.replacingOccurrences(of: "\"\(inner.key)\"", with: "")
            }
            let names = Set(arguments.matches(of: /"([a-z]+)":/).map { String($0.1) })
            return Call(key: String(match.1), names: names.union(arguments.contains("count:") ? ["count"] : []), place: file)
        }
    }

    static func texts(_ gateway: String?) throws -> Texts {
        try Texts(folders: gateway.map { [root.appending(path: "Services/\($0)/Localizable")] } ?? [])
    }

    /// Keys that a catalogue has more than once: which of their texts is shown nobody could say.
    static func twice(_ gateway: String?) throws -> [String] {
        let folder = gateway.map { "Services/\($0)/Localizable" } ?? "Shared/Web/Localizable"
        return try ["en", "es"].flatMap { language in
            let text = try String(contentsOf: root.appending(path: "\(folder)/\(language).json"), encoding: .utf8)
            let keys = text.matches(of: /^  "([^"]+)":/.anchorsMatchLineEndings()).map { String($0.1) }
            return Dictionary(grouping: keys, by: \.self).filter { $0.value.count > 1 }.keys.map { "\(language): \($0)" }
        }
    }

    @Test(arguments: [nil, "Portal", "Clinic"] as [String?])
    func everyKeyIsThereIsUsedAndGetsItsPlaceholders(_ gateway: String?) throws {
        let texts = try Self.texts(gateway)
        let own = try gateway.map { _ in try Self.texts(nil).keys } ?? []
        let sources = try Self.sources(gateway.map { "Services/\($0)" } ?? "Shared/Web")
        let calls = sources.flatMap { Self.calls(in: $0.text, of: $0.name) }
        #expect(try Self.twice(gateway) == [])
        let missing = calls.filter { !texts.keys.contains($0.key) }.map { "\($0.place): \($0.key)" }
        #expect(missing == [])
        let all = sources.map(\.text).joined()
        let unused = texts.keys.subtracting(own).filter { !$0.hasPrefix("zone.city.") && !all.contains("\"\($0)\"") }
        #expect(unused.sorted() == [])
        let starved = calls.filter { !texts.placeholders(of: $0.key).isSubset(of: $0.names) }
        #expect(starved.map { "\($0.place): \($0.key) wants \(texts.placeholders(of: $0.key).sorted())" } == [])
    }

    @Test(arguments: ["Shared/Web", "Services/Portal", "Services/Clinic"])
    func everyAttributeIsQuoted(_ folder: String) throws {
        for source in try Self.sources(folder) {
            let naked = source.text.matches(of: /[a-z"'\\] [a-z\-]+=\\\(/).count
            #expect(naked == 0, "\(source.name) interpolates an attribute without quotes")
            #expect(!source.text.contains(" style="), "\(source.name) has a style attribute; the content policy forbids it")
        }
    }

    @Test func faultsAreAllNamed() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "texts-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(#"{"a.one": "Hello {name}", "a.two": "x", "frame.skip": "twice"}"#.utf8).write(to: folder.appending(path: "en.json"))
        try Data(#"{"a.one": "Hola {nombre}", "frame.skip": "twice"}"#.utf8).write(to: folder.appending(path: "es.json"))
        let error = #expect(throws: TextsError.self) { try Texts(folders: [folder]) }
        #expect(error?.faults == [
            "a.one: the placeholders differ between languages", "en: frame.skip is defined twice", "es: a.two is missing",
            "es: frame.skip is defined twice",
        ])
    }

    @Test func thePseudoLanguageMarksEveryText() throws {
        let t = try Self.texts(nil).wording(in: .pseudo)
        #expect(t("frame.skip").markup == "⟦Skíp tó thé máíñ párt⟧")
        #expect(t("list.of", ["shown": 3, "total": 7]).markup == "⟦3 óf 7⟧")
    }

    @Test func valuesAreEscapedAndMarkupPasses() throws {
        let t = try Self.texts(nil).wording(in: .english)
        #expect(t("frame.call", ["phone": "<b>"]).markup == "Call &lt;b&gt;.")
        #expect(t("frame.call", ["phone": "<b>5</b>" as HTML]).markup == "Call <b>5</b>.")
        #expect(t("form.errors", count: 1).markup == "One thing needs your attention")
        #expect(t("form.errors", count: 2).markup == "2 things need your attention")
    }

    @Test func theBrowserChoosesAmongWhatWeWrite() {
        #expect(Language.preferred(acceptLanguage: "es-MX,es;q=0.9,en;q=0.8") == .spanish)
        #expect(Language.preferred(acceptLanguage: "fr, en;q=0.3, es;q=0.7") == .spanish)
        #expect(Language.preferred(acceptLanguage: "es;q=0, de") == .english)
        #expect(Language.preferred(acceptLanguage: "qps") == .english)
        #expect(Language.preferred(acceptLanguage: nil) == .english)
        #expect(Language.preferred(acceptLanguage: ";;,=,q") == .english)
    }
}
