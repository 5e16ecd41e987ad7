internal import Access
internal import Contracts
internal import MessageBus

extension RecordStore {
    /// Opening a chart that is closed, and looking after who did.
    func answerBreaking(_ service: Registry) {
        service.answer(BreakGlass.self, to: .staff(.clinician, .nurse, of: .demographics), with: breakGlass, refusing: refusalOfBreaking)
        service.answer(ReadBrokenGlasses.self, to: .staff(.administrator, of: .nobody), with: readBrokenGlasses)
        service.answer(ReviewBrokenGlass.self, to: .staff(.administrator, of: .nobody), with: reviewBrokenGlass)
    }
}
