internal import Access
internal import Contracts
internal import Foundation
internal import Postgres
internal import Sealing

extension RecordStore {
    /// The most one uploaded file may have, in bytes.
    static let largestUpload = 32 << 20

    /// Keeps a part of a file, sealed, until the file is imported. Sent twice it is kept once.
    @Sendable func putUploadPart(_ command: PutUploadPart, actor: Actor, tx: Transaction) async throws -> Answer<PutUploadPart> {
        guard command.offset >= 0, command.offset + command.bytes.count <= Self.largestUpload else { return .refused(.tooLarge) }
        try keepPart(command.bytes, of: command.upload, at: command.offset, for: nil, in: tx)
        return .done(Done())
    }

    /// - Parameter patient: whose key seals it; nil for what the operator imports.
    func keepPart(_ bytes: Data, of upload: ID<Upload>, at offset: Int, for patient: ID<Patient>?, in tx: Transaction) throws {
        let cipher = try sealer.cipher(for: patient?.uuid ?? Sealer.nobody, making: true)
        let content = try cipher.seal([UInt8](bytes), at: Self.partPlace(upload), compressed: true)
        tx.queue(
            """
            INSERT INTO upload_part (upload, position, content, patient)
            VALUES (\(upload.uuid), \(offset), \(content), \(patient?.uuid)) ON CONFLICT DO NOTHING
            """)
    }

    static func partPlace(_ upload: ID<Upload>) -> Place { Place("upload_part", "content", row: upload.uuid) }

    /// The uploaded file, put together. - Returns: nil when a part is missing.
    func upload(_ upload: ID<Upload>, size: Int, in tx: Transaction) async throws -> [UInt8]? {
        let parts = try await tx.all(
            "SELECT position, content FROM upload_part WHERE upload = \(upload.uuid) AND patient IS NULL ORDER BY position", as: Int.self,
            [UInt8].self)
        let cipher = try sealer.cipher(for: Sealer.nobody, making: true)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(size, Self.largestUpload))
        for (position, content) in parts {
            guard position == bytes.count else { return nil }
            bytes += try cipher.open(content, at: Self.partPlace(upload))
        }
        return bytes.count == size ? bytes : nil
    }
}
