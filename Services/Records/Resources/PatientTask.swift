internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres

/// What a patient waits for the clinic to do, as FHIR R4 Task: what such Tasks have in common, whatever is asked.
enum PatientTask {
    /// - Parameters:
    ///   - name: what is asked, for people.
    ///   - description: in the patient's words.
    static func asked(
        _ code: String, _ name: String, about type: String, _ focus: ID<Resource>, description: String? = nil, of patient: ID<Patient>, at now: Date
    ) -> JSONValue {
        [
            "resourceType": "Task", "status": "requested", "intent": "order",
            "code": .concept(system: "urn:chartline:task", code: code, text: name),
            "description": .optional(description),
            "focus": .reference(type, focus),
            "for": .reference("Patient", patient),
            "authoredOn": .string(now.formatted(.iso8601)),
            "requester": .reference("Patient", patient),
        ]
    }

    /// Of a Task that is called `t`: a person waits for its answer.
    static func waits(_ code: String) -> SQL {
        "t.type = 'Task' AND t.status = 'requested' AND t.code = \(code) AND NOT t.deleted AND \(PracticePatients.excluded("t.patient"))"
    }

    /// Whose requests wait; of a record that was destroyed none does.
    static func waitingPatients(_ code: String) -> SQL {
        "SELECT t.patient FROM resource t JOIN patient p ON p.id = t.patient AND p.destroyed_at IS NULL WHERE \(waits(code))"
    }

    /// The answer; without one that has words, only its end.
    /// - Parameter status: completed, rejected, cancelled.
    static func ended(_ task: JSONNode, _ status: String, words: String? = nil, by practitioner: ID<Practitioner>?, at now: Date) -> JSONValue {
        var made = JSONValue(task)
        made["status"] = .string(status)
        made["statusReason"] = words.map { ["text": .string($0)] } ?? .missing
        made["lastModified"] = .string(now.formatted(.iso8601))
        made["owner"] = .reference("Practitioner", practitioner)
        return made
    }
}

extension JSONNode {
    /// The beginning of a FHIR date or time; nil where there is none.
    func moment(_ member: String) -> Date? { string(member).flatMap { FHIRDate($0)?.start } }
}
