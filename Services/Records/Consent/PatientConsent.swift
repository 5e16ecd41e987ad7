internal import Contracts
internal import FHIR
internal import Foundation

/// The one Consent in which a patient says who may see the record, as FHIR R4.
struct PatientConsent: Codable {
    struct Coding: Codable {
        var system: String?
        var code: String
    }
    struct Concept: Codable { var coding: [Coding] }
    struct Reference: Codable {
        var reference: String?
        var display: String?
    }
    struct Period: Codable {
        var start: String?
        var end: String?
    }
    struct Actor: Codable {
        var role: Concept
        var reference: Reference
    }
    struct Provision: Codable {
        var type: String?
        var period: Period?
        var actor: [Actor]?
        var securityLabel: [Coding]?
        var provision: [Provision]?
    }

    var resourceType = "Consent"
    var status = "active"
    var scope: Concept
    var category: [Concept]
    var patient: Reference
    var dateTime: String
    var policyRule: Concept
    var provision: Provision

    private static let labels = "http://terminology.hl7.org/CodeSystem/v3-ActCode"

    init(_ lines: [ConsentLine], of patient: ID<Patient>, at now: Date) {
        scope = Concept(coding: [Coding(system: "http://terminology.hl7.org/CodeSystem/consentscope", code: "patient-privacy")])
        category = [Concept(coding: [Coding(system: "http://loinc.org", code: "59284-0")])]
        self.patient = Reference(reference: "Patient/\(patient)")
        dateTime = now.formatted(.iso8601)
        policyRule = Concept(coding: [Coding(system: Self.labels, code: "OPTIN")])
        provision = Provision(provision: lines.map(Self.provision))
    }

    private static func provision(_ line: ConsentLine) -> Provision {
        var provision = Provision(type: line.permits ? "permit" : "deny")
        if line.from != nil || line.until != nil { provision.period = Period(start: line.from, end: line.until) }
        if let practitioner = line.practitioner {
            let recipient = Concept(coding: [Coding(system: "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", code: "IRCP")])
            provision.actor = [Actor(role: recipient, reference: Reference(reference: "Practitioner/\(practitioner)"))]
        } else if let role = line.role {
            provision.actor = [Actor(role: Concept(coding: [Coding(system: ConsentEntry.roles, code: role)]), reference: Reference(display: role))]
        }
        if let kind = line.kind { provision.securityLabel = [Coding(system: labels, code: kind)] }
        return provision
    }

    /// As it is stored.
    var text: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return [UInt8](try encoder.encode(self))
        }
    }

    /// The same for a patient whenever it is asked: there is one.
    static func id(of patient: ID<Patient>) -> UUID { UUID(digestOf: "consent of \(patient)") }

    /// The lines a stored Consent of this kind holds, as the patient wrote them.
    static func lines(of consent: JSONNode) -> [ConsentLine] {
        ConsentEntry(consent).lines.map { line in
            ConsentLine(
                permits: line.permits, practitioner: ID(reference: line.practitioner), role: line.role, kind: line.kind, from: line.start,
                until: line.end)
        }
    }
}
