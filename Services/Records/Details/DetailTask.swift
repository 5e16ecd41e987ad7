internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres
internal import Sealing

/// A request to change what needs somebody at the clinic, as FHIR R4 Task: its inputs are the field's members, before and after.
struct DetailTask {
    /// HL7 task-code: change the focal resource.
    static let code = "change"

    let id: ID<Resource>
    let version: Int
    let resource: JSONNode
    let before: Detail?
    let after: Detail
    var status: String { resource.string("status") ?? "" }
    var asked: Date { resource.moment("authoredOn") ?? .distantPast }

    /// Nil for a Task of another kind.
    init?(_ task: JSONNode, _ id: ID<Resource>, version: Int) {
        var members: [String: String] = [:]
        for input in task.list("input") {
            guard let name = input["type"]?.code, let value = input.string("valueString") else { continue }
            members[name] = value
        }
        guard let field = members["field"].flatMap({ DetailField(rawValue: $0) }), let after = Detail(field, { members["after.\($0)"] })
        else { return nil }
        (self.id, self.version, resource, self.after) = (id, version, task, after)
        before = Detail(field) { members["before.\($0)"] }
    }

    var request: DetailRequest {
        let decided = status == "requested" ? nil : resource.moment("lastModified")
        return DetailRequest(
            request: id, before: before, after: after, asked: asked, status: status, decided: decided,
            words: resource["statusReason"]?.string("text"))
    }

    static func new(_ command: ChangeDemographics, _ after: Detail, at now: Date) -> JSONValue {
        func input(_ name: String, _ value: String) -> JSONValue {
            ["type": .concept(system: "urn:chartline:detail", code: name), "valueString": .string(value)]
        }
        let before = command.before?.members.filter { !$0.value.isEmpty }.map { input("before.\($0.name)", $0.value) } ?? []
        var made = PatientTask.asked(code, "Change of details", about: "Patient", ID(command.patient.uuid), of: command.patient, at: now)
        made["input"] = .array([input("field", after.field.rawValue)] + before + after.members.map { input("after.\($0.name)", $0.value) })
        return made
    }

    // MARK: Stored

    static func rows(of patient: ID<Patient>) -> SQL {
        "SELECT id, version, body FROM resource WHERE type = 'Task' AND patient = \(patient.uuid) AND code = \(code) AND NOT deleted"
    }

    static func all(_ rows: Later, _ cipher: PatientCipher) throws -> [DetailTask] {
        try rows.all(as: UUID.self, Int.self, [UInt8].self).compactMap { id, version, body in
            DetailTask(try cipher.resource(body, row: id), ID(id), version: version)
        }
    }

    static func all(of patient: ID<Patient>, _ cipher: PatientCipher, in tx: Transaction) async throws -> [DetailTask] {
        let rows = tx.later(rows(of: patient))
        try await tx.flush()
        return try all(rows, cipher)
    }
}
