internal import Access
internal import Contracts
internal import Postgres

extension RecordStore {
    /// The most one document may have, in bytes.
    static let largestDocument = 25 << 20
    private static let largestPart = 48 << 10

    /// Keeps a part of a document on its way in, sealed with the patient's key. What is never filed is forgotten after a day.
    @Sendable func putDocumentPart(_ command: PutDocumentPart, actor: Actor, tx: Transaction) async throws -> Answer<PutDocumentPart> {
        guard command.offset >= 0, command.offset < Self.largestDocument, command.bytes.count <= Self.largestPart,
            command.offset + command.bytes.count <= Self.largestDocument
        else { return .refused(.tooLarge) }
        // An empty part would stand where one with content belongs.
        guard !command.bytes.isEmpty else { return .done(Done()) }
        try keepPart(command.bytes, of: command.upload, at: command.offset, for: command.patient, in: tx)
        return .done(Done())
    }
}
