internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres

extension RecordStore {
    /// Writes an order, as a draft or sent off.
    @Sendable func placeOrder(_ command: PlaceOrder, actor: Actor, tx: Transaction) async throws -> Answer<PlaceOrder> {
        let problems = command.problems(at: Date())
        guard problems.isEmpty else { return .refused(.invalid(problems: problems)) }
        guard let book = try await OrderBook.open(command.patient, by: actor, in: self, tx) else { return .refused(.notFound) }
        let order = OrderResource.new(command, practitioner: actor.practitioner, at: book.writer.now)
        try book.write(order: order, command.order, version: 1, status: command.draft == true ? "draft" : "active", due: command.due)
        return .done(EntryKept(version: 1))
    }

    /// What a violated constraint means to whoever ordered.
    @Sendable func refusalOfOrdering(_ command: PlaceOrder, _ constraint: String, _ actor: Actor, _ tx: Transaction) async throws -> OrderRefusal? {
        constraint.hasPrefix("resource_") ? .idInUse : nil
    }
}

extension PlaceOrder {
    fileprivate func problems(at now: Date) -> [EntryProblem] {
        var check = EntryCheck(now: now)
        check.name("what", what)
        check.text("reason", reason, atMost: 500)
        check.needed("due", due)
        if !due.isEmpty, FHIRDate(due)?.precision != .day {
            check.problems.append(EntryProblem("due", .notADate))
        } else {
            // Yesterday somewhere is today elsewhere.
            let yesterday = String(now.addingTimeInterval(-86_400).formatted(.iso8601).prefix(10))
            check.date("due", due, notBefore: yesterday, mayBeToCome: true, unless: nil)
        }
        return check.problems
    }
}
