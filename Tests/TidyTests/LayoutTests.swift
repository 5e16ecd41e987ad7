import Foundation
import Testing

@Suite struct LayoutTests {
    @Test func theTopLevelHoldsWhatItMay() {
        let may: Set<String> = ["Package.swift", "Package.resolved", "README.md", "LICENSE", "Services", "Shared", "Tests", "deploy"]
        #expect(Tree.entries(".").filter { !$0.hasPrefix(".") && !may.contains($0) } == [])
    }

    @Test func everyServiceHasItsReadmeAndAShortEntryPoint() throws {
        for service in Tree.entries("Services") where Tree.isFolder("Services/\(service)") {
            let readme = (try? Tree.text("Services/\(service)/README.md")) ?? ""
            #expect(readme.split(separator: "\n").count >= 5, "Services/\(service)/README.md says too little")
            let entry = try Source("Services/\(service)/\(service)Service.swift")
            #expect(entry.lines.count <= 60, "\(entry.path) is longer than 60 lines")
            #expect(entry.code.contains { $0.contains("@main") }, "\(entry.path) has no @main")
        }
    }

    @Test func noFolderOrTypeIsNamedAfterNothing() throws {
        let names: Set<Substring> = ["Utils", "Util", "Common", "Manager", "Managers", "Handlers", "Helpers", "Misc"]
        for source in try Tree.sources("Services", "Shared", "Tests") {
            #expect(names.isDisjoint(with: source.path.split(separator: "/").dropLast()), "\(source.path)")
            #expect(source.places(/\b(?:class|struct|enum|actor|protocol) \w*(?:Utils?|Manager|Helper)\b/) == [])
        }
    }

    @Test func migrationsAreNumberedOnceAService() {
        for service in Tree.entries("Services") {
            let names = Tree.entries("Services/\(service)/Migrations").filter { !$0.hasPrefix(".") }
            #expect(names.filter { $0.wholeMatch(of: /[0-9]{4}_[a-z_0-9]+\.sql/) == nil } == [], "\(service)")
            let numbers = names.map { $0.prefix(4) }
            #expect(Set(numbers).count == numbers.count, "\(service) has two migrations of one number")
            // The first hundred are the backbone's.
            #expect(numbers.filter { $0 < "0100" } == [], "\(service)")
        }
    }

    @Test func everyCatalogueHasTheSameKeysInEveryLanguage() throws {
        let english = Tree.files(["Shared", "Services"], ending: "en.json").filter { $0.contains("/Localizable/") }
        #expect(!english.isEmpty)
        for path in english {
            let spanish = path.replacing("en.json", with: "es.json")
            let (one, other) = (try keys(path), try keys(spanish))
            #expect(one.subtracting(other).sorted() == [], "missing in \(spanish)")
            // In English a city is called as in the zone's own name.
            #expect(other.subtracting(one).filter { !$0.hasPrefix("zone.city.") } == [], "missing in \(path)")
        }
    }

    private func keys(_ path: String) throws -> Set<String> {
        func flat(_ value: Any, _ prefix: String) -> [String] {
            guard let members = value as? [String: Any] else { return [prefix] }
            return members.flatMap { flat($0.value, prefix.isEmpty ? $0.key : "\(prefix).\($0.key)") }
        }
        return Set(flat(try JSONSerialization.jsonObject(with: Data(contentsOf: Tree.root.appending(path: path))), ""))
    }
}
