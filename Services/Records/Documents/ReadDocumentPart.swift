internal import Access
internal import Contracts
internal import FHIR
internal import Faults
internal import Foundation
internal import Postgres
internal import Sealing

extension Rule {
    /// Whoever checks what an insurance card says: of documents those alone, see `readDocumentPart`.
    static let cardChecking = staff(.billingOffice, .administrator, of: .demographics)
}

extension Actor {
    /// Whether documents are theirs to read at all: the patient's, and whoever treats them.
    fileprivate var readsDocuments: Bool { role == .patient || role == .clinician || role == .nurse }
}

extension RecordStore {
    private static let partsInAnAnswer = 10

    /// The bytes of a document from where a part of it begins. That it was opened is in the trail like every answer.
    @Sendable func readDocumentPart(_ query: ReadDocumentPart, actor: Actor, tx: Transaction) async throws -> Answer<ReadDocumentPart> {
        let body = try await tx.first(
            """
            SELECT body FROM resource WHERE type = 'DocumentReference' AND id = \(query.document.uuid) AND patient = \(query.patient.uuid)
                AND NOT deleted AND coalesce(status, '') <> 'entered-in-error' \(actor.granted.shown)
            """, as: [UInt8].self)
        let cipher = try sealer.cipher(for: query.patient.uuid)
        guard let body else { return .refused(.notFound) }
        let document = DocumentResource(try cipher.resource(body, row: query.document.uuid))
        // Who writes bills opens insurance cards, and no other document.
        guard actor.readsDocuments || document.isInsuranceCard || Fault.officeOpensAll.isOn else { return .refused(.notFound) }
        guard let part = try await part(of: document, from: query.offset, query.patient, cipher, in: tx) else { return .refused(.notFound) }
        return .done(part)
    }

    /// - Returns: nil when it has no file here, or when no part of the file begins there.
    func part(
        of document: DocumentResource, from offset: Int, _ patient: ID<Patient>, _ cipher: PatientCipher, in tx: Transaction
    ) async throws -> DocumentPart? {
        guard let file = document.file else { return nil }
        let parts = try await tx.all(
            """
            SELECT position, content FROM upload_part
            WHERE upload = \(file.uuid) AND patient = \(patient.uuid) AND position >= \(offset) AND position < \(document.size)
            ORDER BY position LIMIT \(Self.partsInAnAnswer)
            """, as: Int.self, [UInt8].self)
        var bytes = Data()
        for (position, sealed) in parts {
            guard position == offset + bytes.count else { return nil }
            bytes += try cipher.open(sealed, at: Self.partPlace(file))
        }
        guard !bytes.isEmpty else { return nil }
        return DocumentPart(bytes: bytes, size: document.size, contentType: document.contentType, title: document.title)
    }
}
