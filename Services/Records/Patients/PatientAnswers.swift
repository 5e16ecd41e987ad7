internal import Access
internal import Contracts
internal import MessageBus

extension RecordsService {
    /// Who patients are, and how they are reached.
    static func answersAboutPatients(_ service: Registry, _ store: RecordStore) {
        service.answer(FindPatients.self, to: .anyStaff, with: store.findPatients)
        service.answer(ReadPracticePatients.self, to: .anyStaff || .workers("audit"), with: store.readPracticePatients)
        service.answer(MatchPatient.self, to: .workers("identity"), with: store.matchPatient)
        service.answer(ReadContact.self, to: .workers("notifications", "messaging"), with: store.readContact)
        service.answer(ReadPatientSummaries.self, to: .ownRecord || .frontOffice, with: store.readPatientSummaries)
        service.answer(ReadPhoto.self, to: .ownRecord || .frontOffice, with: store.readPhoto)
        service.answer(KeepPhoto.self, to: .staff(.frontDesk, .nurse, .administrator, of: .demographics), with: store.keepPhoto)
        service.answer(ReadDetails.self, to: .ownRecord, with: store.readDetails)
        service.answer(ChangeDemographics.self, to: .ownWishes, with: store.changeDemographics, refusing: store.refusalOfDemographics)
        service.answer(
            DecideDemographics.self, to: .staff(.frontDesk, .nurse, .administrator, of: .demographics), with: store.decideDemographics)
        service.answer(
            ReadDemographicRequests.self, to: .staff(.frontDesk, .nurse, .administrator, of: .nobody), with: store.readDemographicRequests)
    }
}
