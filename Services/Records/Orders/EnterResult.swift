internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres

extension RecordStore {
    /// Writes results, in a report where there are several; final ones complete the order they answer.
    @Sendable func enterResult(_ command: EnterResult, actor: Actor, tx: Transaction) async throws -> Answer<EnterResult> {
        let problems = command.problems(at: Date())
        guard problems.isEmpty else { return .refused(.invalid(problems: problems)) }
        guard let book = try await OrderBook.open(command.patient, by: actor, in: self, tx) else { return .refused(.notFound) }
        var order: OrderBook.Stored?
        if let id = command.order {
            order = try await book.stored("ServiceRequest", id)
            guard let order else { return .refused(.notFound) }
            // What was completed by some of its results may have more.
            guard OrderResource.open.contains(order.status) || order.status == "completed" else {
                return .refused(.orderClosed(status: order.status))
            }
        }
        let (me, now) = (actor.practitioner, book.writer.now)
        for entered in command.results {
            let made = ResultResource.new(entered, command, answering: order?.resource, by: me, at: now)
            try book.writer.write(made, "Observation", entered.result, version: 1)
            let entry = ResultEntry(try JSONDocument(made.bytes).root)
            book.review(
                entered.result, version: 1, orderedBy: ID(practitioner: order?.resource.reference("requester")),
                abnormal: ResultResource.isAbnormal(entry))
        }
        let isPanel = command.results.count > 1
        if isPanel {
            let report = ResultResource.report(command, answering: order?.resource, by: me, at: now)
            try book.writer.write(report, "DiagnosticReport", command.report, version: 1)
        }
        ResultHold(tx: tx, patient: command.patient).hold(
            command.results.map(\.result.uuid) + (isPanel ? [command.report.uuid] : []), at: now)
        if let id = command.order, let order, ResultResource.complete.contains(command.status) { try book.complete(order, id) }
        return .done(ResultsEntered(results: command.results.map(\.result), report: isPanel ? command.report : nil))
    }

    /// What a violated constraint means to whoever wrote.
    @Sendable func refusalOfEntering(_ command: EnterResult, _ constraint: String, _ actor: Actor, _ tx: Transaction) async throws -> ResultRefusal? {
        constraint.hasPrefix("resource_") ? .idInUse : nil
    }
}

extension OrderBook {
    /// It has its result; nothing changes where it had one before.
    func complete(_ order: Stored, _ id: ID<Resource>) throws {
        guard OrderResource.open.contains(order.status) else { return }
        try write(
            order: OrderResource.changed(order.resource, to: "completed", why: nil), id, version: order.version + 1, status: "completed",
            due: OrderResource.due(order.resource))
    }
}

extension EnterResult {
    private static let resultsAtMost = 20

    fileprivate func problems(at now: Date) -> [EntryProblem] {
        var check = EntryCheck(now: now)
        if results.isEmpty { check.problems.append(EntryProblem("results", .missing)) }
        if results.count > Self.resultsAtMost || Set(results.map(\.result)).count != results.count {
            check.problems.append(EntryProblem("results", .tooMany))
        }
        if let title { check.name("title", title) }
        check.code("status", status, in: ["preliminary", "final"])
        check.needed("collected", collected)
        check.date("collected", collected, unless: nil)
        for (place, entered) in results.enumerated() {
            check.name("name-\(place)", entered.name)
            check.problems += entered.reading.problems(place)
        }
        return check.problems
    }
}
