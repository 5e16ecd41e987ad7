internal import Access
internal import Contracts
internal import MessageBus

extension RecordStore {
    /// Where the clinic sees patients: administrators say what it is called and whose clocks it goes by.
    func answerPlaces(_ service: Registry) {
        let administrators = Rule.staff(.administrator, of: .nobody)
        service.answer(ReadPlace.self, to: administrators, with: readPlace)
        service.answer(KeepPlace.self, to: administrators, with: keepPlace)
        service.answer(ReadWorkplaces.self, to: administrators, with: readWorkplaces)
        service.answer(KeepWorkplaces.self, to: administrators, with: keepWorkplaces)
        // Of an import it is written already, and is the same once more.
        service.on(WorkplaceChanged.self, "note-workplace-on-workplace-changed", do: DecisionFacts.noteWorkplaceOnWorkplaceChanged)
    }
}
