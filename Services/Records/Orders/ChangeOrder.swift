internal import Access
internal import Contracts
internal import FHIR
internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres

extension RecordStore {
    /// Takes an order on: FHIR's states, and no other way between them. What is refused changes nothing and tells nobody.
    @Sendable func changeOrder(_ command: ChangeOrder, actor: Actor, tx: Transaction) async throws -> Answer<ChangeOrder> {
        var check = EntryCheck()
        check.why("reason", command.reason)
        guard check.problems.isEmpty else { return .refused(.invalid(problems: check.problems)) }
        guard let book = try await OrderBook.open(command.patient, by: actor, in: self, tx),
            let order = try await book.stored("ServiceRequest", command.order)
        else { return .refused(.notFound) }
        guard order.version == command.version else { return .refused(.changedMeanwhile(version: order.version)) }
        guard OrderResource.transitions[order.status]?.contains(command.status) == true || Fault.statesAreFree.isOn else {
            return .refused(.illegal(status: order.status))
        }
        try book.write(
            order: OrderResource.changed(order.resource, to: command.status, why: command.reason), command.order, version: order.version + 1,
            status: command.status, due: OrderResource.due(order.resource))
        return .done(EntryKept(version: order.version + 1))
    }
}
