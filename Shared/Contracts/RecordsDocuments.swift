public import Foundation

/// What a document is, by LOINC: the list people choose from.
public enum DocumentTypes {
    /// What the billing office checks, and may open; of its picture the picture alone is kept.
    public static let insuranceCard = "64290-0"

    public static let offered: [(code: String, display: String)] = [
        ("72170-4", "Photographic image"), ("51852-2", "Letter"), ("34133-9", "Summary of episode note"), ("18842-5", "Discharge summary"),
        ("11488-4", "Consult note"), ("57133-1", "Referral note"), ("11502-2", "Laboratory report"), ("18748-4", "Diagnostic imaging study"),
        (insuranceCard, "Health insurance card"), ("59284-0", "Consent Document"), ("42348-3", "Advance directives"), ("34109-9", "Note"),
    ]
}

/// A part of a document on its way into a record. The same (upload, offset) may be sent any number of times, and the parts in any order.
public struct PutDocumentPart: Command {
    public static let name = "records.put-document-part.v1"
    public typealias Reply = Done
    public typealias Refusal = DocumentPartRefusal

    public var patient: ID<Patient>
    public var upload: ID<Upload>
    public var offset: Int
    /// At most 48 KiB.
    public var bytes: Data
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, upload: ID<Upload>, offset: Int, bytes: Data, key: UUID = .v7()) {
        (self.patient, self.upload, self.offset, self.bytes, self.key) = (patient, upload, offset, bytes, key)
    }
}

public enum DocumentPartRefusal: String, Codable, Sendable {
    /// More than a document may have, 50 MiB, or than a part.
    case tooLarge
    /// 20 documents of this record are on their way and not filed. What is never filed is forgotten after a day.
    case tooManyOpen
    /// 500 MiB came into this record in a day.
    case tooMuchToday
}

/// What came of a document on its way in and is not filed: whoever sends it goes on where it ended, and it is looked at as a whole before it
/// is filed.
public struct ReadUpload: Query {
    public static let name = "records.read-upload.v1"
    public typealias Reply = UploadRead

    public var patient: ID<Patient>
    public var upload: ID<Upload>
    /// Where the bytes begin that are asked for, a part's beginning; nil for none.
    public var offset: Int?

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, upload: ID<Upload>, offset: Int? = nil) {
        (self.patient, self.upload, self.offset) = (patient, upload, offset)
    }
}

public struct UploadRead: Codable, Sendable, Equatable {
    /// Where the next part begins: of the bytes, or of all that came without a gap.
    public var received: Int
    /// At most 480 KiB; nil where none were asked for.
    public var bytes: Data?

    public init(received: Int, bytes: Data? = nil) { (self.received, self.bytes) = (received, bytes) }
}

/// Makes an uploaded file a document of the record. A patient's own waits until a clinician accepts it.
public struct FileDocument: Command {
    public static let name = "records.file-document.v1"
    public typealias Reply = DocumentFiled
    public typealias Refusal = DocumentRefusal

    public var patient: ID<Patient>
    public var document: ID<Resource>
    public var upload: ID<Upload>
    /// Bytes: 1 to 50 MiB.
    public var size: Int
    /// SHA-256 of the whole file, 32 bytes.
    public var digest: Data
    /// 1 to 200 characters.
    public var title: String
    /// One of `DocumentTypes`.
    public var type: String
    /// FHIR date: when it was written, or taken.
    public var date: String?
    /// Where it came with a message.
    public var sent: SentFile?
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(
        patient: ID<Patient>, document: ID<Resource>, upload: ID<Upload>, size: Int, digest: Data, title: String, type: String,
        date: String? = nil, sent: SentFile? = nil, key: UUID
    ) {
        self.sent = sent
        self.patient = patient
        self.document = document
        self.upload = upload
        self.size = size
        self.digest = digest
        self.title = title
        self.type = type
        self.date = date
        self.key = key
    }
}

/// A file that came with a message: of at most 25 MiB, its name ends as its content says, and of a picture only the picture is kept.
public struct SentFile: Codable, Sendable, Equatable {
    public var thread: ID<MessageThread>
    /// As its sender called it.
    public var name: String

    public init(thread: ID<MessageThread>, name: String) { (self.thread, self.name) = (thread, name) }
}

public struct DocumentFiled: Codable, Sendable, Equatable {
    public var version: Int
    /// As found in the file: `application/pdf`, `image/png`, `image/jpeg`, `text/plain`.
    public var contentType: String

    public init(version: Int, contentType: String) { (self.version, self.contentType) = (version, contentType) }
}

public enum DocumentRefusal: Codable, Sendable, Equatable {
    case notFound
    case invalid(problems: [EntryProblem])
    /// More than 50 MiB.
    case tooLarge
    /// Parts are missing, or longer than was said: send them again.
    case incomplete
    /// What arrived is not what was sent.
    case wrongDigest
    /// By what is in it the file is no PDF, PNG, JPEG or plain text in UTF-8.
    case notAccepted
    case idInUse
}

/// The documents of a record, newest first, or those of them that fit.
public struct ReadDocuments: Query {
    public static let name = "records.read-documents.v1"
    public typealias Reply = Documents
    public typealias Refusal = RecordRefusal

    public var patient: ID<Patient>
    /// That one alone.
    public var document: ID<Resource>?
    /// Words of the title, in any order.
    public var text: String?
    /// LOINC.
    public var type: String?
    /// Who it is from.
    public var source: EntrySource?
    /// FHIR dates of any precision, both included: of the document, else of its filing.
    public var from: String?
    public var until: String?

    public var patients: [ID<Patient>] { [patient] }

    public init(
        patient: ID<Patient>, document: ID<Resource>? = nil, text: String? = nil, type: String? = nil, source: EntrySource? = nil,
        from: String? = nil, until: String? = nil
    ) {
        self.patient = patient
        self.document = document
        self.text = text
        self.type = type
        self.source = source
        self.from = from
        self.until = until
    }
}

public struct Documents: Codable, Sendable, Equatable {
    public var patient: PatientSummary
    /// At most 200.
    public var documents: [DocumentLine]
    /// How many there are in the record.
    public var total: Int
    public var asOf: Date
    /// As in `Chart`.
    public var withheld: Bool?
    public var glassBrokenUntil: Date?
    /// Where staff asks for one document: with whom it is shared now.
    public var shares: [ShareLine]?

    public init(
        patient: PatientSummary, documents: [DocumentLine], total: Int, asOf: Date, withheld: Bool? = nil, glassBrokenUntil: Date? = nil,
        shares: [ShareLine]? = nil
    ) {
        self.patient = patient
        self.documents = documents
        self.total = total
        self.asOf = asOf
        self.withheld = withheld
        self.glassBrokenUntil = glassBrokenUntil
        self.shares = shares
    }
}

public struct DocumentLine: Codable, Sendable, Equatable {
    public var document: ID<Resource>
    public var version: Int
    public var title: String
    /// LOINC, where it has one.
    public var type: String?
    /// FHIR dateTime: when it was written, or taken.
    public var date: String?
    public var filed: Date?
    public var source: EntrySource
    /// Who wrote or filed it, where that was a clinician.
    public var practitioner: ID<Practitioner>?
    /// FHIR code: current, superseded, entered-in-error.
    public var status: String
    /// False for what a patient sent and no clinician has accepted.
    public var isReviewed: Bool
    /// Of the file, where it is kept here; nil for a note, and for what an import only refers to.
    public var contentType: String?
    public var size: Int?
    /// SHA-256 in hexadecimal digits.
    public var digest: String?

    public init(
        document: ID<Resource>, version: Int, title: String, type: String? = nil, date: String? = nil, filed: Date? = nil, source: EntrySource,
        practitioner: ID<Practitioner>? = nil, status: String, isReviewed: Bool, contentType: String? = nil, size: Int? = nil,
        digest: String? = nil
    ) {
        self.document = document
        self.version = version
        self.title = title
        self.type = type
        self.date = date
        self.filed = filed
        self.source = source
        self.practitioner = practitioner
        self.status = status
        self.isReviewed = isReviewed
        self.contentType = contentType
        self.size = size
        self.digest = digest
    }
}

/// Opens a document: the bytes from an offset on. Whoever it was shared with may, too.
public struct ReadDocumentPart: Query {
    public static let name = "records.read-document-part.v1"
    public typealias Reply = DocumentPart
    public typealias Refusal = RecordRefusal

    public var patient: ID<Patient>
    public var document: ID<Resource>
    /// 0, or where the part before ended.
    public var offset: Int

    public var patients: [ID<Patient>] { [patient] }
    public var sharedDocument: ID<Resource>? { document }

    public init(patient: ID<Patient>, document: ID<Resource>, offset: Int = 0) {
        (self.patient, self.document, self.offset) = (patient, document, offset)
    }
}

public struct DocumentPart: Codable, Sendable, Equatable {
    /// At most 480 KiB.
    public var bytes: Data
    /// Of the whole file.
    public var size: Int
    public var contentType: String
    public var title: String

    public init(bytes: Data, size: Int, contentType: String, title: String) {
        (self.bytes, self.size, self.contentType, self.title) = (bytes, size, contentType, title)
    }
}

/// A clinician has looked at what a patient sent: it is part of the record.
public struct AcceptDocument: Command {
    public static let name = "records.accept-document.v1"
    public typealias Reply = EntryKept
    public typealias Refusal = DocumentChangeRefusal

    public var patient: ID<Patient>
    public var document: ID<Resource>
    public var version: Int
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, document: ID<Resource>, version: Int, key: UUID) {
        (self.patient, self.document, self.version, self.key) = (patient, document, version, key)
    }
}

/// Says that there is something newer than a document.
public struct SupersedeDocument: Command {
    public static let name = "records.supersede-document.v1"
    public typealias Reply = EntryKept
    public typealias Refusal = DocumentChangeRefusal

    public var patient: ID<Patient>
    public var document: ID<Resource>
    public var version: Int
    /// The newer document, where it is in the record.
    public var by: ID<Resource>?
    /// 3 to 500 characters.
    public var reason: String
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, document: ID<Resource>, version: Int, by: ID<Resource>? = nil, reason: String, key: UUID) {
        (self.patient, self.document, self.version, self.by, self.reason, self.key) = (patient, document, version, by, reason, key)
    }
}

/// Says that a document was filed in error: it leaves every list, and stays in the history.
public struct RetractDocument: Command {
    public static let name = "records.retract-document.v1"
    public typealias Reply = EntryKept
    public typealias Refusal = DocumentChangeRefusal

    public var patient: ID<Patient>
    public var document: ID<Resource>
    public var version: Int
    /// 3 to 500 characters.
    public var reason: String
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, document: ID<Resource>, version: Int, reason: String, key: UUID) {
        (self.patient, self.document, self.version, self.reason, self.key) = (patient, document, version, reason, key)
    }
}

public enum DocumentChangeRefusal: Codable, Sendable, Equatable {
    /// No such document, or none that was filed here: notes do not change.
    case notFound
    case invalid(problems: [EntryProblem])
    case changedMeanwhile(version: Int)
    /// FHIR code of its status: nothing leads from there to what was asked.
    case illegal(status: String)
}

/// What patients sent and nobody has looked at, of the patients the asker treats, the oldest first.
public struct ReadUnreviewedDocuments: Query {
    public static let name = "records.read-unreviewed-documents.v1"
    public typealias Reply = UnreviewedDocuments

    public init() {}
}

public struct UnreviewedDocuments: Codable, Sendable, Equatable {
    public var waiting: [UnreviewedDocument]
    public init(waiting: [UnreviewedDocument]) { self.waiting = waiting }
}

public struct UnreviewedDocument: Codable, Sendable, Equatable {
    public var patient: PatientSummary
    public var document: DocumentLine
    public init(patient: PatientSummary, document: DocumentLine) { (self.patient, self.document) = (patient, document) }
}
