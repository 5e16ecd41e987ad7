internal import Access
internal import Contracts
internal import Crypto
internal import Foundation
internal import MessageBus
internal import ServiceHost

@main enum RecordsService {
    static func main() async throws {
        try await ServiceHost.run("records", migrations: Bundle.module.bundleURL.appending(path: "Migrations")) { service in
            let store = RecordStore(sealer: service.sealer, identifierKey: service.derivedKey("identifiers"))
            answers(service.registry, store)
            store.work(for: service)
        }
    }

    static func answers(_ service: Registry, _ store: RecordStore) {
        let everybody: Rule = .gateways("portal", "clinic") || .anyPatient || .anyStaff || .operators || .workers("notifications")
        service.sharing(by: RecordStore.shares)
        store.answerWriting(service)
        service.answer(ReadChart.self, to: .ownRecord || .careTeam, with: store.readChart)
        service.answer(ReadResultSeries.self, to: .ownRecord || .careTeam, with: store.readResultSeries)
        service.answer(ReadDirectory.self, to: everybody, with: store.readDirectory)
        service.answer(ReadResource.self, to: .operators, with: store.readResource)
        service.answer(CountResources.self, to: .operators, with: store.countResources)
        service.answer(RecordsSnapshot.self, to: .workers("scheduling", "notifications"), with: store.recordsSnapshot)
        service.answer(ReadConsent.self, to: .ownWishes, with: store.readConsent)
        service.answer(ChangeConsent.self, to: .ownWishes, with: store.changeConsent)
        service.answer(PutUploadPart.self, to: .operators, with: store.putUploadPart)
        service.answer(ImportBundle.self, to: .operators, with: store.importBundle)
        store.answerBreaking(service)
        answersAboutPatients(service, store)
        answersAboutKeys(service, store)
        service.on(AppointmentBooked.self, "note-visit-on-appointment-booked", do: noteVisitOnAppointmentBooked)
        service.on(AppointmentRescheduled.self, "note-visit-on-appointment-rescheduled", do: noteVisitOnAppointmentRescheduled)
        service.on(AppointmentCancelled.self, "forget-visit-on-appointment-cancelled", do: forgetVisitOnAppointmentCancelled)
    }
}
