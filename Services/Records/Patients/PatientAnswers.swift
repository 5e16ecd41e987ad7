internal import Access
internal import Contracts
internal import MessageBus

extension RecordsService {
    /// Who patients are, and how they are reached.
    static func answersAboutPatients(_ service: Registry, _ store: RecordStore) {
        service.answer(FindPatients.self, to: .anyStaff, with: store.findPatients)
        service.answer(MatchPatient.self, to: .workers("identity"), with: store.matchPatient)
        service.answer(ReadContact.self, to: .workers("notifications"), with: store.readContact)
        service.answer(ReadPatientSummaries.self, to: .ownRecord || .frontOffice, with: store.readPatientSummaries)
    }
}
