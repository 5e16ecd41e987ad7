/// Checks a resource: strict enough that what it passes can be shown and searched, lenient where real files are.
///
/// Refused: a value of the wrong shape or outside its type's grammar, an unknown code where the chart depends on it, an element
/// missing without which the resource says nothing, an unknown time zone. Accepted: elements FHIR R4 does not know, empty strings in
/// free text, empty arrays and objects, missing elements elsewhere.
public enum Validation {
    /// - Parameters:
    ///   - entry: number of the Bundle entry, for the problems' sake.
    ///   - limit: how many problems are looked for.
    public static func problems(of resource: JSONNode, entry: Int? = nil, limit: Int = 20) -> [ImportProblem] {
        var check = ResourceCheck(entry: entry, limit: limit)
        check.resource(resource)
        return check.problems
    }
}

private struct ResourceCheck {
    let entry: Int?
    let limit: Int
    var problems: [ImportProblem] = []
    private var path: [Step] = []

    private enum Step {
        case name(String)
        case place(Int)
    }

    init(entry: Int?, limit: Int) {
        (self.entry, self.limit) = (entry, limit)
    }

    mutating func resource(_ node: JSONNode) {
        guard node.isObject else { return problem("must be a resource, which is an object", node) }
        guard let type = node["resourceType"]?.text, ResourceTypes.all.contains(type) else {
            return problem("resourceType is missing or is not a type of FHIR R4", node)
        }
        let isOutermost = path.isEmpty
        if isOutermost { path.append(.name(type)) }
        defer { if isOutermost { path.removeLast() } }
        let structure = Structure.all[type]
        members(of: node, structure, common: Structure.commonOfResources, isResource: true)
        requireElements(of: node, structure)
        bindings(of: node, type)
    }

    // MARK: Objects

    private mutating func members(
        of node: JSONNode, _ structure: Structure?, common: [String: Structure.Element], isResource: Bool = false
    ) {
        for (name, value) in node.members {
            guard problems.count < limit else { return }
            if isResource, name == "resourceType" { continue }
            path.append(.name(name))
            if name.hasPrefix("_") {
                if !value.isObject, !value.isArray { problem("must be an object or an array", value) }
            } else if let element = structure?.elements[name] ?? common[name] {
                self.element(element, value)
            } else {
                unknown(name, value)
            }
            path.removeLast()
        }
    }

    private mutating func element(_ element: Structure.Element, _ value: JSONNode) {
        guard element.repeats else {
            if value.isArray { return problem("must be one value, not an array", value) }
            return self.value(element.type, value)
        }
        guard value.isArray else { return problem("must be an array", value) }
        for (place, item) in value.elements.enumerated() {
            guard problems.count < limit else { return }
            // A null keeps the place of a value of which only extensions are known.
            if item.kind == .null, Self.isPrimitive(element.type) { continue }
            path.append(.place(place))
            self.value(element.type, item)
            path.removeLast()
        }
    }

    /// An element R4 does not know here, or of a resource not in the table: the type in its name is all there is to go by.
    private mutating func unknown(_ name: String, _ value: JSONNode) {
        if let type = Self.typeInName(name) { return self.value(type, value) }
        switch value.kind {
        case .object: members(of: value, nil, common: Structure.common)
        case .array:
            for (place, item) in value.elements.enumerated() where item.isObject {
                path.append(.place(place))
                members(of: item, nil, common: Structure.common)
                path.removeLast()
            }
        case .null: problem("null is not a value in FHIR; leave the element out", value)
        case .string, .number, .bool: break
        }
    }

    private mutating func requireElements(of node: JSONNode, _ structure: Structure?) {
        for names in structure?.required ?? [] {
            let isThere = names.contains { name in
                if let value = node[name] { return !value.isArray || value.elements.contains { _ in true } }
                return node["_" + name] != nil
            }
            if !isThere {
                path.append(.name(names.count > 1 ? Self.sharedStart(names) + "[x]" : names.first ?? ""))
                problem("is missing", node)
                path.removeLast()
            }
        }
    }

    private mutating func bindings(of node: JSONNode, _ type: String) {
        for (name, value) in node.members {
            guard let binding = RequiredCodes.byPath["\(type).\(name)"] else { continue }
            path.append(.name(name))
            if let code = value.text, !binding.codes.contains(code) {
                problem("“\(code.prefix(64))” is not one of \(binding.codes.sorted().joined(separator: ", "))", value)
            }
            for (place, coding) in value.list("coding").enumerated() {
                guard let code = coding["code"]?.text, binding.system == coding["system"]?.text, !binding.codes.contains(code) else { continue }
                path += [.name("coding"), .place(place), .name("code")]
                problem("“\(code.prefix(64))” is not one of \(binding.codes.sorted().joined(separator: ", "))", coding)
                path.removeLast(3)
            }
            path.removeLast()
        }
    }

    // MARK: Values

    private mutating func value(_ type: String, _ value: JSONNode) {
        switch type {
        case "Resource": resource(value)
        case "Extension": complex(value) { $0.extensionMembers(of: value) }
        case _ where Self.isPrimitive(type): primitive(type, value)
        default: complex(value) { $0.members(of: value, Structure.all[type], common: Structure.common) }
        }
    }

    private mutating func complex(_ value: JSONNode, _ check: (inout Self) -> Void) {
        if value.isObject { check(&self) } else { problem("must be an object, and is \(Self.said(value))", value) }
    }

    private mutating func extensionMembers(of node: JSONNode) {
        guard node["url"]?.text?.isEmpty == false else { return problem("an extension needs its url", node) }
        members(of: node, nil, common: Structure.common)
        guard Self.zoneExtensions.contains(node["url"]?.text ?? "") else { return }
        for name in ["valueCode", "valueString"] {
            guard let zone = node[name]?.text, !ZoneNames.isKnown(zone) else { continue }
            path.append(.name(name))
            problem("“\(zone.prefix(64))” is not a time zone", node)
            path.removeLast()
        }
    }

    private mutating func primitive(_ type: String, _ value: JSONNode) {
        switch type {
        case "boolean":
            if value.bool == nil { problem("must be true or false, and is \(Self.said(value))", value) }
        case "decimal":
            if value.literal == nil { problem("must be a number, and is \(Self.said(value))", value) }
        case "integer", "positiveInt", "unsignedInt":
            guard let number = value.literal.flatMap(Primitive.integer) else {
                return problem("must be a whole number, and is \(Self.said(value))", value)
            }
            if type == "positiveInt", number < 1 { problem("must be 1 or more, and is \(number)", value) }
            if type == "unsignedInt", number < 0 { problem("must be 0 or more, and is \(number)", value) }
        default:
            guard let text = value.text else { return problem("must be text, and is \(Self.said(value))", value) }
            if let rule = Self.brokenRule(type, text) { problem("“\(text.prefix(64))” \(rule)", value) }
        }
    }

    private static func brokenRule(_ type: String, _ text: String) -> String? {
        switch type {
        case "id": Primitive.isID(text) ? nil : "is not an id: 1 to 64 letters, digits, points and hyphens"
        case "code": Primitive.isCode(text) ? nil : "is not a code: it must not be empty or have spaces at its ends"
        case "uri", "url", "canonical", "oid", "uuid": Primitive.isURI(text) ? nil : "is not an address: it must not be empty or have spaces"
        case "date": FHIRDate.isDate(text) ? nil : "is not a date: YYYY, YYYY-MM or YYYY-MM-DD"
        case "dateTime": FHIRDate.isDateTime(text) ? nil : "is not a date or time: YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss±hh:mm"
        case "instant": FHIRDate.isInstant(text) ? nil : "is not an instant: YYYY-MM-DDThh:mm:ss±hh:mm"
        case "time": Primitive.isTime(text) ? nil : "is not a time of day: hh:mm:ss"
        case "base64Binary": Primitive.isBase64(text) ? nil : "is not base 64"
        default: nil
        }
    }

    private static let primitives: Set<String> = [
        "base64Binary", "boolean", "canonical", "code", "date", "dateTime", "decimal", "id", "instant", "integer", "markdown", "oid",
        "positiveInt", "string", "time", "unsignedInt", "uri", "url", "uuid", "xhtml",
    ]

    private static let zoneExtensions: Set<String> = [
        "http://hl7.org/fhir/StructureDefinition/timezone", "http://hl7.org/fhir/StructureDefinition/tz-code",
    ]

    private static func isPrimitive(_ type: String) -> Bool { primitives.contains(type) }

    /// `valueQuantity` → Quantity, `performedDateTime` → dateTime; only for names that are a choice in FHIR everywhere they occur.
    private static func typeInName(_ name: String) -> String? {
        guard !notChoices.contains(name) else { return nil }
        for start in ["value", "effective", "onset", "abatement", "performed", "occurrence", "deceased", "multipleBirth"] {
            if name.hasPrefix(start), let type = Structure.choiceTypes[String(name.dropFirst(start.count))] { return type }
        }
        return nil
    }

    /// Elements of `dateTime` in Contract and MedicinalProduct.
    private static let notChoices: Set<String> = ["effectiveTime", "effectiveDate"]

    private static func sharedStart(_ names: [String]) -> String {
        guard let first = names.first else { return "" }
        var length = first.count
        for name in names { length = min(length, zip(first, name).prefix { $0 == $1 }.count) }
        return String(first.prefix(length))
    }

    private static func said(_ value: JSONNode) -> String {
        switch value.kind {
        case .object: "an object"
        case .array: "an array"
        case .string: "the text “\((value.text ?? "").prefix(64))”"
        case .number: "the number \((value.literal ?? "").prefix(64))"
        case .bool: value.bool == true ? "true" : "false"
        case .null: "null"
        }
    }

    private mutating func problem(_ reason: String, _ node: JSONNode) {
        guard problems.count < limit else { return }
        var text = ""
        for step in path {
            switch step {
            case .name(let name): text += text.isEmpty ? name : ".\(name)"
            case .place(let place): text += "[\(place)]"
            }
        }
        problems.append(ImportProblem(entry: entry, path: text, reason: reason, line: node.line))
    }
}
