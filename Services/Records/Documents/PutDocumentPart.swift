internal import Access
internal import Contracts
internal import Faults
internal import Postgres

extension RecordStore {
    /// The most one document may have, in bytes.
    static let largestDocument = 50 << 20
    static let largestPart = 48 << 10
    /// What of one record may be on its way and not filed, and the bytes it takes in a day: who begins again and again fills no disk.
    private static let (openUploads, bytesADay) = (20, 500 << 20)

    /// Keeps a part of a document on its way in, sealed with the patient's key. What is never filed is forgotten after a day.
    @Sendable func putDocumentPart(_ command: PutDocumentPart, actor: Actor, tx: Transaction) async throws -> Answer<PutDocumentPart> {
        guard command.offset >= 0, command.offset < Self.largestDocument, command.bytes.count <= Self.largestPart,
            command.offset + command.bytes.count <= Self.largestDocument
        else { return .refused(.tooLarge) }
        // An empty part would stand where one with content belongs.
        guard !command.bytes.isEmpty else { return .done(Done()) }
        if let no = try await refusal(of: command, in: tx), !Fault.uploadsAreUnlimited.isOn { return .refused(no) }
        tx.queue(
            """
            INSERT INTO document_upload AS u (patient, id, size)
            VALUES (\(command.patient.uuid), \(command.upload.uuid), \(command.offset + command.bytes.count))
            ON CONFLICT (patient, id) DO UPDATE SET size = greatest(u.size, excluded.size)
            """)
        try keepPart(command.bytes, of: command.upload, at: command.offset, for: command.patient, in: tx)
        return .done(Done())
    }

    private func refusal(of command: PutDocumentPart, in tx: Transaction) async throws -> DocumentPartRefusal? {
        var (open, bytes, own) = try await uploads(beside: command, in: tx)
        if own == nil {
            // Many that begin at once are counted one after the other.
            tx.queue("SELECT pg_advisory_xact_lock(hashtextextended(\("records/upload/\(command.patient)"), 0))")
            (open, bytes, own) = try await uploads(beside: command, in: tx)
            if own == nil, open >= Self.openUploads { return .tooManyOpen }
        }
        return bytes + max(own ?? 0, command.offset + command.bytes.count) > Self.bytesADay ? .tooMuchToday : nil
    }

    /// Of the last day: how many others are not filed, the bytes of all others, and those of this one, if it was begun.
    private func uploads(beside command: PutDocumentPart, in tx: Transaction) async throws -> (open: Int, bytes: Int, own: Int?) {
        try await tx.first(
            """
            SELECT count(*) FILTER (WHERE id <> \(command.upload.uuid) AND NOT is_filed),
                coalesce(sum(size) FILTER (WHERE id <> \(command.upload.uuid)), 0)::bigint, max(size) FILTER (WHERE id = \(command.upload.uuid))
            FROM document_upload WHERE patient = \(command.patient.uuid) AND at > now() - interval '1 day'
            """, as: Int.self, Int.self, Int?.self) ?? (0, 0, nil)
    }
}
