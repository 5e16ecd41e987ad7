public import Foundation

/// As what a record is taken away.
public enum ExportForm: String, Codable, Sendable, CaseIterable {
    /// Every resource, to the letter.
    case resources
    /// Every resource in a line, to be read.
    case lines
}

/// Days of a zone's calendar, both included, as FHIR writes them: `2024-05-17`. Nil is open.
public struct ExportDays: Codable, Sendable, Equatable {
    public var from: String?
    public var through: String?
    public var zone: String

    public init(from: String? = nil, through: String? = nil, zone: String) {
        (self.from, self.through, self.zone) = (from, through, zone)
    }
}

/// A whole record to be taken away, newest first, part by part: every part is in the audit trail under this name.
public struct ExportRecord: Query {
    public static let name = "records.export-record.v1"
    public typealias Reply = RecordExport
    public typealias Refusal = RecordRefusal

    public var patient: ID<Patient>
    public var form: ExportForm
    /// `RecordExport.next` of the part before.
    public var after: ID<Resource>?
    /// What began, went on or ended on these days, and what bears no day; nil is everything.
    public var days: ExportDays?

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, form: ExportForm, after: ID<Resource>? = nil, days: ExportDays? = nil) {
        (self.patient, self.form, self.after, self.days) = (patient, form, after, days)
    }
}

public struct RecordExport: Codable, Sendable, Equatable {
    public var patient: PatientSummary
    /// Where resources were asked for.
    public var resources: [ResourceText]
    /// Where lines were asked for.
    public var lines: [RecordLine]
    /// `Type/id` of what is larger than a message may be: 6 MiB.
    public var omitted: [String]
    /// The last of this part, where more follow.
    public var next: ID<Resource>?
    public var asOf: Date

    public init(
        patient: PatientSummary, resources: [ResourceText] = [], lines: [RecordLine] = [], omitted: [String] = [], next: ID<Resource>? = nil,
        asOf: Date
    ) {
        self.patient = patient
        self.resources = resources
        self.lines = lines
        self.omitted = omitted
        self.next = next
        self.asOf = asOf
    }
}
