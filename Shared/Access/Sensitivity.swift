/// Kinds of information that are more sensitive than the rest. Raw values are in the database, codes (HL7 v3 ActCode) on the wire and in FHIR.
public struct Sensitivity: OptionSet, Sendable, Hashable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    public static let behavioralHealth = Sensitivity(rawValue: 1)
    public static let substanceUse = Sensitivity(rawValue: 2)
    public static let reproductiveHealth = Sensitivity(rawValue: 4)
    public static let hiv = Sensitivity(rawValue: 8)
    public static let violence = Sensitivity(rawValue: 16)
    public static let genetic = Sensitivity(rawValue: 32)

    /// Each kind with its code, in the order people are shown them.
    public static let kinds: [(kind: Sensitivity, code: String)] = [
        (.behavioralHealth, "BH"), (.substanceUse, "SUD"), (.reproductiveHealth, "SEX"), (.hiv, "HIV"), (.violence, "SDV"), (.genetic, "GDIS"),
    ]

    /// Everything there is a label for.
    public static let all = Sensitivity(kinds.map(\.kind))

    /// Other codes that say the same, or part of it.
    private static let others: [String: Sensitivity] = [
        "PSY": .behavioralHealth, "MH": .behavioralHealth, "PSYTHPN": .behavioralHealth, "EMOTDIS": .behavioralHealth, "ETH": .substanceUse,
        "ETHUD": .substanceUse, "OPIOIDUD": .substanceUse, "STD": .reproductiveHealth, "SDVI": .violence, "DVD": .violence, "SICKLE": .genetic,
    ]

    /// - Returns: nil when the code names no kind.
    public init?(code: String) {
        guard let kind = Self.kinds.first(where: { $0.code == code })?.kind ?? Self.others[code] else { return nil }
        self = kind
    }

    /// What codes say together; those that name no kind say nothing.
    public init(codes: some Sequence<String>) { self = codes.reduce(into: []) { $0.formUnion(Sensitivity(code: $1) ?? []) } }

    public var codes: [String] { Self.kinds.filter { contains($0.kind) }.map(\.code) }
}
