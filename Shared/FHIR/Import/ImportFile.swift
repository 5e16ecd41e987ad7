/// One file to import: a transaction, batch, collection or searchset Bundle, or a single resource.
public struct ImportFile: Sendable {
    public enum Kind: String, Sendable {
        // An import is all or nothing whatever the kind; entries of these two say how they are to be stored.
        case transaction, batch
        case collection, searchset
        /// A resource without a Bundle around it; its entry has number 0.
        case single
    }

    public let document: JSONDocument
    public let kind: Kind
    public let entries: [ImportEntry]
    let index: ReferenceIndex

    /// Reads the file's structure: the Bundle and its entries, not yet what is inside the resources (see `Validation`).
    /// - Throws: every problem found, up to the limit.
    public init(_ bytes: [UInt8], limits: ImportLimits = ImportLimits()) throws(ImportProblems) {
        guard bytes.count <= limits.bytes else {
            throw ImportProblems([ImportProblem(reason: "the file has \(bytes.count) bytes; at most \(limits.bytes) are taken")])
        }
        guard !bytes.starts(with: [0x1F, 0x8B]) else {
            throw ImportProblems([ImportProblem(reason: "the file is compressed with gzip; unpack it first")])
        }
        let document: JSONDocument
        do {
            document = try JSONDocument(bytes)
        } catch {
            throw ImportProblems([ImportProblem(error)])
        }
        var reader = ImportReader(document: document, limits: limits)
        let kind = reader.read()
        guard reader.problems.isEmpty, let kind else { throw ImportProblems(reader.problems) }
        self.document = document
        self.kind = kind
        self.entries = reader.entries
        self.index = ReferenceIndex(reader.entries)
    }

    /// Reads the file and checks every resource in it.
    /// - Throws: every problem found, up to the limit.
    public static func checked(_ bytes: [UInt8], limits: ImportLimits = ImportLimits()) throws(ImportProblems) -> ImportFile {
        let file = try ImportFile(bytes, limits: limits)
        let problems = file.problems(limit: limits.problems)
        guard problems.isEmpty else { throw ImportProblems(problems) }
        return file
    }

    /// What is wrong inside the resources.
    public func problems(limit: Int = ImportLimits().problems) -> [ImportProblem] {
        var problems: [ImportProblem] = []
        for entry in entries {
            guard problems.count < limit else { break }
            problems += Validation.problems(of: entry.resource, entry: kind == .single ? nil : entry.index, limit: limit - problems.count)
        }
        return problems
    }
}

/// One resource of a file.
public struct ImportEntry: Sendable {
    /// Place in the Bundle, from 0.
    public var index: Int
    /// `urn:uuid:…`, `urn:oid:…` or an absolute address.
    public var fullUrl: String?
    public var type: String
    /// The resource's own id.
    public var id: String?
    public var resource: JSONNode
    public var request: ImportRequest?
}

public struct ImportRequest: Sendable, Equatable {
    public enum Method: String, Sendable { case post = "POST", put = "PUT" }

    public var method: Method
    /// `Patient`, `Patient/12`, `Patient?identifier=…`
    public var url: String
    /// Search that, if it finds one resource, stands for it: nothing is made.
    public var ifNoneExist: ConditionalReference?
    /// Search of a `PUT`: what it finds is replaced.
    public var replacing: ConditionalReference?
}

/// Finds the entries of a document. Problems are gathered, not thrown, so that a sender sees all of them.
private struct ImportReader {
    let document: JSONDocument
    let limits: ImportLimits
    var entries: [ImportEntry] = []
    var problems: [ImportProblem] = []

    mutating func read() -> ImportFile.Kind? {
        let root = document.root
        guard root.isObject else {
            problem(nil, "", "the file must hold a FHIR resource, which is a JSON object", root)
            return nil
        }
        guard let type = resourceType(of: root, entry: nil, path: "") else { return nil }
        guard type == "Bundle" else {
            entries = [ImportEntry(index: 0, fullUrl: nil, type: type, id: root["id"]?.text, resource: root, request: nil)]
            return .single
        }
        guard let kind = root["type"]?.text.flatMap(ImportFile.Kind.init(rawValue:)), kind != .single else {
            let sent = root["type"]?.text.map { "“\($0)”" } ?? "missing"
            problem(nil, "Bundle.type", "must be transaction, batch, collection or searchset, and is \(sent)", root["type"] ?? root)
            return nil
        }
        readEntries(of: root, kind)
        return kind
    }

    private mutating func readEntries(of root: JSONNode, _ kind: ImportFile.Kind) {
        guard let list = root["entry"] else { return }
        guard list.isArray else { return problem(nil, "Bundle.entry", "must be an array", list) }
        var urls: [String: Int] = [:]
        var ids: [String: Int] = [:]
        for (index, node) in list.elements.enumerated() {
            guard problems.count < limits.problems else { return }
            guard index < limits.entries else { return problem(nil, "Bundle.entry", "more than \(limits.entries) entries", list) }
            guard let entry = entry(index, node, kind) else { continue }
            if let url = entry.fullUrl, let first = urls.updateValue(index, forKey: url) {
                problem(index, "fullUrl", "“\(url)” is also the fullUrl of entry \(first)", node)
            } else if let id = entry.id, let first = ids.updateValue(index, forKey: "\(entry.type)/\(id)") {
                problem(index, "\(entry.type).id", "\(entry.type)/\(id) is also in entry \(first)", node)
            }
            entries.append(entry)
        }
    }

    private mutating func entry(_ index: Int, _ node: JSONNode, _ kind: ImportFile.Kind) -> ImportEntry? {
        guard node.isObject else {
            problem(index, "", "must be an object", node)
            return nil
        }
        guard let resource = node["resource"] else {
            // A GET or DELETE has none: then the method is what is wrong.
            let before = problems.count
            if kind == .transaction || kind == .batch { _ = request(index, node) }
            if problems.count == before { problem(index, "resource", "is missing", node) }
            return nil
        }
        guard resource.isObject else {
            problem(index, "resource", "must be an object", resource)
            return nil
        }
        guard let type = resourceType(of: resource, entry: index, path: "resource") else { return nil }
        guard type != "Bundle" else {
            problem(index, "resource", "a Bundle inside a Bundle is not imported", resource)
            return nil
        }
        let request = kind == .transaction || kind == .batch ? request(index, node) : nil
        var fullUrl = node["fullUrl"]?.text
        if let value = node["fullUrl"], fullUrl?.isEmpty != false || fullUrl?.contains(where: \.isWhitespace) == true {
            problem(index, "fullUrl", "must be an absolute address or urn:uuid:…", value)
            fullUrl = nil
        }
        return ImportEntry(index: index, fullUrl: fullUrl, type: type, id: resource["id"]?.text, resource: resource, request: request)
    }

    private mutating func request(_ index: Int, _ node: JSONNode) -> ImportRequest? {
        guard let request = node["request"] else {
            problem(index, "request", "is missing; every entry of a transaction or batch has one", node)
            return nil
        }
        guard let name = request["method"]?.text, let method = ImportRequest.Method(rawValue: name) else {
            problem(index, "request.method", "must be POST or PUT", request["method"] ?? request)
            return nil
        }
        guard let url = request["url"]?.text, !url.isEmpty else {
            problem(index, "request.url", "is missing", request)
            return nil
        }
        let type = node["resource"]?["resourceType"]?.text
        if let type, url.prefix(while: { $0 != "/" && $0 != "?" }) != type {
            problem(index, "request.url", "is for “\(url)”, but the resource is a \(type)", request["url"] ?? request)
        }
        if method == .put, let id = node["resource"]?["id"]?.text, url.contains("/"), !url.contains("?"), !url.hasSuffix("/" + id) {
            problem(index, "request.url", "is for “\(url)”, but the resource's id is \(id)", request["url"] ?? request)
        }
        var search: ConditionalReference?
        if let text = request["ifNoneExist"]?.text, let type {
            search = ConditionalReference(type: type, query: text)
        }
        var replacing: ConditionalReference?
        if method == .put, let type, let mark = url.firstIndex(of: "?") {
            replacing = ConditionalReference(type: type, query: String(url[url.index(after: mark)...]))
        }
        return ImportRequest(method: method, url: url, ifNoneExist: search, replacing: replacing)
    }

    private mutating func resourceType(of node: JSONNode, entry: Int?, path: String) -> String? {
        let here = path.isEmpty ? "resourceType" : path + ".resourceType"
        guard let value = node["resourceType"] else {
            problem(entry, here, "is missing", node)
            return nil
        }
        guard let type = value.text else {
            problem(entry, here, "must be text", value)
            return nil
        }
        guard ResourceTypes.all.contains(type) else {
            problem(entry, here, "“\(type.prefix(64))” is not a resource type of FHIR R4", value)
            return nil
        }
        return type
    }

    private mutating func problem(_ entry: Int?, _ path: String, _ reason: String, _ node: JSONNode) {
        problems.append(ImportProblem(entry: entry, path: path, reason: reason, line: node.line))
    }
}
