internal import Contracts
internal import FHIR
internal import Foundation

/// A request for more of a medicine, as FHIR R4 Task.
enum RenewalTask {
    /// HL7 task-code: fulfil the focal request again.
    static let code = "renewal"

    static func new(_ command: RequestRenewal, at now: Date) -> JSONValue {
        [
            "resourceType": "Task", "status": "requested", "intent": "order",
            "code": .concept(system: "urn:chartline:task", code: code, text: "Renewal of a prescription"),
            "description": .optional(command.words),
            "focus": .reference("MedicationRequest", command.prescription),
            "for": .reference("Patient", command.patient),
            "authoredOn": .string(now.formatted(.iso8601)),
            "requester": .reference("Patient", command.patient),
        ]
    }

    static func decided(_ task: JSONNode, _ command: DecideRenewal, by practitioner: ID<Practitioner>?, at now: Date) -> JSONValue {
        var made = JSONValue(task)
        made["status"] = command.accepts ? "completed" : "rejected"
        made["statusReason"] = command.words.map { ["text": .string($0)] } ?? .missing
        made["lastModified"] = .string(now.formatted(.iso8601))
        made["owner"] = .reference("Practitioner", practitioner)
        return made
    }
}
