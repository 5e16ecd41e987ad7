public import Foundation

/// What the store keeps of a resource in columns, to find it again. For search and plots only: what is shown comes from the resource.
public struct SearchColumns: Sendable, Equatable {
    public var type: String
    /// The patient the record belongs to, as the resource refers to them; a Patient is its own.
    public var patient: String?
    public var status: String?
    /// Code of the primary coding, without its system: the chart's key.
    public var code: String?
    /// The main date as a half-open range of its precision; an open period has no end, or no beginning.
    public var lowest: Date?
    public var highest: Date?
    /// An Observation's number, and its unit: the UCUM code, else the unit as written.
    public var num: Double?
    public var unit: String?
    public var encounter: String?
    /// Codes of all categories.
    public var category: [String]
    /// See `SearchToken`; each once, sorted.
    public var tokens: [Int64]
    /// Every reference in the resource as text, each once, in order.
    public var references: [String]

    /// - Parameters:
    ///   - zone: where dates without a time of day are days.
    ///   - identifierHash: keyed hash of an identifier's token text. Identifiers are never stored by a hash that can be tried out.
    public init(_ resource: JSONNode, zone: TimeZone = .gmt, identifierHash: @escaping (String) -> Int64) {
        let type = resource.string("resourceType") ?? ""
        self.type = type
        patient = type == "Patient" ? resource.string("id").map { "Patient/\($0)" } : Self.patient(of: resource)
        status = Self.status(of: resource, type)
        code = Self.code(of: resource, type)
        (lowest, highest) = MainDate.range(of: resource, type, zone: zone)
        let quantity = resource["valueQuantity"]
        num = (quantity?["value"] ?? resource["valueInteger"])?.number
        unit = quantity?.string("code") ?? quantity?.string("unit")
        encounter = type == "Encounter" ? nil : Self.encounter(of: resource, type)
        // Concepts; an AllergyIntolerance has plain codes.
        category = resource.texts("category") + resource.list("category").flatMap { $0.list("coding") }.compactMap { $0.string("code") }
        var tokens = TokenCollector(type: type, identifierHash: identifierHash)
        tokens.collect(resource)
        self.tokens = tokens.tokens.sorted()
        var seen: Set<String> = []
        references = Self.references(in: resource).filter { !$0.hasPrefix("#") && seen.insert($0).inserted }
    }

    private static func patient(of resource: JSONNode) -> String? {
        for name in ["subject", "patient", "beneficiary", "individual", "for"] {
            guard let reference = resource.reference(name), isPatient(reference, resource[name]) else { continue }
            return reference
        }
        // An Appointment's patient is among its participants, a Provenance's among its targets.
        for participant in resource.list("participant") {
            if let reference = participant.reference("actor"), reference.contains("Patient/") || reference.contains("Patient?") { return reference }
        }
        return resource.list("target").lazy.compactMap { $0.string("reference") }.first { $0.hasPrefix("Patient/") }
    }

    /// A subject may be a group, a device or a place. A `urn:` does not say; the elements above are nearly always of patients.
    private static func isPatient(_ reference: String, _ node: JSONNode?) -> Bool {
        if reference.hasPrefix("urn:") { return node?.string("type").map { $0 == "Patient" } ?? true }
        return reference.hasPrefix("Patient/") || reference.hasPrefix("Patient?") || reference.contains("/Patient/")
    }

    private static func status(of resource: JSONNode, _ type: String) -> String? {
        switch type {
        case "Condition", "AllergyIntolerance":
            // What was never so has no clinical status worth finding it by.
            retracted(resource["verificationStatus"]?.code ?? resource.string("verificationStatus"))
                ?? resource["clinicalStatus"]?.code ?? resource.string("clinicalStatus")
        case "Goal": resource.string("lifecycleStatus")
        case "DocumentReference": resource.string("status") ?? resource.string("docStatus")
        case "Patient", "Practitioner", "PractitionerRole", "Organization", "Schedule", "CareTeam":
            resource.string("status") ?? resource["active"]?.bool.map { $0 ? "active" : "inactive" }
        default: resource.string("status")
        }
    }

    private static func retracted(_ verification: String?) -> String? {
        verification == "entered-in-error" || verification == "refuted" ? verification : nil
    }

    private static func code(of resource: JSONNode, _ type: String) -> String? {
        switch type {
        case "Immunization": resource["vaccineCode"]?.code
        case "MedicationRequest", "MedicationStatement", "MedicationAdministration", "MedicationDispense":
            resource["medicationCodeableConcept"]?.code
        case "Encounter", "Organization", "Location", "Coverage", "Device", "DocumentReference", "Composition", "Claim", "ExplanationOfBenefit":
            resource.list("type").lazy.compactMap(\.code).first
        case "Goal": resource["description"]?.code
        case "FamilyMemberHistory": resource["relationship"]?.code
        case "Appointment", "Slot": resource.list("serviceType").lazy.compactMap(\.code).first
        case "ImagingStudy": resource.list("procedureCode").lazy.compactMap(\.code).first
        case "CarePlan", "CareTeam": resource.list("category").lazy.compactMap(\.code).last
        case "ServiceRequest", "Observation", "Condition", "AllergyIntolerance", "DiagnosticReport", "Procedure", "Medication":
            resource["code"]?.code
        default: resource["code"]?.code ?? resource.string("code")
        }
    }

    private static func encounter(of resource: JSONNode, _ type: String) -> String? {
        if let reference = resource.reference("encounter") { return reference }
        if let reference = resource.reference("context") { return reference.contains("EpisodeOfCare/") ? nil : reference }
        if let reference = resource["context"]?.list("encounter").lazy.compactMap({ $0.string("reference") }).first { return reference }
        guard type == "Claim" || type == "ExplanationOfBenefit" else { return nil }
        return resource.list("item").lazy.flatMap { $0.list("encounter") }.compactMap { $0.string("reference") }.first
    }

    private static func references(in node: JSONNode) -> [String] {
        var found: [String] = []
        for value in node.elements where value.isObject || value.isArray { found += references(in: value) }
        for (name, value) in node.members {
            if value.isObject || value.isArray {
                found += references(in: value)
            } else if name == "reference", let text = value.text {
                found.append(text)
            }
        }
        return found
    }
}

/// Which date of a resource is the one it is listed by.
enum MainDate {
    /// Elements by type, the first there is; `period` and other pairs of `start` and `end` count as one.
    private static let elements: [String: [String]] = [
        "AllergyIntolerance": ["recordedDate", "onsetDateTime", "onsetPeriod"],
        "Appointment": ["start"],
        "CarePlan": ["period", "created"],
        "CareTeam": ["period"],
        "Claim": ["billablePeriod", "created"],
        "Condition": ["onsetDateTime", "onsetPeriod", "recordedDate"],
        "Coverage": ["period"],
        "Device": ["manufactureDate"],
        "DiagnosticReport": ["effectiveDateTime", "effectivePeriod", "issued"],
        "DocumentReference": ["date"],
        "Encounter": ["period"],
        "ExplanationOfBenefit": ["billablePeriod", "created"],
        "FamilyMemberHistory": ["date"],
        "Goal": ["startDate", "statusDate"],
        "ImagingStudy": ["started"],
        "Immunization": ["occurrenceDateTime", "recorded"],
        "MedicationRequest": ["authoredOn"],
        "MedicationStatement": ["effectiveDateTime", "effectivePeriod", "dateAsserted"],
        "Observation": ["effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued"],
        "Patient": ["birthDate"],
        "Practitioner": ["birthDate"],
        "Procedure": ["performedDateTime", "performedPeriod"],
        "Provenance": ["recorded"],
        "Schedule": ["planningHorizon"],
        "ServiceRequest": ["occurrenceDateTime", "occurrencePeriod", "authoredOn"],
        "Slot": ["start"],
    ]

    private static let usual = [
        "effectiveDateTime", "effectivePeriod", "occurrenceDateTime", "occurrencePeriod", "performedDateTime", "performedPeriod", "period",
        "started", "start", "date", "dateTime", "authoredOn", "authored", "sent", "recorded", "whenHandedOver", "created", "issued",
    ]

    static func range(of resource: JSONNode, _ type: String, zone: TimeZone) -> (Date?, Date?) {
        guard let value = resource.first(of: elements[type] ?? usual) else { return (nil, nil) }
        if value.isObject { return period(value, zone: zone) }
        guard let text = value.text, let date = FHIRDate(text) else { return (nil, nil) }
        let range = date.range(in: zone)
        guard type == "Appointment" || type == "Slot", let end = resource.string("end").flatMap(FHIRDate.init) else {
            return (range.lowerBound, range.upperBound)
        }
        return (range.lowerBound, max(range.upperBound, end.start))
    }

    private static func period(_ value: JSONNode, zone: TimeZone) -> (Date?, Date?) {
        let start = value.string("start").flatMap(FHIRDate.init)?.range(in: zone)
        let end = value.string("end").flatMap(FHIRDate.init)?.range(in: zone)
        // Senders do swap the ends; a range type would refuse the row.
        guard let start, let end, end.upperBound < start.lowerBound else { return (start?.lowerBound, end?.upperBound) }
        return (end.lowerBound, start.upperBound)
    }
}

/// Gathers the tokens of a resource.
private struct TokenCollector {
    let type: String
    let identifierHash: (String) -> Int64
    var tokens: Set<Int64> = []

    /// Element → search parameter, where the name differs from the element's in FHIR's search parameters.
    private static let concepts: [(element: String, parameter: String)] = [
        ("code", "code"), ("category", "category"), ("type", "type"), ("class", "class"), ("clinicalStatus", "clinical-status"),
        ("verificationStatus", "verification-status"), ("vaccineCode", "vaccine-code"), ("medicationCodeableConcept", "code"),
        ("reasonCode", "reason-code"), ("bodySite", "body-site"), ("serviceType", "service-type"), ("serviceCategory", "service-category"),
        ("appointmentType", "appointment-type"), ("specialty", "specialty"), ("method", "method"), ("severity", "severity"),
        ("interpretation", "interpretation"), ("valueCodeableConcept", "value-concept"), ("relationship", "relationship"),
        ("procedureCode", "procedure-code"), ("modality", "modality"), ("conclusionCode", "conclusion"), ("statusReason", "reason-not-given"),
        ("securityLabel", "security-label"), ("achievementStatus", "achievement-status"), ("form", "form"), ("performerType", "performer-type"),
    ]

    private static let codes: [(element: String, parameter: String)] = [
        ("status", "status"), ("lifecycleStatus", "lifecycle-status"), ("docStatus", "doc-status"), ("gender", "gender"), ("intent", "intent"),
        ("priority", "priority"), ("criticality", "criticality"), ("use", "use"), ("outcome", "outcome"),
    ]

    mutating func collect(_ resource: JSONNode) {
        for (element, parameter) in Self.concepts { resource[element].map { add($0, parameter) } }
        for (element, parameter) in Self.codes { resource.string(element).map { add(system: nil, code: $0, parameter) } }
        for identifier in identifiers(of: resource) {
            guard let value = identifier.string("value") else { continue }
            tokens.insert(identifierHash(SearchToken.text(type: type, parameter: "identifier", system: identifier.string("system"), code: value)))
            tokens.insert(identifierHash(SearchToken.text(type: type, parameter: "identifier", code: value)))
        }
        for component in resource.list("component") {
            component["code"].map { add($0, "component-code") }
            component["valueCodeableConcept"].map { add($0, "component-value-concept") }
        }
        if let meta = resource["meta"] {
            for tag in meta.list("tag") { add(tag, "_tag") }
            for label in meta.list("security") { add(label, "_security") }
            for profile in meta.texts("profile") { add(system: nil, code: profile, "_profile") }
        }
        special(resource)
    }

    private mutating func special(_ resource: JSONNode) {
        switch type {
        case "Patient":
            for communication in resource.list("communication") { communication["language"].map { add($0, "language") } }
            let isDeceased = resource["deceasedBoolean"]?.bool ?? (resource["deceasedDateTime"] != nil)
            add(system: nil, code: isDeceased ? "true" : "false", "deceased")
        case "AllergyIntolerance":
            // `category` and `type` are plain codes here; `code` also finds the substances of reactions.
            for category in resource.texts("category") { add(system: nil, code: category, "category") }
            resource.string("type").map { add(system: nil, code: $0, "type") }
            for reaction in resource.list("reaction") {
                reaction["substance"].map { add($0, "code") }
                reaction["manifestation"].map { add($0, "manifestation") }
            }
        case "Goal": resource["description"].map { add($0, "description") }
        case "CarePlan":
            for activity in resource.list("activity") { activity["detail"]?["code"].map { add($0, "activity-code") } }
        case "FamilyMemberHistory":
            for condition in resource.list("condition") { condition["code"].map { add($0, "code") } }
        case "Provenance":
            for agent in resource.list("agent") { agent["role"].map { add($0, "agent-role") } }
        case "ImagingStudy":
            for series in resource.list("series") {
                series["modality"].map { add($0, "modality") }
                series["bodySite"].map { add($0, "bodysite") }
            }
        case "Encounter":
            for participant in resource.list("participant") { participant["type"].map { add($0, "participant-type") } }
        default: break
        }
        resource["active"]?.bool.map { add(system: nil, code: $0 ? "true" : "false", "active") }
    }

    private func identifiers(of resource: JSONNode) -> [JSONNode] {
        resource.list("identifier") + [resource["masterIdentifier"], resource["groupIdentifier"]].compactMap(\.self)
    }

    /// A concept, a coding, or an array of either.
    private mutating func add(_ node: JSONNode, _ parameter: String) {
        if node.isArray {
            for item in node.elements where item.isObject { add(item, parameter) }
        } else if node["coding"] != nil {
            for coding in node.list("coding") { add(coding, parameter) }
        } else if let code = node.string("code") {
            add(system: node.string("system"), code: code, parameter)
        }
    }

    private mutating func add(system: String?, code: String, _ parameter: String) {
        if let system { tokens.insert(SearchToken.hash(SearchToken.text(type: type, parameter: parameter, system: system, code: code))) }
        tokens.insert(SearchToken.hash(SearchToken.text(type: type, parameter: parameter, code: code)))
    }
}
