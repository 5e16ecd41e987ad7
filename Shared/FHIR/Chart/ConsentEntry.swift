/// What a patient permits and denies, line by line: each provision of a FHIR Consent, whoever it names and whatever kinds it speaks of.
public struct ConsentEntry: Sendable, Equatable {
    public struct Line: Sendable, Equatable {
        public var permits: Bool
        /// A reference to a practitioner, as written.
        public var practitioner: String?
        /// Code of the actor's role, of the code system `role`.
        public var role: String?
        /// Code of a security label; nil is everything.
        public var kind: String?
        /// FHIR dateTimes.
        public var start: String?
        public var end: String?
    }

    /// Code system of the roles people have here.
    public static let roles = "urn:chartline:role"

    /// In force: active, and about privacy.
    public var isActive: Bool
    public var lines: [Line]

    public init(_ consent: JSONNode) {
        let scopes = consent.list("scope").flatMap { $0.list("coding") }.compactMap { $0.string("code") }
        isActive = consent.string("status") == "active" && scopes.contains("patient-privacy")
        lines = consent["provision"].map { Self.lines(of: $0, within: nil) } ?? []
    }

    /// A provision and those nested in it, which are its exceptions.
    private static func lines(of provision: JSONNode, within outer: JSONNode?, depth: Int = 0) -> [Line] {
        guard depth < 4 else { return [] }
        let nested = provision.list("provision").flatMap { lines(of: $0, within: provision, depth: depth + 1) }
        guard let type = provision.string("type") else { return nested }
        let period = provision["period"] ?? outer?["period"]
        let actors = provision.list("actor")
        let practitioners: [(String?, String?)] = actors.compactMap { actor in
            if let reference = actor.reference("reference"), !reference.isEmpty { return (reference, nil) }
            let role = actor.list("role").flatMap { $0.list("coding") }.first { $0.string("system") == roles }?.string("code")
            return role.map { (nil, $0) }
        }
        // Who cannot be told apart from everybody else is not: a line for an actor of another kind is no line about everybody.
        let recipients: [(String?, String?)] = actors.isEmpty ? [(nil, nil)] : practitioners
        let labels = provision.list("securityLabel").compactMap { $0.string("code") }
        let kinds: [String?] = labels.isEmpty ? [nil] : labels
        return recipients.flatMap { recipient in
            kinds.map {
                Line(
                    permits: type == "permit", practitioner: recipient.0, role: recipient.1, kind: $0, start: period?.string("start"),
                    end: period?.string("end"))
            }
        } + nested
    }
}
