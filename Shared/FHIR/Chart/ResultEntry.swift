public import Foundation

/// An Observation as a list or a graph shows it.
public struct ResultEntry: Codable, Sendable, Equatable {
    /// One measured thing: the observation's own value, or one of its parts such as systolic pressure.
    public struct Value: Codable, Sendable, Equatable {
        /// As sent: the digits of a number, the words of a text or code. Nil if nothing was measured.
        public var text: String?
        /// For plots only, never shown.
        public var number: Double?
        /// As written.
        public var unit: String?
        /// UCUM code; values of different codes do not share an axis.
        public var unitCode: String?
        /// `<`, `<=`, `>=`, `>`; already part of `text`.
        public var comparator: String?
    }

    public struct Component: Codable, Sendable, Equatable {
        public var code: String?
        public var display: String
        public var value: Value
        public var range: ReferenceRange?
        public var interpretation: String?
    }

    /// The usual range that came with the result.
    public struct ReferenceRange: Codable, Sendable, Equatable {
        /// As sent.
        public var low: String?
        public var high: String?
        public var lowNumber: Double?
        public var highNumber: Double?
        public var text: String?
    }

    public var id: String
    public var code: String?
    public var display: String
    /// Codes: laboratory, vital-signs, survey…
    public var category: [String]
    /// registered, preliminary, final, amended, corrected, cancelled, entered-in-error, unknown
    public var status: String?
    /// FHIR dateTime: when it was measured, else issued.
    public var effective: String?
    /// The moment `effective` begins, dates taken as days in UTC; for sorting and plots.
    public var at: Date?
    /// FHIR instant.
    public var issued: String?
    public var value: Value
    /// Why there is no value.
    public var absentReason: String?
    public var range: ReferenceRange?
    /// Code: H, L, HH, N…
    public var interpretation: String?
    public var components: [Component]
    /// The result says that it replaces an earlier statement.
    public var corrected: Bool
    /// Reference to the Observation it replaces, where the sender said so: `Observation/12`.
    public var replaces: String?
    public var notes: [String]
    /// The patient measured it.
    public var fromPatient: Bool

    public init(_ observation: JSONNode) {
        id = observation.resourceID
        code = observation["code"]?.code
        display = observation["code"]?.display ?? ""
        category = observation.list("category").compactMap(\.code)
        status = observation.string("status")
        let time = observation.timeText("effective") ?? observation.string("issued")
        effective = time
        at = time.flatMap(FHIRDate.init)?.start
        issued = observation.string("issued")
        value = Self.value(of: observation)
        absentReason = observation["dataAbsentReason"]?.display
        range = Self.range(of: observation)
        interpretation = observation.list("interpretation").lazy.compactMap(\.code).first
        components = observation.list("component").map { part in
            Component(
                code: part["code"]?.code, display: part["code"]?.display ?? "", value: Self.value(of: part), range: Self.range(of: part),
                interpretation: part.list("interpretation").lazy.compactMap(\.code).first)
        }
        corrected = status == "corrected" || status == "amended"
        replaces =
            observation.list("extension").lazy.filter { $0.string("url") == Self.replacesExtension }
            .compactMap { $0.reference("valueReference") }.first
        notes = observation.list("note").compactMap { $0.string("text") }
        let performers = observation.list("performer").compactMap { $0.string("reference") }
        fromPatient = !performers.isEmpty && performers.allSatisfy { $0.hasPrefix("Patient/") }
    }

    public var isRetracted: Bool { status == "entered-in-error" }

    static let replacesExtension = "http://hl7.org/fhir/StructureDefinition/observation-replaces"

    private static func value(of node: JSONNode) -> Value {
        if let quantity = node["valueQuantity"] {
            let comparator = quantity.string("comparator")
            let literal = quantity["value"]?.literal
            return Value(
                text: literal.map { (comparator ?? "") + $0 }, number: quantity["value"]?.number,
                unit: quantity.string("unit") ?? quantity.string("code"), unitCode: quantity.string("code"), comparator: comparator)
        }
        if let integer = node["valueInteger"] { return Value(text: integer.literal, number: integer.number) }
        if let concept = node["valueCodeableConcept"] { return Value(text: concept.display) }
        if let flag = node["valueBoolean"]?.bool { return Value(text: flag ? "true" : "false") }
        if let ratio = node["valueRatio"] {
            let sides = [ratio["numerator"], ratio["denominator"]].map { $0?["value"]?.literal ?? "?" }
            return Value(text: sides.joined(separator: ":"))
        }
        if let range = node["valueRange"] {
            let ends = [range["low"], range["high"]].map { $0?["value"]?.literal ?? "" }
            return Value(text: ends.joined(separator: "–"), unit: (range["low"] ?? range["high"])?.string("unit"))
        }
        let text = ["valueString", "valueDateTime", "valueTime"].lazy.compactMap { node.string($0) }.first
        return Value(text: text ?? node["valuePeriod"]?.string("start"))
    }

    private static func range(of node: JSONNode) -> ReferenceRange? {
        let ranges = node.list("referenceRange")
        // Several ranges: the normal one, not the therapeutic or the critical.
        guard let range = ranges.first(where: { $0["type"] == nil || $0["type"]?.code == "normal" }) ?? ranges.first else { return nil }
        let (low, high) = (range["low"]?["value"], range["high"]?["value"])
        return ReferenceRange(low: low?.literal, high: high?.literal, lowNumber: low?.number, highNumber: high?.number, text: range.string("text"))
    }
}
