internal import Access
internal import Contracts
internal import FHIR
internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres

extension RecordStore {
    /// Writes the next version of a result; the one before stays. Whoever has seen the old value is asked to see the new one.
    @Sendable func correctResult(_ command: CorrectResult, actor: Actor, tx: Transaction) async throws -> Answer<CorrectResult> {
        guard command.problems.isEmpty else { return .refused(.invalid(problems: command.problems)) }
        guard let book = try await OrderBook.open(command.patient, by: actor, in: self, tx),
            let result = try await book.stored("Observation", command.result), ResultResource.isResult(result.resource)
        else { return .refused(.notFound) }
        guard result.version == command.version else { return .refused(.changedMeanwhile(version: result.version)) }
        guard ResultResource.transitions[result.status]?.contains(command.status) == true || Fault.statesAreFree.isOn else {
            return .refused(.illegal(status: result.status))
        }
        guard result.resource["component"] == nil || command.reading == nil else { return .refused(.inParts) }
        let version = result.version + 1
        let made = ResultResource.corrected(result.resource, command, by: actor.practitioner, at: book.writer.now)
        try book.writer.write(made, "Observation", command.result, version: version)
        let id = ID<Resource>(reference: result.resource.list("basedOn").lazy.compactMap { $0.string("reference") }.first)
        let order: OrderBook.Stored? = if let id { try await book.stored("ServiceRequest", id) } else { nil }
        let now = try JSONDocument(made.bytes).root
        book.review(
            command.result, version: version, orderedBy: ID(practitioner: order?.resource.reference("requester")),
            abnormal: ResultResource.isAbnormal(ResultEntry(now)))
        // Nobody is told of what they have not been shown.
        if ResultResource.isNews(now, after: result.resource), !Fault.correctionsAreSilent.isOn,
            try await !ResultHold(tx: tx, patient: command.patient).holds(command.result)
        {
            try tx.emit(ResultAmended(patient: command.patient, result: command.result, version: version, at: book.writer.now))
        }
        if let id, let order, ResultResource.complete.contains(command.status) { try book.complete(order, id) }
        try await book.changeReports(of: command.result, to: command.status)
        return .done(EntryKept(version: version))
    }
}

extension OrderBook {
    /// A report is as its results are: changed with the first of them, final with the last, and taken back when nothing of it is left.
    fileprivate func changeReports(of result: ID<Resource>, to status: String) async throws {
        let reports = try await writer.tx.all(
            """
            SELECT id, version, body FROM resource
            WHERE type = 'DiagnosticReport' AND patient = \(writer.patient.uuid) AND refs @> ARRAY[\(result.uuid)] AND NOT deleted
            """, as: UUID.self, Int.self, [UInt8].self)
        for (id, version, body) in reports {
            let report = try writer.cipher.resource(body, row: id)
            let members = report.list("result").compactMap { ID<Resource>(reference: $0.string("reference"))?.uuid }
            let statuses = try await writer.tx.all(
                "SELECT coalesce(status, 'unknown') FROM resource WHERE type = 'Observation' AND id = ANY(\(members)) AND NOT deleted",
                as: String.self)
            let old = report.string("status") ?? "unknown"
            guard let next = ResultResource.reportStatus(from: old, after: status, of: statuses), next != old || next == status else { continue }
            var made = JSONValue(report)
            made["status"] = .string(next)
            made["issued"] = .string(writer.now.formatted(.iso8601))
            try writer.write(made, "DiagnosticReport", ID(id), version: version + 1)
        }
    }
}

extension CorrectResult {
    fileprivate var problems: [EntryProblem] {
        var check = EntryCheck()
        check.why("reason", reason)
        if let reading { check.problems += reading.problems() }
        if reading == nil, status == "amended" || status == "corrected" { check.problems.append(EntryProblem("value", .missing)) }
        return check.problems
    }
}
