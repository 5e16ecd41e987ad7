internal import Access
internal import Contracts
internal import MessageBus

extension RecordStore {
    /// What is ordered, what came of it, and what did not.
    func answerOrdering(_ service: Registry) {
        service.answer(PlaceOrder.self, to: .staff(.clinician, of: .clinical), with: placeOrder, refusing: refusalOfOrdering)
        service.answer(ChangeOrder.self, to: .staff(.clinician, of: .clinical), with: changeOrder)
        service.answer(ReadOrders.self, to: .careTeam, with: readOrders)
        service.answer(EnterResult.self, to: .careTeam, with: enterResult, refusing: refusalOfEntering)
        service.answer(CorrectResult.self, to: .careTeam, with: correctResult)
        service.answer(AcknowledgeResult.self, to: .careTeam, with: acknowledgeResult)
        service.answer(ReadResult.self, to: .careTeam, with: readResult)
        service.answer(ReadOpenLoops.self, to: .staff(.clinician, .nurse, of: .nobody)) { [facts = service.facts] query, actor, tx in
            try await readOpenLoops(query, actor, tx, facts)
        }
    }
}
