internal import Contracts
internal import FHIR
internal import Foundation

/// Orders as FHIR R4 ServiceRequest.
enum OrderResource {
    private static let statusReason = "http://hl7.org/fhir/StructureDefinition/request-statusReason"
    /// Midnight comes last twelve hours after UTC's.
    private static let farthestWest: TimeInterval = 12 * 3600

    /// SNOMED CT.
    private static let categories: [OrderKind: (code: String, display: String)] = [
        .laboratory: ("108252007", "Laboratory procedure"), .imaging: ("363679005", "Imaging"), .referral: ("3457005", "Patient referral"),
    ]

    /// What waits for a result.
    static let open: Set<String> = ["active", "on-hold"]

    /// Where a status may lead.
    static let transitions: [String: Set<String>] = [
        "draft": ["active", "entered-in-error"], "active": ["on-hold", "completed", "revoked", "entered-in-error"],
        "on-hold": ["active", "completed", "revoked", "entered-in-error"], "completed": [], "revoked": [], "entered-in-error": [],
    ]

    static func new(_ command: PlaceOrder, practitioner: ID<Practitioner>?, at now: Date) -> JSONValue {
        let category = categories[command.kind]
        let written = now.formatted(.iso8601)
        // In the west the day that is wanted may be before UTC's: no period begins after its end.
        let start = min(String(written.prefix(10)), command.due)
        return [
            "resourceType": "ServiceRequest",
            "status": command.draft == true ? "draft" : "active", "intent": "order",
            "category": [.concept(system: "http://snomed.info/sct", code: category?.code, display: category?.display)],
            "priority": .string(command.priority.rawValue),
            "code": command.what.concept,
            "subject": .reference("Patient", command.patient),
            "encounter": .reference("Encounter", command.encounter),
            "occurrencePeriod": ["start": .string(start), "end": .string(command.due)],
            "authoredOn": .string(written), "requester": .reference("Practitioner", practitioner),
            "reasonCode": command.reason.map { [["text": .string($0)]] } ?? .missing,
        ]
    }

    static func changed(_ order: JSONNode, to status: String, why: String?) -> JSONValue {
        var made = JSONValue(order)
        made["status"] = .string(status)
        let others = order.list("extension").filter { $0.string("url") != statusReason }.map(JSONValue.init)
        let reason: JSONValue = why.map { ["url": .string(statusReason), "valueCodeableConcept": ["text": .string($0)]] } ?? .missing
        made["extension"] = .array(others + [reason])
        return made
    }

    static func due(_ order: JSONNode) -> String? { order["occurrencePeriod"]?.string("end") ?? order.string("occurrenceDateTime") }

    /// When the day a result was wanted by is over everywhere on Earth.
    static func dayIsOver(_ due: String?) -> Date? {
        due.flatMap(FHIRDate.init).map { $0.range(in: .gmt).upperBound.addingTimeInterval(farthestWest) }
    }

    static func kind(_ order: JSONNode) -> OrderKind? {
        let codes = Set(order.list("category").flatMap { $0.list("coding") }.compactMap { $0.string("code") })
        return OrderKind.allCases.first { categories[$0].map { codes.contains($0.code) } ?? false }
    }

    static func why(_ order: JSONNode) -> String? { order.extensions[statusReason]?["valueCodeableConcept"]?.display }
}

extension OrderLine {
    init(_ order: JSONNode, _ id: ID<Resource>, version: Int, results: [ID<Resource>] = [], at now: Date) {
        let (status, due) = (order.string("status") ?? "unknown", OrderResource.due(order))
        let isLate = OrderResource.dayIsOver(due).map { $0 < now } ?? false
        self.init(
            order: id, version: version, kind: OrderResource.kind(order), what: CodedText(order["code"], order["code"]?.display ?? ""),
            status: status, reason: order.list("reasonCode").lazy.compactMap(\.display).first, statusReason: OrderResource.why(order), due: due,
            priority: order.string("priority").flatMap(OrderPriority.init), authored: order.string("authoredOn"),
            requester: ID(practitioner: order.reference("requester")), results: results,
            overdue: isLate && OrderResource.open.contains(status))
    }
}

extension ID where Entity == Practitioner {
    /// Nil for what refers to somebody else: a patient, an organization.
    init?(practitioner reference: String?) {
        guard reference?.hasPrefix("Practitioner/") == true else { return nil }
        self.init(reference: reference)
    }
}
