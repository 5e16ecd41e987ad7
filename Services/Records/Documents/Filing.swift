internal import Access
internal import Contracts
internal import MessageBus

extension RecordStore {
    /// Documents: sent, filed, opened, and what becomes of them.
    func answerFiling(_ service: Registry) {
        service.answer(PutDocumentPart.self, to: .ownRecord || .careTeam, with: putDocumentPart)
        service.answer(ReadUpload.self, to: .ownRecord || .careTeam, with: readUpload)
        service.answer(FileDocument.self, to: .ownRecord || .careTeam, with: fileDocument, refusing: refusalOfFiling)
        service.answer(ReadDocuments.self, to: .ownRecord || .careTeam, with: readDocuments)
        service.answer(ReadDocumentPart.self, to: .ownRecord || .careTeam || .sharedWith || .cardChecking, with: readDocumentPart)
        service.answer(AcceptDocument.self, to: .staff(.clinician, of: .clinical), with: acceptDocument)
        service.answer(SupersedeDocument.self, to: .careTeam, with: supersedeDocument)
        service.answer(RetractDocument.self, to: .careTeam, with: retractDocument)
        service.answer(ReadUnreviewedDocuments.self, to: .staff(.clinician, .nurse, of: .nobody)) { [facts = service.facts] query, actor, tx in
            try await readUnreviewedDocuments(query, actor, tx, facts)
        }
        answerSharing(service)
    }

    private func answerSharing(_ service: Registry) {
        let facts = service.facts
        service.answer(
            ShareDocument.self, to: .careTeam, with: { command, actor, tx in try await shareDocument(command, actor, tx, facts) },
            refusing: refusalOfSharing)
        service.answer(WithdrawDocumentShare.self, to: .careTeam, with: withdrawDocumentShare)
        service.answer(ReadSharedDocuments.self, to: .staff(.clinician, .nurse, of: .nobody)) { query, actor, tx in
            try await readSharedDocuments(query, actor, tx, facts)
        }
    }
}
