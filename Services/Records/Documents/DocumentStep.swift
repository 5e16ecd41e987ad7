internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres
internal import Sealing

/// What may become of a document that was filed here.
enum DocumentStep {
    case accept, supersede, retract

    func leads(from document: DocumentResource) -> Bool {
        switch self {
        case .accept: document.status == "current" && !document.isReviewed
        case .supersede: document.status == "current"
        case .retract: document.status == "current" || document.status == "superseded"
        }
    }
}

/// A document as it stands, while nobody else changes it.
struct DocumentChange {
    struct Refused: Error {
        let why: DocumentChangeRefusal
    }

    let document: DocumentResource
    let version: Int
    let writer: EntryWriter

    /// Writes its next version.
    func write(_ resource: JSONValue, _ id: ID<Resource>) throws -> EntryKept {
        try writer.write(resource, "DocumentReference", id, version: version + 1)
        return EntryKept(version: version + 1)
    }
}

extension RecordStore {
    /// - Parameter seen: the version that whoever changes it saw; nil: whatever it is now.
    func change(
        _ id: ID<Resource>, of patient: ID<Patient>, _ step: DocumentStep, seen: Int?, by actor: Actor, in tx: Transaction
    ) async throws -> Result<DocumentChange, DocumentChange.Refused> {
        let row = try await tx.first(
            """
            SELECT version, body FROM resource WHERE type = 'DocumentReference' AND id = \(id.uuid) AND patient = \(patient.uuid)
                AND NOT deleted \(actor.granted.shown) FOR UPDATE
            """, as: Int.self, [UInt8].self)
        guard let (version, body) = row else { return .failure(.init(why: .notFound)) }
        let cipher = try sealer.cipher(for: patient.uuid)
        let document = DocumentResource(try cipher.resource(body, row: id.uuid))
        guard document.file != nil else { return .failure(.init(why: .notFound)) }
        guard seen == nil || seen == version else { return .failure(.init(why: .changedMeanwhile(version: version))) }
        guard step.leads(from: document) else { return .failure(.init(why: .illegal(status: document.status))) }
        return .success(
            DocumentChange(
                document: document, version: version,
                writer: EntryWriter(store: self, patient: patient, cipher: cipher, actor: actor, tx: tx, now: Date())))
    }

    /// Nobody has to look at it any more. - Parameter status: of the Task: completed, cancelled.
    func endReview(of document: ID<Resource>, _ status: String, _ writer: EntryWriter) async throws {
        let id = ReviewTask.id(of: document)
        let row = try await writer.tx.first(
            """
            SELECT version, body FROM resource
            WHERE type = 'Task' AND id = \(id.uuid) AND patient = \(writer.patient.uuid) AND status = 'requested'
            """, as: Int.self, [UInt8].self)
        guard let (version, body) = row else { return }
        let task = try writer.cipher.resource(body, row: id.uuid)
        let ended = PatientTask.ended(task, status, by: writer.actor.practitioner, at: writer.now)
        try writer.write(ended, "Task", id, version: version + 1)
    }
}
