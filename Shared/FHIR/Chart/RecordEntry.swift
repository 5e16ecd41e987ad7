/// Any resource as one line of a record: what it is, when, its state, and what else is worth a word.
public struct RecordEntry: Sendable, Equatable {
    public var title: String
    /// FHIR dateTime, or what was said instead.
    public var date: String?
    /// The code of its own status element.
    public var status: String?
    public var details: [String]
    /// Entered in error or refuted.
    public var isRetracted: Bool

    public init(_ resource: JSONNode) {
        let type = resource.string("resourceType") ?? ""
        switch type {
        case "Condition": self.init(ConditionEntry(resource), resource)
        case "AllergyIntolerance": self.init(AllergyEntry(resource))
        case "MedicationRequest", "MedicationStatement": self.init(MedicationEntry(resource))
        case "Immunization": self.init(ImmunizationEntry(resource), resource)
        case "Procedure": self.init(ProcedureEntry(resource), resource)
        case "Encounter": self.init(EncounterEntry(resource))
        case "Observation": self.init(ResultEntry(resource))
        case "DiagnosticReport": self.init(ReportEntry(resource))
        case "DocumentReference": self.init(DocumentEntry(resource))
        case "FamilyMemberHistory": self.init(FamilyEntry(resource))
        default: self.init(other: resource, type)
        }
        if title.isEmpty { title = type }
        details += Self.amendments(resource)
    }

    /// The extension an amendment that was accepted is appended as.
    public static let amendment = "urn:chartline:amendment"

    private static func amendments(_ resource: JSONNode) -> [String] {
        resource.list("extension").filter { $0.string("url") == amendment }.compactMap { amendment in
            amendment.list("extension").first { $0.string("url") == "text" }?.string("valueString")
        }
    }

    private init(_ title: String, _ date: String?, _ status: String?, _ details: [String?], retracted: Bool) {
        (self.title, self.date, self.status) = (title, date, status)
        self.details = details.compactMap { $0 }.filter { !$0.isEmpty && $0 != title }
        isRetracted = retracted
    }

    private init(_ entry: ConditionEntry, _ resource: JSONNode) {
        self.init(
            entry.display, entry.onset ?? entry.recorded, entry.clinicalStatus, [resource.noteText], retracted: entry.isRetracted)
    }

    private init(_ entry: AllergyEntry) {
        self.init(entry.substance, entry.recorded, entry.clinicalStatus, [entry.reactions.joined(separator: ", ")], retracted: entry.isRetracted)
    }

    private init(_ entry: MedicationEntry) {
        self.init(entry.name, entry.authoredOn, entry.status, [entry.dosage, entry.reason], retracted: entry.isRetracted)
    }

    private init(_ entry: ImmunizationEntry, _ resource: JSONNode) {
        self.init(
            entry.vaccine, entry.date, entry.status, [entry.lotNumber, resource["statusReason"]?.display], retracted: entry.isRetracted)
    }

    private init(_ entry: ProcedureEntry, _ resource: JSONNode) {
        self.init(entry.display, entry.performed, entry.status, [entry.reason, resource.noteText], retracted: entry.isRetracted)
    }

    private init(_ entry: EncounterEntry) {
        self.init(entry.display, entry.start, entry.status, [entry.reason, entry.practitioner, entry.location], retracted: entry.isRetracted)
    }

    private init(_ entry: ResultEntry) {
        let parts = entry.components.map { "\($0.display): \(Self.shown($0.value) ?? "–")" }
        self.init(entry.display, entry.effective, entry.status, [Self.shown(entry.value)] + parts, retracted: entry.isRetracted)
    }

    private init(_ entry: ReportEntry) {
        self.init(
            entry.display, entry.effective ?? entry.issued, entry.status, [entry.conclusion], retracted: entry.status == "entered-in-error")
    }

    private init(_ entry: DocumentEntry) {
        self.init(entry.title ?? entry.display, entry.date, entry.status, [entry.display, entry.author], retracted: entry.isRetracted)
    }

    private init(_ entry: FamilyEntry) {
        self.init(entry.relationship, entry.date, entry.status, [entry.conditions.joined(separator: ", "), entry.note], retracted: entry.isRetracted)
    }

    /// What no list of its own shows: by the names FHIR gives such elements in every type.
    private init(other resource: JSONNode, _ type: String) {
        let title =
            resource.string("title") ?? resource.string("name") ?? resource.first(of: ["code", "medicationCodeableConcept", "description"])?.display
            ?? (resource.list("type") + resource.list("category")).lazy.compactMap(\.display).first ?? resource.string("description")
        let dates = [
            "date", "authoredOn", "created", "recorded", "issued", "dateTime", "occurrenceDateTime", "effectiveDateTime", "performedDateTime",
            "started", "startDate", "authored", "whenHandedOver",
        ]
        let period = resource.first(of: ["period", "billablePeriod", "effectivePeriod", "occurrencePeriod"])
        let status = resource.string("status") ?? resource.string("lifecycleStatus") ?? resource["status"]?.code
        self.init(
            title ?? type, dates.lazy.compactMap { resource.string($0) }.first ?? period?.string("start"), status, [],
            retracted: status == "entered-in-error")
    }

    private static func shown(_ value: ResultEntry.Value) -> String? {
        value.text.map { text in value.unit.map { "\(text) \($0)" } ?? text }
    }
}

/// A FamilyMemberHistory as a list shows it.
public struct FamilyEntry: Sendable, Equatable {
    public var relationship: String
    /// HL7 v3 RoleCode.
    public var code: String?
    public var conditions: [String]
    /// partial, completed, entered-in-error, health-unknown
    public var status: String?
    /// FHIR dateTime.
    public var date: String?
    public var note: String?

    public init(_ member: JSONNode) {
        relationship = member["relationship"]?.display ?? member.string("name") ?? ""
        code = member["relationship"]?.code
        conditions = member.list("condition").compactMap { $0["code"]?.display }
        status = member.string("status")
        date = member.string("date")
        note = member.noteText
    }

    public var isRetracted: Bool { status == "entered-in-error" }
}
