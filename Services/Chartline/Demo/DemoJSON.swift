/// JSON whose members keep their order and whose numbers keep their digits.
indirect enum DemoJSON: ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    case object([(String, DemoJSON)])
    case array([DemoJSON])
    case text(String)
    /// Its literal: `5.40`.
    case number(String)
    case flag(Bool)
    /// Left out of the object or array it stands in.
    case absent

    init(stringLiteral text: String) { self = .text(text) }
    init(arrayLiteral elements: DemoJSON...) { self = .array(elements) }
    init(dictionaryLiteral elements: (String, DemoJSON)...) { self = .object(elements) }

    init(_ text: String?) { self = text.map { .text($0) } ?? .absent }

    static func reference(_ url: String?, _ display: String? = nil) -> DemoJSON {
        guard let url else { return .absent }
        return ["reference": .text(url), "display": DemoJSON(display)]
    }

    var text: String {
        var out = ""
        write(to: &out)
        return out
    }

    private var isAbsent: Bool { if case .absent = self { true } else { false } }

    private func write(to out: inout String) {
        switch self {
        case .object(let members):
            out += "{"
            var separator = ""
            for (name, value) in members where !value.isAbsent {
                out += separator
                Self.quote(name, to: &out)
                out += ":"
                value.write(to: &out)
                separator = ","
            }
            out += "}"
        case .array(let elements):
            out += "["
            var separator = ""
            for value in elements where !value.isAbsent {
                out += separator
                value.write(to: &out)
                separator = ","
            }
            out += "]"
        case .text(let text): Self.quote(text, to: &out)
        case .number(let literal): out += literal
        case .flag(let flag): out += flag ? "true" : "false"
        case .absent: out += "null"
        }
    }

    private static func quote(_ text: String, to out: inout String) {
        out += "\""
        for character in text.unicodeScalars {
            if character == "\"" || character == "\\" { out += "\\" }
            out.unicodeScalars.append(character)
        }
        out += "\""
    }
}

/// A transaction Bundle in the making.
struct DemoBundle {
    private let seed: UInt64
    private var entries: [DemoJSON] = []

    init(seed: UInt64) { self.seed = seed }

    /// Adds a resource.
    /// - Parameters:
    ///   - label: names it for ever: the same seed and label are the same resource.
    /// - Returns: its `urn:uuid:`, to refer to it.
    @discardableResult
    mutating func add(_ type: String, _ label: String, _ members: DemoJSON) -> String {
        let url = DemoRandom.url(seed: seed, label)
        var all: [(String, DemoJSON)] = [("resourceType", .text(type)), ("id", .text(String(url.dropFirst(9))))]
        if case .object(let own) = members { all += own }
        entries.append([
            "fullUrl": .text(url), "resource": .object(all), "request": ["method": "POST", "url": .text(type)],
        ])
        return url
    }

    var text: String {
        let bundle: DemoJSON = ["resourceType": "Bundle", "type": "transaction", "entry": .array(entries)]
        return bundle.text
    }
}

/// A code of a terminology and what it is called.
struct DemoCode {
    enum System: String {
        case snomed = "http://snomed.info/sct"
        case loinc = "http://loinc.org"
        case rxnorm = "http://www.nlm.nih.gov/research/umls/rxnorm"
        case cvx = "http://hl7.org/fhir/sid/cvx"
    }

    var system: System
    var code: String
    var display: String

    static func snomed(_ code: String, _ display: String) -> DemoCode { DemoCode(system: .snomed, code: code, display: display) }
    static func loinc(_ code: String, _ display: String) -> DemoCode { DemoCode(system: .loinc, code: code, display: display) }
    static func rxnorm(_ code: String, _ display: String) -> DemoCode { DemoCode(system: .rxnorm, code: code, display: display) }
    static func cvx(_ code: String, _ display: String) -> DemoCode { DemoCode(system: .cvx, code: code, display: display) }

    var concept: DemoJSON {
        [
            "coding": [["system": .text(system.rawValue), "code": .text(code), "display": .text(display)]], "text": .text(display),
        ]
    }

    /// A concept of one of HL7's own code systems.
    static func hl7(_ system: String, _ code: String, _ display: String? = nil) -> DemoJSON {
        ["coding": [["system": .text("http://terminology.hl7.org/CodeSystem/\(system)"), "code": .text(code), "display": DemoJSON(display)]]]
    }
}
