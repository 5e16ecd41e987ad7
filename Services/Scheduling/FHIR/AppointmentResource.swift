internal import Contracts
internal import FHIR
internal import Foundation

/// A visit as FHIR R4 Appointment. Nobody's words are in it: neither why staff booked it over others nor what was said of it on its day.
struct AppointmentResource {
    /// What is known beside the line.
    struct Details {
        var changedAt: Date
        var madeAt: Date
        /// Why it ended, as a code.
        var reason: String?
        /// The order it was booked by.
        var order: UUID?
        /// The patient has said that they come at this time.
        var isAccepted: Bool
        /// The id of the time it takes.
        var slot: String
    }

    /// A room or a device.
    struct Other {
        var id: UUID
        var kind: String
        var name: String
    }

    let line: AppointmentLine
    let details: Details
    let others: [Other]
    let service: VisitService?

    /// What why it ended is in http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason.
    private static let reasons: [String: (code: String, display: String)] = [
        "by-patient": ("pat", "Patient"), "by-clinic": ("prov", "Provider"), "patient-deceased": ("pat-dec", "Patient: Deceased"),
    ]

    var found: FoundResource {
        FoundResource(type: "Appointment", id: line.appointment.description, version: line.version, json: VisitResource.text(json))
    }

    var json: JSONValue {
        let reason = line.status == "cancelled" ? details.reason.flatMap { Self.reasons[$0] } : nil
        let cancelled: JSONValue = .concept(
            system: "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason", code: reason?.code, display: reason?.display)
        // R4 knows no recurrence: each visit of a series is a resource of its own, and a tag says which belong together.
        let tags: JSONValue = line.series.map { [["system": .string(VisitResource.series), "code": .string($0.text)]] } ?? .missing
        var made: JSONValue = [
            "resourceType": "Appointment",
            "id": .string(line.appointment.description),
            "meta": ["versionId": .string("\(line.version)"), "lastUpdated": VisitResource.instant(details.changedAt), "tag": tags],
            "status": .string(line.status),
            "cancelationReason": cancelled,
            "serviceType": [VisitResource.visitType(line.service, service)],
        ]
        for member in VisitResource.members("start", line.start) + VisitResource.members("end", line.end) { made[member.name] = member.value }
        made["minutesDuration"] = .number("\(Int(line.end.instant.timeIntervalSince(line.start.instant) / 60))")
        // Over others, or at a time that is not offered, it takes none.
        if line.isOverride != true { made["slot"] = [.reference("Slot", details.slot)] }
        made["created"] = VisitResource.instant(details.madeAt)
        made["basedOn"] = [.reference("ServiceRequest", details.order?.text)]
        made["participant"] = .array(participants)
        return made
    }

    private var participants: [JSONValue] {
        let isHeld = line.status == "pending"
        let patient = patientStatus
        let clinician = details.reason == "by-clinic" ? "declined" : isHeld ? "tentative" : "accepted"
        let place = isHeld ? "tentative" : "accepted"
        func participant(_ actor: JSONValue, _ status: String) -> JSONValue {
            ["actor": actor, "required": "required", "status": .string(status)]
        }
        let known = [
            participant(.reference("Patient", line.patient), patient), participant(.reference("Practitioner", line.practitioner), clinician),
            participant(.reference("Location", line.location), place),
        ]
        // Rooms and devices are no resources of the record; they are referred to by what they are called here.
        return known
            + others.map {
                participant(
                    [
                        "type": .string($0.kind == "room" ? "Location" : "Device"),
                        "identifier": ["system": .string(VisitResource.resources), "value": .string($0.id.text)], "display": .string($0.name),
                    ], place)
            }
    }

    /// Whether the patient comes, as far as they have said.
    private var patientStatus: String {
        switch line.status {
        case "pending": "tentative"
        case "arrived", "checked-in", "fulfilled": "accepted"
        case "cancelled" where details.reason == "by-patient": "declined"
        default: details.isAccepted ? "accepted" : "needs-action"
        }
    }
}
