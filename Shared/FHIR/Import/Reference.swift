/// What a reference in a resource points at.
public enum ReferenceTarget: Sendable, Equatable {
    /// An entry of the same file, by its place in `ImportFile.entries`.
    case entry(Int)
    /// `#id`: inside the same resource; stays as it is.
    case contained(String)
    /// `Type/id`, with or without a version: a resource this file does not hold.
    case relative(type: String, id: String)
    /// `Type?identifier=system|value`: the store must find it.
    case conditional(ConditionalReference)
    /// An address elsewhere, or a `urn:` this file has no entry for.
    case absolute(String)
    /// None of these.
    case malformed
}

/// A search in the place of an id.
public struct ConditionalReference: Sendable, Equatable {
    public var type: String
    /// As sent, what comes after the question mark.
    public var query: String
    /// Parameters in order, percent-decoded.
    public var parameters: [Parameter]

    public struct Parameter: Sendable, Equatable {
        public var name: String
        public var value: String
    }

    public init(type: String, query: String) {
        self.type = type
        self.query = query
        parameters = query.split(separator: "&").map { part in
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return Parameter(name: PercentText.decoded(pair.first ?? ""), value: PercentText.decoded(pair.count > 1 ? pair[1] : ""))
        }
    }

    /// System and value, if the search is by one identifier and nothing else.
    public var identifier: (system: String?, value: String)? {
        guard parameters.count == 1, let only = parameters.first, only.name == "identifier" else { return nil }
        guard let bar = only.value.firstIndex(of: "|") else { return (nil, only.value) }
        let system = String(only.value[..<bar])
        return (system.isEmpty ? nil : system, String(only.value[only.value.index(after: bar)...]))
    }
}

/// A reference found in a resource.
public struct FoundReference: Sendable {
    /// The string in the document, for `ResourceText.replace`.
    public var node: JSONNode
    public var text: String
    /// Name of the element that holds it: `subject`, `performer`, `url`.
    public var element: String
    public var target: ReferenceTarget
}

extension ImportFile {
    /// Every reference anywhere in an entry's resource: each `Reference.reference`, and each address in a `url`, `uri` or
    /// `Attachment.url` that is the fullUrl of an entry.
    public func references(in entry: ImportEntry) -> [FoundReference] {
        var found: [FoundReference] = []
        collect(entry.resource, element: "", into: &found)
        return found
    }

    /// What a reference's text points at, seen from this file.
    public func target(of reference: String) -> ReferenceTarget { index.target(of: reference) }

    /// Places of the entries that a search by identifier finds.
    public func entries(identifiedBy search: ConditionalReference) -> [Int] {
        guard let (system, value) = search.identifier else { return [] }
        return index.byIdentifier[ReferenceIndex.IdentifierKey(type: search.type, value: value), default: []].filter { place in
            guard let system else { return true }
            return entries[place].resource.list("identifier").contains { $0.string("value") == value && $0.string("system") == system }
        }
    }

    private func collect(_ node: JSONNode, element: String, into found: inout [FoundReference]) {
        for value in node.elements where value.isObject || value.isArray { collect(value, element: element, into: &found) }
        for (name, value) in node.members {
            if value.isObject || value.isArray {
                collect(value, element: name, into: &found)
            } else if name == "reference", let text = value.text {
                found.append(FoundReference(node: value, text: text, element: element, target: index.target(of: text)))
            } else if Self.addresses.contains(name), let text = value.text, text.hasPrefix("urn:"), let place = index.byUrl[text] {
                found.append(FoundReference(node: value, text: text, element: name, target: .entry(place)))
            }
        }
    }

    private static let addresses: Set<String> = ["url", "uri", "valueUri", "valueUrl", "valueUuid", "valueOid", "valueCanonical"]
}

/// The entries of a file by what references call them.
struct ReferenceIndex: Sendable {
    var byUrl: [String: Int] = [:]
    var byTypeAndID: [String: Int] = [:]
    var byIdentifier: [IdentifierKey: [Int]] = [:]

    struct IdentifierKey: Hashable {
        let type: String
        let value: String
    }

    init(_ entries: [ImportEntry]) {
        for (place, entry) in entries.enumerated() {
            if let url = entry.fullUrl {
                byUrl[url] = place
                if let (type, id) = Self.typeAndID(url), type == entry.type { byTypeAndID["\(type)/\(id)"] = place }
            }
        }
        // The resource's own id decides where it and the address disagree.
        for (place, entry) in entries.enumerated() {
            if let id = entry.id { byTypeAndID["\(entry.type)/\(id)"] = place }
            for value in Set(entry.resource.list("identifier").compactMap { $0.string("value") }) {
                byIdentifier[IdentifierKey(type: entry.type, value: value), default: []].append(place)
            }
        }
    }

    func target(of text: String) -> ReferenceTarget {
        if let first = text.first, first == "#" { return .contained(String(text.dropFirst())) }
        if let place = byUrl[text] { return .entry(place) }
        if text.hasPrefix("urn:") { return .absolute(text) }
        if let mark = text.firstIndex(of: "?"), ResourceTypes.all.contains(String(text[..<mark])) {
            let query = String(text[text.index(after: mark)...])
            return .conditional(ConditionalReference(type: String(text[..<mark]), query: query))
        }
        let unversioned = Self.withoutVersion(text)
        if unversioned.contains("://") {
            return byUrl[unversioned].map(ReferenceTarget.entry) ?? .absolute(text)
        }
        let parts = unversioned.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let (type, id) = Self.typeAndID(unversioned) else { return .malformed }
        return byTypeAndID["\(type)/\(id)"].map(ReferenceTarget.entry) ?? .relative(type: type, id: id)
    }

    /// The last two steps of an address, if they are a resource type and an id.
    static func typeAndID(_ url: String) -> (type: String, id: String)? {
        let parts = url.split(separator: "/", omittingEmptySubsequences: false).suffix(2)
        guard parts.count == 2, let type = parts.first, let id = parts.last else { return nil }
        guard ResourceTypes.all.contains(String(type)), Primitive.isID(id) else { return nil }
        return (String(type), String(id))
    }

    private static func withoutVersion(_ text: String) -> String {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 3, parts[parts.count - 2] == "_history" else { return text }
        return parts.dropLast(2).joined(separator: "/")
    }
}

/// Percent-encoding of addresses (RFC 3986).
enum PercentText {
    static func decoded(_ text: Substring) -> String {
        guard text.contains("%") || text.contains("+") else { return String(text) }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2, let high = JSONText.hexDigit(rest[rest.startIndex]),
                let low = JSONText.hexDigit(rest[rest.startIndex + 1])
            {
                bytes.append(UInt8(high << 4 | low))
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
