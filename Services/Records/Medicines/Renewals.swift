internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    private static let waitingShown = 200

    /// A patient asks for more of a medicine: a Task, once while it waits.
    @Sendable func requestRenewal(_ command: RequestRenewal, actor: Actor, tx: Transaction) async throws -> Answer<RequestRenewal> {
        guard command.words?.count ?? 0 <= 500 else { return .refused(.tooLong) }
        guard let list = try await MedicineList.read(command.patient, for: actor, locking: true, sealer, in: tx),
            let medicine = list.medicines.first(where: { $0.id == command.prescription })
        else { return .refused(.notFound) }
        let now = Date()
        let renewal = list.renewal(of: medicine, at: now)
        guard renewal == .possible else { return .refused(.notPossible(why: renewal)) }
        let task = RenewalTask.new(command, at: now)
        try EntryWriter(store: self, patient: command.patient, cipher: list.cipher, actor: actor, tx: tx, now: now)
            .write(task, "Task", command.request, version: 1)
        return .done(Done())
    }

    @Sendable func refusalOfRequest(
        _ command: RequestRenewal, _ constraint: String, _ actor: Actor, _ tx: Transaction
    ) async throws -> RenewalRefusal? {
        constraint.hasPrefix("resource_") ? .idInUse : nil
    }

    /// Answers a request. A yes is a new prescription that names the old one, which is completed by it; checks are run again, as of now.
    @Sendable func decideRenewal(_ command: DecideRenewal, actor: Actor, tx: Transaction) async throws -> Answer<DecideRenewal> {
        guard command.accepts || command.words.map({ $0.count >= 3 }) == true else { return .refused(.wordsMissing) }
        let table = SafetyTable.later(in: tx)
        guard let list = try await MedicineList.read(command.patient, for: actor, locking: true, sealer, in: tx),
            let (version, task) = try await renewalTask(command.request, of: command.patient, list.cipher, in: tx)
        else { return .refused(.notFound) }
        guard task.string("status") == "requested" else { return .refused(.alreadyDecided) }
        let now = Date()
        let writer = EntryWriter(store: self, patient: command.patient, cipher: list.cipher, actor: actor, tx: tx, now: now)
        if command.accepts {
            guard let old = list.medicines.first(where: { "MedicationRequest/\($0.id)" == task.reference("focus") }) else {
                return .refused(.notFound)
            }
            // It may have been stopped since it was asked for.
            guard ["active", "on-hold"].contains(old.entry.status ?? "") else { return .refused(.notPossible(why: .ended)) }
            let report = list.safety(by: try SafetyTable.newest(table)).report(on: old.name, renewing: old.id)
            guard !report.needsReason || command.override != nil else { return .refused(.reasonNeeded(report: report)) }
            let overriding = Dictionary(report.entries.map { ($0, command.override ?? "") }, uniquingKeysWith: { first, _ in first })
            let renewed = PrescriptionResource.renewed(
                old.resource, from: old.id, practitioner: actor.practitioner, overriding: overriding, at: now)
            try writer.write(renewed, "MedicationRequest", command.prescription ?? .init(), version: 1)
            var ended = JSONValue(old.resource)
            ended["status"] = "completed"
            try writer.write(ended, "MedicationRequest", old.id, version: old.version + 1)
        }
        try writer.write(RenewalTask.decided(task, command, by: actor.practitioner, at: now), "Task", command.request, version: version + 1)
        return .done(Done())
    }

    @Sendable func refusalOfDecision(
        _ command: DecideRenewal, _ constraint: String, _ actor: Actor, _ tx: Transaction
    ) async throws -> DecisionRefusal? {
        constraint.hasPrefix("resource_") ? .idInUse : nil
    }

    private func renewalTask(
        _ id: ID<Resource>, of patient: ID<Patient>, _ cipher: PatientCipher, in tx: Transaction
    ) async throws -> (Int, JSONNode)? {
        let row = try await tx.first(
            "SELECT version, body FROM resource WHERE type = 'Task' AND id = \(id.uuid) AND patient = \(patient.uuid) AND code = \(RenewalTask.code)",
            as: Int.self, [UInt8].self)
        return try row.map { ($0.0, try cipher.resource($0.1, row: id.uuid)) }
    }

    /// What waits, of those the asker treats.
    func readRenewals(_ query: ReadRenewals, _ actor: Actor, _ tx: Transaction, _ facts: FactsReader) async throws -> Answer<ReadRenewals> {
        let rows = try await tx.all(
            """
            SELECT patient, id, body FROM resource WHERE type = 'Task' AND status = 'requested' AND code = \(RenewalTask.code) AND NOT deleted
            ORDER BY d_lo, id LIMIT \(Self.waitingShown)
            """, as: UUID.self, UUID.self, [UInt8].self)
        guard !rows.isEmpty else { return .done(Renewals(waiting: [])) }
        let reading = facts.read(of: "SELECT unnest(\(Array(Set(rows.map(\.0)))))", for: actor, in: tx)
        let newest = SafetyTable.later(in: tx)
        try await tx.flush()
        let (known, table) = (try reading.facts(), try SafetyTable.newest(newest))
        var (lists, waiting): ([UUID: MedicineList], [RenewalLine]) = ([:], [])
        for (patient, id, body) in rows {
            guard case .allow(let granted) = actor.decide(on: .clinical, of: ID(patient), known[ID(patient)] ?? AccessFacts()) else { continue }
            var asker = actor
            asker.granted = granted
            if lists[patient] == nil { lists[patient] = try await MedicineList.read(ID(patient), for: asker, sealer, in: tx) }
            guard let list = lists[patient] else { continue }
            let task = try list.cipher.resource(body, row: id)
            guard let medicine = list.medicines.first(where: { "MedicationRequest/\($0.id)" == task.reference("focus") }) else { continue }
            waiting.append(
                RenewalLine(
                    patient: list.patient, request: ID(id), medicine: medicine.entry.name, dosage: medicine.entry.dosage,
                    parts: Dosage(prescribed: medicine.resource), words: task.string("description"),
                    asked: task.string("authoredOn").flatMap { FHIRDate($0)?.start } ?? .distantPast,
                    report: list.safety(by: table).report(on: medicine.name, renewing: medicine.id)))
        }
        return .done(Renewals(waiting: waiting))
    }
}

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
