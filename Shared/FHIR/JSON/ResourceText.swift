/// A resource written back with the few changes a store makes: its identity, its version and resolved references.
///
/// Everything else stays as it was sent: the order of members, the digits of numbers, the escapes in strings. White space between
/// them is dropped.
public struct ResourceText: Sendable {
    private let resource: JSONNode
    private var replaced: [Int: [UInt8]] = [:]
    private var id: String?
    private var versionId: String?
    private var lastUpdated: String?

    public init(_ resource: JSONNode) {
        self.resource = resource
    }

    /// Puts `text` in the place of a value, as a string.
    /// - Parameter node: a value inside the resource this was made with.
    public mutating func replace(_ node: JSONNode, with text: String) {
        replaced[node.index] = JSONText.quoted(text)
    }

    /// Sets `id`, `meta.versionId` and `meta.lastUpdated`, in their place or, where they were missing, after `resourceType`.
    /// - Parameter lastUpdated: a FHIR instant.
    public mutating func stamp(id: String, versionId: String, lastUpdated: String) {
        (self.id, self.versionId, self.lastUpdated) = (id, versionId, lastUpdated)
    }

    public var text: String { String(decoding: bytes, as: UTF8.self) }

    public var bytes: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(resource.byteRange.count + 160)
        if resource.isObject, id != nil { writeStamped(to: &out) } else { write(resource, to: &out) }
        return out
    }

    private func writeStamped(to out: inout [UInt8]) {
        let hasType = resource["resourceType"] != nil
        var hasID = resource["id"] != nil
        var hasMeta = resource["meta"] != nil
        out.append(UInt8(ascii: "{"))
        func insertMissing() {
            if !hasID { writeMember("id", id, to: &out) }
            if !hasMeta {
                separate(&out)
                out += "\"meta\":".utf8
                writeMeta(nil, to: &out)
            }
            (hasID, hasMeta) = (true, true)
        }
        if !hasType { insertMissing() }
        for (name, value) in resource.members {
            switch name {
            case "id": writeMember("id", id, to: &out)
            case "meta":
                separate(&out)
                out += "\"meta\":".utf8
                writeMeta(value, to: &out)
            default:
                separate(&out)
                JSONText.append(name, to: &out)
                out.append(UInt8(ascii: ":"))
                write(value, to: &out)
            }
            if name == "resourceType" { insertMissing() }
        }
        out.append(UInt8(ascii: "}"))
    }

    private func writeMeta(_ meta: JSONNode?, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "{"))
        writeMember("versionId", versionId, to: &out)
        writeMember("lastUpdated", lastUpdated, to: &out)
        if let meta {
            for (name, value) in meta.members where name != "versionId" && name != "lastUpdated" {
                separate(&out)
                JSONText.append(name, to: &out)
                out.append(UInt8(ascii: ":"))
                write(value, to: &out)
            }
        }
        out.append(UInt8(ascii: "}"))
    }

    private func writeMember(_ name: String, _ text: String?, to out: inout [UInt8]) {
        guard let text else { return }
        separate(&out)
        JSONText.append(name, to: &out)
        out.append(UInt8(ascii: ":"))
        JSONText.append(text, to: &out)
    }

    private func separate(_ out: inout [UInt8]) {
        if out.last != UInt8(ascii: "{") { out.append(UInt8(ascii: ",")) }
    }

    private func write(_ node: JSONNode, to out: inout [UInt8]) {
        if let text = replaced[node.index] {
            out += text
            return
        }
        switch node.kind {
        case .object:
            out.append(UInt8(ascii: "{"))
            var isFirst = true
            for (name, value) in node.rawMembers {
                if !isFirst { out.append(UInt8(ascii: ",")) }
                isFirst = false
                out += name
                out.append(UInt8(ascii: ":"))
                write(value, to: &out)
            }
            out.append(UInt8(ascii: "}"))
        case .array:
            out.append(UInt8(ascii: "["))
            var isFirst = true
            for value in node.elements {
                if !isFirst { out.append(UInt8(ascii: ",")) }
                isFirst = false
                write(value, to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .string, .number, .bool, .null:
            out += node.source
        }
    }
}
