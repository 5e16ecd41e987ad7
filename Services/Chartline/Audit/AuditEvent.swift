internal import Contracts
internal import Foundation

/// An audit entry in FHIR's shape (R4 AuditEvent).
struct AuditEvent: Encodable {
    struct Coding: Encodable {
        var system: String?
        var code: String
        var display: String?
    }

    struct Concept: Encodable {
        var coding: [Coding]?
        var text: String?
    }

    struct Identifier: Encodable {
        var system: String?
        var value: String
    }

    struct Reference: Encodable {
        var reference: String?
        var identifier: Identifier?
        var display: String?
    }

    struct Agent: Encodable {
        var type: Concept
        var who: Reference
        var altId: String?
        var name: String?
        var requestor: Bool
        var policy: [String]?
        var purposeOfUse: [Concept]?
    }

    struct Source: Encodable {
        var site: String
        var observer: Reference
        var type: [Coding]
    }

    struct Detail: Encodable {
        var type: String
        var valueString: String
    }

    struct Entity: Encodable {
        var what: Reference?
        var type: Coding?
        var role: Coding?
        var name: String?
        var detail: [Detail]?
    }

    var resourceType = "AuditEvent"
    var id: String
    var type = Coding(system: "http://terminology.hl7.org/CodeSystem/audit-event-type", code: "rest", display: "RESTful Operation")
    var subtype: [Coding]
    var action: String
    var recorded: String
    var outcome: String
    var outcomeDesc: String?
    var purposeOfEvent: [Concept]
    var agent: [Agent]
    var source: Source
    var entity: [Entity]

    /// Ids of accounts and services are this installation's own.
    private static let accounts = "urn:chartline:account"

    init(_ entry: TrailEntry) {
        id = entry.id.uuidString.lowercased()
        subtype = [Coding(system: "urn:chartline:message", code: entry.action)]
        let verb = entry.action.split(separator: ".").dropFirst().first ?? ""
        action =
            switch verb.prefix(while: { $0 != "-" }) {
            case "read", "find", "count", "snapshot", "export": "R"
            case "book", "hold", "import", "create", "invite", "ask", "put", "record": "C"
            case "cancel", "answer", "publish", "activate": "U"
            default: "E"
            }
        recorded = entry.at.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        switch entry.outcome {
        case "done": outcome = "0"
        case "failed": outcome = "8"
        default: outcome = "4"
        }
        outcomeDesc = [entry.outcome, entry.reason].compactMap(\.self).joined(separator: ": ")
        let purpose = Self.purpose(entry)
        purposeOfEvent = [purpose]
        let who = entry.account.map { Identifier(system: Self.accounts, value: $0.description) }
        agent = [
            Agent(
                type: Concept(coding: [Coding(system: "urn:chartline:role", code: entry.role)]),
                who: Reference(identifier: who ?? Identifier(system: "urn:chartline:service", value: entry.issuer), display: entry.name),
                altId: entry.session?.description, name: entry.name, requestor: true, policy: entry.basis.map { ["urn:chartline:basis:\($0)"] },
                purposeOfUse: [purpose])
        ]
        source = Source(
            site: entry.place.service, observer: Reference(display: "Chartline \(entry.place.service)"),
            type: [Coding(system: "http://terminology.hl7.org/CodeSystem/security-source-type", code: "4", display: "Application Server")])
        entity = entry.patients.map { patient in
            Entity(
                what: Reference(reference: "Patient/\(patient)"),
                type: Coding(system: "http://terminology.hl7.org/CodeSystem/audit-entity-type", code: "1", display: "Person"),
                role: Coding(system: "http://terminology.hl7.org/CodeSystem/object-role", code: "1", display: "Patient"))
        }
        entity.append(
            Entity(
                type: Coding(system: "http://terminology.hl7.org/CodeSystem/audit-entity-type", code: "4", display: "Other"), name: "trail",
                detail: [Detail(type: "position", valueString: "\(entry.place.service)/\(entry.place.position)")]
                    + (entry.trace.map { [Detail(type: "trace", valueString: $0)] } ?? [])))
    }

    private static func purpose(_ entry: TrailEntry) -> Concept {
        let system = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
        return switch (entry.basis, entry.purpose) {
        case ("break-glass", _): Concept(coding: [Coding(system: system, code: "BTG", display: "break the glass")])
        case (_, "treatment"): Concept(coding: [Coding(system: system, code: "TREAT", display: "treatment")])
        case (_, "own-record"): Concept(coding: [Coding(system: system, code: "PATRQT", display: "patient requested")])
        case (_, "operations"): Concept(coding: [Coding(system: system, code: "HOPERAT", display: "healthcare operations")])
        default: Concept(text: entry.purpose)
        }
    }

    /// JSON and the end of its line.
    var line: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return try encoder.encode(self) + [10]
        }
    }
}
