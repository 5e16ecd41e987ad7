/// A MedicationRequest or MedicationStatement as a list shows it.
public struct MedicationEntry: Codable, Sendable, Equatable {
    public var id: String
    public var name: String
    public var code: String?
    /// active, on-hold, cancelled, completed, entered-in-error, stopped, draft, unknown
    public var status: String?
    /// As its writer put it, else put together from the parts: `1 tablet, 2 times a day, as needed`.
    public var dosage: String?
    /// FHIR dateTime.
    public var authoredOn: String?
    public var reason: String?
    /// Reference as text: `Practitioner/12`.
    public var requester: String?
    public var requesterDisplay: String?
    /// Set where the medication is a resource of its own: `Medication/7`.
    public var medication: String?

    public init(_ request: JSONNode) {
        id = request.resourceID
        medication = request.reference("medicationReference")
        var concept = request["medicationCodeableConcept"]
        if concept == nil, let medication, medication.hasPrefix("#") {
            concept = request.list("contained").first { "#" + $0.resourceID == medication }?["code"]
        }
        name = concept?.display ?? request["medicationReference"]?.string("display") ?? ""
        code = concept?.code
        status = request.string("status")
        let instructions = request.list("dosageInstruction") + request.list("dosage")
        let texts = instructions.compactMap(Self.dosage)
        dosage = texts.isEmpty ? nil : texts.joined(separator: "; ")
        authoredOn = request.string("authoredOn") ?? request.timeText("effective") ?? request.string("dateAsserted")
        reason =
            request.list("reasonCode").lazy.compactMap(\.display).first
            ?? request.list("reasonReference").lazy.compactMap { $0.string("display") }.first
        requester = request.reference("requester") ?? request.reference("informationSource")
        requesterDisplay = (request["requester"] ?? request["informationSource"])?.string("display")
    }

    public var isRetracted: Bool { status == "entered-in-error" }

    private static func dosage(_ node: JSONNode) -> String? {
        if let text = node.string("text") ?? node.string("patientInstruction") { return text }
        let amounts = node.list("doseAndRate").compactMap { ($0["doseQuantity"]).flatMap(quantity) }
        var parts = amounts.first.map { [$0] } ?? []
        if let plan = node["timing"]?["repeat"] { times(plan).map { parts.append($0) } }
        if let named = node["timing"]?["code"]?.display, parts.count < 2 { parts.append(named) }
        if let route = node["route"]?.display { parts.append(route) }
        if node["asNeededBoolean"]?.bool == true || node["asNeededCodeableConcept"] != nil { parts.append("as needed") }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    private static func quantity(_ node: JSONNode) -> String? {
        guard let value = node["value"]?.literal else { return nil }
        return [value, node.string("unit")].compactMap(\.self).joined(separator: " ")
    }

    private static func times(_ plan: JSONNode) -> String? {
        guard let frequency = plan["frequency"]?.literal, let period = plan["period"]?.literal, let unit = plan.string("periodUnit"),
            let word = ["s": "second", "min": "minute", "h": "hour", "d": "day", "wk": "week", "mo": "month", "a": "year"][unit]
        else { return nil }
        let every = Double(period) == 1 ? "a \(word)" : "every \(period) \(word)s"
        return frequency == "1" ? "once \(every)" : "\(frequency) times \(every)"
    }
}
