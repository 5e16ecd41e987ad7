/// Whether two resources say the same.
public enum JSONComparison {
    /// What a store may change: `id`, `meta.versionId`, `meta.lastUpdated`.
    public static let serverAssigned: Set<String> = ["id", "meta.versionId", "meta.lastUpdated"]

    /// Compares values: numbers by their literals, strings by their text, objects without regard to order.
    /// - Parameters:
    ///   - ignoring: paths from the root, `meta.versionId`, that may differ or be missing.
    ///   - sameReference: what to think of two strings that differ in a member named `reference`, `url`, `valueUri` or `valueUrl`.
    public static func areEqual(
        _ a: JSONNode, _ b: JSONNode, ignoring: Set<String> = [], sameReference: (String, String) -> Bool = { _, _ in false }
    ) -> Bool {
        difference(a, b, path: "", name: "", ignoring: ignoring, sameReference: sameReference) == nil
    }

    /// Where two values first differ, as a path from the root (empty for the root itself); nil if they are equal.
    public static func firstDifference(
        _ a: JSONNode, _ b: JSONNode, ignoring: Set<String> = [], sameReference: (String, String) -> Bool = { _, _ in false }
    ) -> String? {
        difference(a, b, path: "", name: "", ignoring: ignoring, sameReference: sameReference)
    }

    private static func difference(
        _ a: JSONNode, _ b: JSONNode, path: String, name: String, ignoring: Set<String>, sameReference: (String, String) -> Bool
    ) -> String? {
        guard a.kind == b.kind else { return path }
        switch a.kind {
        case .object:
            return objectDifference(a, b, path: path, ignoring: ignoring, sameReference: sameReference)
        case .array:
            let (left, right) = (Array(a.elements), Array(b.elements))
            guard left.count == right.count else { return path }
            for (place, pair) in zip(left, right).enumerated() {
                let here = "\(path)[\(place)]"
                let found = difference(pair.0, pair.1, path: here, name: name, ignoring: ignoring, sameReference: sameReference)
                if let found { return found }
            }
            return nil
        case .string:
            guard let left = a.text, let right = b.text, !isSame(left, right) else { return nil }
            return referenceNames.contains(name) && sameReference(left, right) ? nil : path
        case .number, .bool, .null:
            return a.source.elementsEqual(b.source) ? nil : path
        }
    }

    private static func objectDifference(
        _ a: JSONNode, _ b: JSONNode, path: String, ignoring: Set<String>, sameReference: (String, String) -> Bool
    ) -> String? {
        func compared(_ node: JSONNode) -> [(name: String, value: JSONNode)] {
            node.members.filter { member in
                let here = join(path, member.name)
                if ignoring.contains(here) { return false }
                // An object that holds nothing but what is ignored counts as missing.
                let prefix = here + "."
                guard member.value.isObject, ignoring.contains(where: { $0.hasPrefix(prefix) }) else { return true }
                return member.value.members.contains { !ignoring.contains(prefix + $0.name) }
            }
        }
        let (left, right) = (compared(a), compared(b))
        let others = Dictionary(right.map { ($0.name, $0.value) }) { first, _ in first }
        for (name, value) in left {
            let here = join(path, name)
            guard let other = others[name] else { return here }
            let found = difference(value, other, path: here, name: name, ignoring: ignoring, sameReference: sameReference)
            if let found { return found }
        }
        guard left.count != right.count else { return nil }
        let known = Set(left.map(\.name))
        return right.first { !known.contains($0.name) }.map { join(path, $0.name) } ?? path
    }

    private static let referenceNames: Set<String> = ["reference", "url", "valueUri", "valueUrl"]

    private static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : path + "." + name }

    /// Byte for byte: Swift's `==` holds composed and decomposed accents for equal, a record does not.
    private static func isSame(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }
}
