internal import Access
internal import Contracts
internal import MessageBus
internal import Postgres
internal import Sealing
internal import ServiceHost

extension RecordsService {
    /// What the operator does with patients' keys. They are the record's to answer for, although every service works with them.
    static func answersAboutKeys(_ service: Registry, _ store: RecordStore) {
        service.seals(RecordStore.sealed)
        service.answer(RotateKeys.self, to: .operators, with: store.rotateKeys)
        service.answer(RewrapKeys.self, to: .operators, with: store.rewrapKeys)
        service.answer(ReadKeys.self, to: .operators, with: store.readKeys)
        service.answer(ReadKeyFiles.self, to: .operators, with: store.readKeyFiles)
        service.answer(HoldRecord.self, to: .operators, with: store.holdRecord)
        service.answer(ReleaseRecord.self, to: .operators, with: store.releaseRecord)
        service.answer(DestroyRecord.self, to: .operators, with: store.destroyRecord)
        service.answer(ReadRecordOrders.self, to: .operators, with: store.readRecordOrders)
    }
}

extension RecordStore {
    /// What goes on beside the answers.
    func work(for service: Service) {
        service.work("forget-uploads") { try await forgetUploads(of: service) }
        service.work("release-results") { try await releaseResults(of: service) }
        service.work("keep-orders") { try await keepOrders(of: service) }
    }

    /// What is sealed in this schema.
    static let sealed: [SealedColumn] = [
        SealedColumn("resource", "body"), SealedColumn("resource_version", "body"), SealedColumn("broken_glass", "words"),
        SealedColumn("note_draft", "body", row: "encounter"),
        // Of a patient's document, or of a file of the operator's.
        SealedColumn("upload_part", "content", row: "upload") { $0 == Sealer.nobody ? "s.patient IS NULL" : "s.patient = \($0)" },
        .ofNobody("record_order", "reason"), .ofNobody("phrase", "body"), .ofNobody("favourite_order", "body"),
    ]
}
