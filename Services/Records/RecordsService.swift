internal import Access
internal import Contracts
internal import Crypto
internal import Foundation
internal import ServiceHost

@main enum RecordsService {
    static func main() async throws {
        try await ServiceHost.run("records", migrations: Bundle.module.bundleURL.appending(path: "Migrations")) { service in
            let store = RecordStore(sealer: service.sealer, identifierKey: service.derivedKey("identifiers"))
            service.answer(ReadChart.self, to: .ownRecord || .careTeam, with: store.readChart)
            service.answer(ReadResultSeries.self, to: .ownRecord || .careTeam, with: store.readResultSeries)
            let everybody: Rule = .gateways("portal", "clinic") || .anyPatient || .anyStaff || .operators || .workers("notifications")
            service.answer(ReadDirectory.self, to: everybody, with: store.readDirectory)
            service.answer(ReadContact.self, to: .workers("notifications"), with: store.readContact)

            service.answer(ReadResource.self, to: .operators || .careTeam, with: store.readResource)
            service.answer(CountResources.self, to: .operators, with: store.countResources)
            service.answer(FindPatients.self, to: .anyStaff, with: store.findPatients)
            service.answer(ReadPatientSummaries.self, to: .ownRecord || .anyStaff, with: store.readPatientSummaries)
            service.answer(RecordsSnapshot.self, to: .workers("scheduling", "notifications"), with: store.recordsSnapshot)

            service.answer(PutUploadPart.self, to: .operators, with: store.putUploadPart)
            service.answer(ImportBundle.self, to: .operators, with: store.importBundle)
            service.work("forget-uploads") {
                while true {
                    try await service.transaction(store.forgetUploads)
                    try await Task.sleep(for: .seconds(3_600))
                }
            }
        }
    }
}
