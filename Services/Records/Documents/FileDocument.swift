internal import Access
internal import Contracts
internal import Crypto
internal import FHIR
internal import Foundation
internal import Pictures
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Parts of a file that are in memory at once.
    private static let partsAtOnce = 16
    /// Of what came with a message: bytes, and pixels of a side.
    private static let (largestSent, sides) = (25 << 20, 1...16_384)

    /// Makes an uploaded file a document, once it is seen to be whole and of a type that is accepted.
    @Sendable func fileDocument(_ command: FileDocument, actor: Actor, tx: Transaction) async throws -> Answer<FileDocument> {
        let now = Date()
        let problems = command.problems(at: now)
        guard problems.isEmpty else { return .refused(.invalid(problems: problems)) }
        let isWhole = command.sent == nil && command.type != DocumentTypes.insuranceCard
        guard command.size <= (isWhole ? Self.largestDocument : Self.largestSent) else { return .refused(.tooLarge) }
        let owner = PatientRow.later(command.patient, in: tx)
        let cipher = try sealer.cipher(for: command.patient.uuid, making: true)
        let type: ContentType
        switch try await look(at: command, cipher, in: tx) {
        case .success(let found): type = found
        case .failure(let no): return .refused(no.why)
        }
        guard try !PatientRow.all(owner).isEmpty else { return .refused(.notFound) }
        var command = command
        if let sent = command.sent, !type.isSaid(by: sent.name) { return .refused(.notAccepted) }
        let isCard = command.type == DocumentTypes.insuranceCard
        if command.sent != nil || isCard, type == .png || type == .jpeg {
            guard let clean = try await clean(command, cipher, in: tx) else { return .refused(.notAccepted) }
            command = clean
        }
        guard let file = try await file(of: command, in: tx) else { return .refused(.idInUse) }
        let isPatients = actor.role == .patient
        let author: JSONValue = isPatients ? .reference("Patient", command.patient) : .reference("Practitioner", actor.practitioner)
        let writer = EntryWriter(store: self, patient: command.patient, cipher: cipher, actor: actor, tx: tx, now: now)
        // Nobody who treats the patient has to look at an insurance card.
        let waits = isPatients && !isCard
        let resource = DocumentResource.new(command, type, file: file, author: author, isReviewed: !waits, at: now)
        try writer.write(resource, "DocumentReference", command.document, version: 1)
        if waits {
            let task = ReviewTask.new(command.document, of: command.patient, at: now)
            try writer.write(task, "Task", ReviewTask.id(of: command.document), version: 1)
        }
        return .done(DocumentFiled(version: 1, contentType: type.rawValue))
    }

    @Sendable func refusalOfFiling(
        _ command: FileDocument, _ constraint: String, _ actor: Actor, _ tx: Transaction
    ) async throws -> DocumentRefusal? {
        constraint.hasPrefix("resource_") ? .idInUse : nil
    }

    private struct NotFiled: Error {
        let why: DocumentRefusal
    }

    /// Opens the parts one after the other: whether they are all there, what they come to, and what it is.
    private func look(at command: FileDocument, _ cipher: PatientCipher, in tx: Transaction) async throws -> Result<ContentType, NotFiled> {
        var (hash, content) = (SHA256(), ContentLook())
        let isWhole = try await read(command, cipher, in: tx) { bytes in
            hash.update(data: bytes)
            content.look(at: bytes)
        }
        guard isWhole else { return .failure(NotFiled(why: .incomplete)) }
        guard Array(hash.finalize()) == Array(command.digest) else { return .failure(NotFiled(why: .wrongDigest)) }
        return content.type.map { .success($0) } ?? .failure(NotFiled(why: .notAccepted))
    }

    /// - Returns: false when parts are missing, or it is longer than was said.
    private func read(_ command: FileDocument, _ cipher: PatientCipher, in tx: Transaction, _ take: ([UInt8]) -> Void) async throws -> Bool {
        var size = 0
        while size < command.size {
            // Those that are about to be forgotten are not there any more: nobody takes one away while it is filed.
            let parts = try await tx.all(
                """
                SELECT position, content FROM upload_part
                WHERE upload = \(command.upload.uuid) AND patient = \(command.patient.uuid) AND position >= \(size)
                    AND at > now() - interval '23 hours'
                ORDER BY position LIMIT \(Self.partsAtOnce)
                """, as: Int.self, [UInt8].self)
            guard !parts.isEmpty else { return false }
            for (position, sealed) in parts where size < command.size {
                guard position == size else { return false }
                let bytes = try cipher.open(sealed, at: Self.partPlace(command.upload))
                take(bytes)
                size += bytes.count
            }
        }
        return size == command.size
    }

    /// The same picture without where it was taken, by what, and whatever else a file says beside it; what came is forgotten. Sent again it is put
    /// beside it once more: the parts of the clean one have an id of their own.
    /// - Returns: nil where it is no picture that every browser shows.
    private func clean(_ command: FileDocument, _ cipher: PatientCipher, in tx: Transaction) async throws -> FileDocument? {
        var content = Data()
        _ = try await read(command, cipher, in: tx) { content += $0 }
        guard let picture = try? CleanPicture(content, atMost: Self.largestSent, sides: Self.sides) else { return nil }
        var clean = command
        clean.upload = ID(UUID(digestOf: "picture in \(command.upload) of \(command.patient)"))
        (clean.size, clean.digest) = (picture.bytes.count, Data(SHA256.hash(data: picture.bytes)))
        for offset in stride(from: 0, to: picture.bytes.count, by: Self.largestPart) {
            let part = Data(picture.bytes[offset..<min(offset + Self.largestPart, picture.bytes.count)])
            try keepPart(part, of: clean.upload, at: offset, for: command.patient, in: tx)
        }
        tx.queue("UPDATE document_upload SET is_filed = true WHERE patient = \(command.patient.uuid) AND id = \(command.upload.uuid)")
        tx.queue("UPDATE upload_part SET at = '-infinity' WHERE upload = \(command.upload.uuid) AND patient = \(command.patient.uuid)")
        return clean
    }

    /// The file that has these bytes: this upload, or the one that brought the same before. Its parts stay.
    private func file(of command: FileDocument, in tx: Transaction) async throws -> ID<Upload>? {
        let patient = command.patient.uuid
        let digest = Array(HMAC<SHA256>.authenticationCode(for: command.digest, using: identifierKey))
        tx.queue(
            """
            INSERT INTO document_file (id, patient, digest, size)
            VALUES (\(command.upload.uuid), \(patient), \(digest), \(command.size)) ON CONFLICT DO NOTHING
            """)
        tx.queue("UPDATE document_upload SET is_filed = true WHERE patient = \(patient) AND id = \(command.upload.uuid)")
        let file = try await tx.first("SELECT id FROM document_file WHERE patient = \(patient) AND digest = \(digest)", as: UUID.self)
        if file == command.upload.uuid {
            tx.queue("UPDATE upload_part SET at = 'infinity' WHERE upload = \(command.upload.uuid) AND patient = \(patient)")
        }
        return file.map { ID($0) }
    }
}

extension FileDocument {
    fileprivate func problems(at now: Date) -> [EntryProblem] {
        var check = EntryCheck(now: now)
        check.needed("title", title.trimmingCharacters(in: .whitespaces))
        check.text("title", title, atMost: 200)
        check.code("type", type, in: Set(DocumentTypes.offered.map(\.code)))
        check.date("date", date, unless: nil)
        if size < 1 { check.problems.append(EntryProblem("file", .missing)) }
        return check.problems
    }
}
