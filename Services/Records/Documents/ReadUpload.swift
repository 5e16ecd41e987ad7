internal import Access
internal import Contracts
internal import Foundation
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Parts in an answer.
    private static let partsAtOnce = 10

    /// What came of a document that is not filed yet: how far it reaches without a gap, and its bytes from an offset on.
    @Sendable func readUpload(_ query: ReadUpload, actor: Actor, tx: Transaction) async throws -> Answer<ReadUpload> {
        let place = Self.partPlace(query.upload)
        guard let offset = query.offset else {
            // Each part but the last has the length of a part: of those before a gap only the last is opened.
            let last = try await tx.first(
                """
                SELECT position, content FROM upload_part
                WHERE upload = \(query.upload.uuid) AND patient = \(query.patient.uuid) AND at > now() - interval '23 hours' AND position = (
                    SELECT max(position) FROM (
                        SELECT position, (row_number() OVER (ORDER BY position) - 1) * \(Self.largestPart)::bigint AS expected FROM upload_part
                        WHERE upload = \(query.upload.uuid) AND patient = \(query.patient.uuid)
                    ) p WHERE p.position = p.expected)
                """, as: Int.self, [UInt8].self)
            guard let (position, sealed) = last else { return .done(UploadRead(received: 0)) }
            return .done(UploadRead(received: position + (try sealer.cipher(for: query.patient.uuid).open(sealed, at: place).count)))
        }
        let parts = try await tx.all(
            """
            SELECT position, content FROM upload_part
            WHERE upload = \(query.upload.uuid) AND patient = \(query.patient.uuid) AND position >= \(offset) AND at > now() - interval '23 hours'
            ORDER BY position LIMIT \(Self.partsAtOnce)
            """, as: Int.self, [UInt8].self)
        guard !parts.isEmpty else { return .done(UploadRead(received: offset, bytes: Data())) }
        let cipher = try sealer.cipher(for: query.patient.uuid)
        var bytes = Data()
        for (position, sealed) in parts where position == offset + bytes.count { bytes += try cipher.open(sealed, at: place) }
        return .done(UploadRead(received: offset + bytes.count, bytes: bytes))
    }
}
