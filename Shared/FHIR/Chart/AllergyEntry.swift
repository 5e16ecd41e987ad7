/// An AllergyIntolerance as a list shows it.
public struct AllergyEntry: Codable, Sendable, Equatable {
    public var id: String
    public var substance: String
    public var code: String?
    /// low, high, unable-to-assess
    public var criticality: String?
    /// food, medication, environment, biologic
    public var category: [String]
    /// What happened, each once: `Hives`.
    public var reactions: [String]
    /// active, inactive, resolved
    public var clinicalStatus: String?
    public var verificationStatus: String?
    /// The explicit statement that there is no known allergy (of the kind its text names).
    public var noKnown: Bool
    /// FHIR dateTime.
    public var recorded: String?

    public init(_ allergy: JSONNode) {
        id = allergy.resourceID
        substance = allergy["code"]?.display ?? allergy.list("reaction").lazy.compactMap { $0["substance"]?.display }.first ?? ""
        code = allergy["code"]?.code
        criticality = allergy.string("criticality")
        category = allergy.texts("category")
        var seen: Set<String> = []
        reactions = allergy.list("reaction").flatMap { reaction in
            let manifestations = reaction.list("manifestation").compactMap(\.display)
            return manifestations.isEmpty ? [reaction.string("description")].compactMap(\.self) : manifestations
        }.filter { seen.insert($0).inserted }
        clinicalStatus = allergy["clinicalStatus"]?.code ?? allergy.string("clinicalStatus")
        verificationStatus = allergy["verificationStatus"]?.code ?? allergy.string("verificationStatus")
        let isRefuted = verificationStatus == "refuted"
        noKnown = !isRefuted && allergy["code"]?.list("coding").contains { Self.noKnownCodes.contains($0.string("code") ?? "") } == true
        recorded = allergy.string("recordedDate")
    }

    public var isRetracted: Bool { verificationStatus == "entered-in-error" || verificationStatus == "refuted" }

    /// SNOMED CT: no known allergy; of drugs, food, environment, latex; no known history of drug allergy; no known animal or insect allergy.
    private static let noKnownCodes: Set<String> = [
        "716186003", "409137002", "429625007", "428607008", "1003774007", "428197003", "716184000", "716220001",
    ]
}
