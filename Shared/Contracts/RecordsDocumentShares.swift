public import Foundation

/// Lets colleagues who do not treat the patient open one document, and nothing else of the record, for a while: a person, or everybody who works at a
/// place. What the patient keeps from one of them stays closed to that one.
public struct ShareDocument: Command {
    public static let name = "records.share-document.v1"
    public typealias Reply = Done
    public typealias Refusal = DocumentShareRefusal

    public var patient: ID<Patient>
    public var document: ID<Resource>
    public var share: ID<DocumentShare>
    /// One of the two.
    public var practitioner: ID<Practitioner>?
    public var location: ID<Location>?
    /// At most 366 days from now.
    public var until: Date
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(
        patient: ID<Patient>, document: ID<Resource>, share: ID<DocumentShare>, practitioner: ID<Practitioner>? = nil,
        location: ID<Location>? = nil, until: Date, key: UUID
    ) {
        self.patient = patient
        self.document = document
        self.share = share
        self.practitioner = practitioner
        self.location = location
        self.until = until
        self.key = key
    }
}

/// Ends a share before its time, at once.
public struct WithdrawDocumentShare: Command {
    public static let name = "records.withdraw-document-share.v1"
    public typealias Reply = Done
    public typealias Refusal = DocumentShareRefusal

    public var patient: ID<Patient>
    public var share: ID<DocumentShare>
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, share: ID<DocumentShare>, key: UUID) { (self.patient, self.share, self.key) = (patient, share, key) }
}

public enum DocumentShareRefusal: Codable, Sendable, Equatable {
    /// No such document, or none that was filed here; no such share, or one that is over.
    case notFound
    case invalid(problems: [EntryProblem])
    /// The patient keeps this document, or the record, from that person.
    case keptBack
    case idInUse
}

/// With whom a document is shared, and until when.
public struct ShareLine: Codable, Sendable, Equatable {
    public var share: ID<DocumentShare>
    /// One of the two.
    public var practitioner: ID<Practitioner>?
    public var location: ID<Location>?
    public var until: Date

    public init(share: ID<DocumentShare>, practitioner: ID<Practitioner>? = nil, location: ID<Location>? = nil, until: Date) {
        (self.share, self.practitioner, self.location, self.until) = (share, practitioner, location, until)
    }
}

/// What was shared with whoever asks and they may open now, what ends last first. At most 200.
public struct ReadSharedDocuments: Query {
    public static let name = "records.read-shared-documents.v1"
    public typealias Reply = SharedDocuments

    public init() {}
}

public struct SharedDocuments: Codable, Sendable, Equatable {
    public var documents: [SharedDocument]
    public init(documents: [SharedDocument]) { self.documents = documents }
}

public struct SharedDocument: Codable, Sendable, Equatable {
    public var patient: PatientSummary
    public var document: DocumentLine
    /// Who shared it.
    public var sharedBy: ID<Practitioner>?
    public var until: Date

    public init(patient: PatientSummary, document: DocumentLine, sharedBy: ID<Practitioner>? = nil, until: Date) {
        (self.patient, self.document, self.sharedBy, self.until) = (patient, document, sharedBy, until)
    }
}
