/// What the store keeps of a Patient in columns, to find them and to tell them apart.
public struct PatientColumns: Sendable, Equatable {
    public struct Name: Sendable, Equatable {
        /// FHIR code: official, usual, maiden, old…
        public var use: String?
        /// As written.
        public var family: String
        /// As written, all given names with spaces between.
        public var given: String
        /// As people write it: given, then family; or the name's own text.
        public var full: String
        /// See `NameNormal`.
        public var familyNormal: String
        public var givenNormal: String
        public var fullNormal: String
    }

    public struct Telecom: Sendable, Equatable {
        /// FHIR code: phone, email, sms…
        public var system: String
        public var use: String?
        /// As written.
        public var value: String
        /// Phones: digits, with a leading + if it had one. E-mail: small letters.
        public var normal: String
    }

    /// The one to show first.
    public var names: [Name]
    /// FHIR date.
    public var birthDate: String?
    public var gender: String?
    public var telecom: [Telecom]
    /// One per address: lines, city, state, postal code and country with commas between.
    public var addresses: [String]
    /// BCP 47 codes, the preferred first.
    public var languages: [String]
    public var needsInterpreter: Bool
    /// Whether the resource itself holds a picture of the patient.
    public var hasPhoto: Bool
    /// Medical record number: the identifier of type MR.
    public var mrn: String?
    public var mrnSystem: String?
    public var isDeceased: Bool
    /// FHIR dateTime.
    public var deceased: String?
    public var isActive: Bool
    /// No person: labelled as test health data, HTEST of HL7's v3-ActReason.
    public var isPractice: Bool

    public init(_ patient: JSONNode) {
        names = patient.list("name").compactMap(Self.name).enumerated()
            .sorted { (Self.rank($0.element.use), $0.offset) < (Self.rank($1.element.use), $1.offset) }
            .map(\.element)
        birthDate = patient.string("birthDate")
        gender = patient.string("gender")
        telecom = patient.list("telecom").compactMap(Self.telecom)
        addresses = patient.list("address").map(\.addressText).filter { !$0.isEmpty }
        let spoken = patient.list("communication").compactMap { communication in
            communication["language"]?.code.map { (code: $0, isPreferred: communication["preferred"]?.bool == true) }
        }
        languages = (spoken.filter(\.isPreferred) + spoken.filter { !$0.isPreferred }).map(\.code)
        needsInterpreter = patient.list("extension").contains { $0.string("url") == Self.interpreterRequired && $0["valueBoolean"]?.bool == true }
        hasPhoto = patient.list("photo").contains { $0.string("data") != nil }
        let identifiers = patient.list("identifier")
        let record = identifiers.first { $0["type"]?.list("coding").contains { $0.string("code") == "MR" } == true && $0.string("use") != "old" }
        mrn = record?.string("value")
        mrnSystem = record?.string("system")
        deceased = patient.string("deceasedDateTime")
        isDeceased = deceased != nil || patient["deceasedBoolean"]?.bool == true
        isActive = patient["active"]?.bool ?? true
        let labels = patient["meta"].map { $0.list("tag") + $0.list("security") } ?? []
        isPractice = labels.contains { $0.string("code") == "HTEST" && $0.string("system") == Self.reasons }
    }

    /// The extension of FHIR that says whether an interpreter is needed.
    public static let interpreterRequired = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"
    private static let reasons = "http://terminology.hl7.org/CodeSystem/v3-ActReason"

    /// The first phone that can be called.
    public var phone: String? { telecom.first { $0.system == "phone" || $0.system == "sms" }?.value }
    public var email: String? { telecom.first { $0.system == "email" }?.value }

    private static func name(_ node: JSONNode) -> Name? {
        let given = node.texts("given").joined(separator: " ")
        let family = node.string("family") ?? ""
        let joined = [given, family].filter { !$0.isEmpty }.joined(separator: " ")
        let full = joined.isEmpty ? node.string("text") ?? "" : joined
        guard !full.isEmpty else { return nil }
        return Name(
            use: node.string("use"), family: family, given: given, full: full, familyNormal: NameNormal.of(family),
            givenNormal: NameNormal.of(given), fullNormal: NameNormal.of(full))
    }

    private static func rank(_ use: String?) -> Int {
        switch use {
        case "official": 0
        case "usual": 1
        case nil: 2
        case "nickname": 3
        case "maiden": 5
        case "old": 6
        default: 4
        }
    }

    private static func telecom(_ node: JSONNode) -> Telecom? {
        guard let system = node.string("system"), let value = node.string("value"), node.string("use") != "old" else { return nil }
        let normal: String
        switch system {
        case "phone", "sms", "fax", "pager":
            let digits = value.filter { $0.isASCII && $0.isNumber }
            normal = value.first == "+" ? "+" + digits : digits
        case "email": normal = value.lowercased()
        default: normal = value
        }
        return Telecom(system: system, use: node.string("use"), value: value, normal: normal)
    }
}
