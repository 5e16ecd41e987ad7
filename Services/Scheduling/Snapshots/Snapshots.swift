internal import Access
internal import Contracts
internal import MessageBus

/// What others start their own copies from.
func answersForSnapshots(_ service: Registry) {
    service.answer(ReadVisitors.self, to: .workers("messaging"), with: readVisitors)
    service.answer(ReadLeave.self, to: .workers("messaging"), with: readLeave)
}
