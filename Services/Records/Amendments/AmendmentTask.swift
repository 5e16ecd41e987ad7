internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres
internal import Sealing

/// A request to amend an entry, as FHIR R4 Task: what is wrong is its description, what it should say its input, the clock its restriction.
struct AmendmentTask {
    static let code = "amendment"
    /// What the law gives the clinic.
    static let time: TimeInterval = 60 * 86_400

    let id: ID<Resource>
    let version: Int
    let resource: JSONNode

    var status: String { resource.string("status") ?? "" }
    var entry: ID<Resource>? { ID(reference: resource.reference("focus")) }
    var right: String { resource.list("input").lazy.compactMap { $0.string("valueString") }.first ?? "" }
    var asked: Date { resource.moment("authoredOn") ?? .distantPast }
    var due: Date { resource["restriction"]?["period"]?.moment("end") ?? .distantPast }

    /// - Parameter line: of the entry it is about, as it says now.
    func amendment(of line: RecordLine) -> Amendment {
        Amendment(
            request: id, entry: line, wrong: resource.string("description") ?? "", right: right, asked: asked, due: due, status: status,
            decided: status == "requested" ? nil : resource.moment("lastModified") ?? .distantPast, words: resource["statusReason"]?.string("text"))
    }

    /// - Parameters:
    ///   - type: of the entry.
    ///   - sensitivity: of the entry: what is said about it is as sensitive as itself.
    static func new(_ command: RequestAmendment, _ type: String, _ sensitivity: Sensitivity, at now: Date) -> JSONValue {
        let labels = sensitivity.codes.map { code -> JSONValue in
            ["system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": .string(code)]
        }
        var made = PatientTask.asked(
            code, "Amendment of the record", about: type, command.entry, description: command.wrong, of: command.patient, at: now)
        made["meta"] = ["security": .array(labels)]
        made["restriction"] = ["period": ["end": .string(now.addingTimeInterval(time).formatted(.iso8601))]]
        made["input"] = [["type": .concept(system: "urn:chartline:amendment", code: "right"), "valueString": .string(command.right)]]
        return made
    }

    /// The entry with the amendment below it; of what it said nothing is taken away.
    func appended(to entry: JSONNode, at now: Date) -> JSONValue {
        var made = JSONValue(entry)
        let amendment: JSONValue = [
            "extension": [
                ["url": "text", "valueString": .string(right)],
                ["url": "request", "valueReference": .reference("Task", id)],
                ["url": "accepted", "valueDateTime": .string(now.formatted(.iso8601))],
            ],
            "url": .string(RecordEntry.amendment),
        ]
        let others: [JSONValue] = if case .array(let others) = made["extension"] { others } else { [] }
        made["extension"] = .array(others + [amendment])
        return made
    }

    static func rows(_ actor: Actor, of patient: ID<Patient>) -> SQL {
        """
        SELECT id, version, body FROM resource
        WHERE type = 'Task' AND patient = \(patient.uuid) AND code = \(code) AND NOT deleted \(actor.granted.shown)
        """
    }

    static func all(_ rows: Later, _ cipher: PatientCipher) throws -> [AmendmentTask] {
        try rows.all(as: UUID.self, Int.self, [UInt8].self).map { id, version, body in
            AmendmentTask(id: ID(id), version: version, resource: try cipher.resource(body, row: id))
        }
    }
}
