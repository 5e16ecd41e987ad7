/// What one kind of object may hold.
struct Structure: Sendable {
    struct Element: Sendable {
        var type: String
        var repeats: Bool
    }

    var elements: [String: Element] = [:]
    /// Names of which one must be there.
    var required: [[String]] = []

    /// By name: `Quantity`, `Observation`, `Observation.component`.
    static let all: [String: Structure] = {
        var all: [String: Structure] = [:]
        for entry in (StructureTable.dataTypes + "\n" + StructureTable.resources).split(separator: ";") {
            let words = entry.split(whereSeparator: \.isWhitespace)
            guard let name = words.first, words.count > 2 else { continue }
            all[String(name)] = Structure(words.dropFirst(2))
        }
        return all
    }()

    /// Types that can end the name of an element with a choice, such as `valueQuantity`.
    static let choiceTypes: [String: String] = {
        let primitives = [
            "base64Binary", "boolean", "canonical", "code", "date", "dateTime", "decimal", "id", "instant", "integer", "markdown", "oid",
            "positiveInt", "string", "time", "unsignedInt", "uri", "url", "uuid",
        ]
        let complex = [
            "Address", "Age", "Annotation", "Attachment", "CodeableConcept", "Coding", "ContactPoint", "Count", "Distance", "Duration",
            "HumanName", "Identifier", "Money", "Period", "Quantity", "Range", "Ratio", "Reference", "SampledData", "Signature", "Timing",
            "ContactDetail", "Dosage", "Expression", "Meta", "RelatedArtifact", "UsageContext",
        ]
        return Dictionary(uniqueKeysWithValues: (primitives + complex).map { (capitalised($0), $0) })
    }()

    private init(_ words: some Sequence<Substring>) {
        for word in words {
            let isRequired = word.hasPrefix("!")
            let word = isRequired ? word.dropFirst() : word[...]
            var names: [String] = []
            if let bracket = word.firstIndex(of: "[") {
                for type in word[word.index(after: bracket)...].dropLast().split(separator: ",") {
                    let name = String(word[..<bracket]) + Self.capitalised(type)
                    names.append(name)
                    elements[name] = Element(type: String(type), repeats: false)
                }
            } else if let colon = word.firstIndex(of: ":") {
                let repeats = word[..<colon].hasSuffix("*")
                names = [String(repeats ? word[..<colon].dropLast() : word[..<colon])]
                for name in names { elements[name] = Element(type: String(word[word.index(after: colon)...]), repeats: repeats) }
            }
            if isRequired { required.append(names) }
        }
    }

    private static func capitalised(_ type: some StringProtocol) -> String { type.prefix(1).uppercased() + type.dropFirst() }

    /// What every element and every resource may hold.
    static let common: [String: Element] = [
        "id": Element(type: "string", repeats: false), "extension": Element(type: "Extension", repeats: true),
        "modifierExtension": Element(type: "Extension", repeats: true),
    ]
    static let commonOfResources: [String: Element] = [
        "id": Element(type: "id", repeats: false), "meta": Element(type: "Meta", repeats: false),
        "implicitRules": Element(type: "uri", repeats: false), "language": Element(type: "code", repeats: false),
        "text": Element(type: "Narrative", repeats: false), "contained": Element(type: "Resource", repeats: true),
        "extension": Element(type: "Extension", repeats: true), "modifierExtension": Element(type: "Extension", repeats: true),
    ]
}
