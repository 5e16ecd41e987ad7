internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Sealing

/// A document as the FHIR R4 DocumentReference it is kept as. The file is named as a Binary; its bytes are in `upload_part`.
struct DocumentResource {
    private static let reasonExtension = "urn:chartline:reason"
    /// Names the thread a document came with.
    private static let threadSystem = "urn:chartline:thread"
    private static let filePrefix = "Binary/"

    let resource: JSONNode
    let file: ID<Upload>?

    private var attachment: JSONNode? { resource.list("content").lazy.compactMap { $0["attachment"] }.first }
    private var author: String? { resource.list("author").lazy.compactMap { $0.string("reference") }.first }

    init(_ resource: JSONNode) {
        self.resource = resource
        let url = resource.list("content").lazy.compactMap { $0["attachment"]?.string("url") }.first
        // An import may name a Binary of its own; only what was filed here has a digest.
        let isOurs = resource.list("content").contains { $0["attachment"]?.extensions[NoteDocument.digestExtension] != nil }
        file = isOurs && url?.hasPrefix(Self.filePrefix) == true ? ID(reference: url) : nil
    }

    /// Filed here as one: an import may say what it likes.
    var isInsuranceCard: Bool { file != nil && resource["type"]?.code == DocumentTypes.insuranceCard }
    var status: String { resource.string("status") ?? "current" }
    var title: String { attachment?.string("title") ?? resource.string("description") ?? resource["type"]?.display ?? "" }
    var size: Int { attachment?["size"]?.number.flatMap { Int(exactly: $0) } ?? 0 }
    var contentType: String { attachment?.string("contentType") ?? "" }
    var isPatients: Bool { author?.hasPrefix("Patient/") == true }
    var isReviewed: Bool { file == nil || resource.string("docStatus") != "preliminary" }

    /// - Parameter role: of whoever wrote its first version; nil for an import.
    func line(_ id: ID<Resource>, version: Int, writtenBy role: String?) -> DocumentLine {
        DocumentLine(
            document: id, version: version, title: title, type: resource["type"]?.code, date: attachment?.string("creation") ?? date,
            filed: date.flatMap { FHIRDate($0)?.start }, source: EntrySource(writtenBy: role.flatMap(Role.init)),
            practitioner: author?.hasPrefix("Practitioner/") == true ? ID(reference: author) : nil, status: status, isReviewed: isReviewed,
            contentType: file == nil ? nil : contentType, size: file == nil ? nil : size,
            digest: attachment?.extensions[NoteDocument.digestExtension]?.string("valueString"))
    }

    private var date: String? { resource.string("date") }

    // MARK: As it is written

    /// - Parameters:
    ///   - author: the reference to who sends it.
    ///   - isReviewed: false for what a patient sends.
    static func new(
        _ command: FileDocument, _ type: ContentType, file: ID<Upload>, author: JSONValue, isReviewed: Bool, at now: Date
    ) -> JSONValue {
        let display = DocumentTypes.offered.first { $0.code == command.type }?.display
        let origin: JSONValue? = command.sent.map { sent in
            ["related": [["identifier": ["system": .string(threadSystem), "value": .string("\(sent.thread)")]]]]
        }
        return [
            "resourceType": "DocumentReference", "status": "current", "docStatus": isReviewed ? "final" : "preliminary",
            "type": .concept(system: "http://loinc.org", code: command.type, display: display),
            "subject": .reference("Patient", command.patient),
            "date": .string(now.formatted(.iso8601)),
            "author": [author],
            "content": [
                [
                    "attachment": [
                        "extension": [["url": .string(NoteDocument.digestExtension), "valueString": .string(Array(command.digest).hex)]],
                        "contentType": .string(type.rawValue), "url": .string("\(filePrefix)\(file)"), "size": .number("\(command.size)"),
                        "title": .string(command.title), "creation": .optional(command.date),
                    ]
                ]
            ],
            "context": origin ?? .missing,
        ]
    }

    func accepted(by practitioner: ID<Practitioner>?) -> JSONValue {
        var made = JSONValue(resource)
        made["docStatus"] = "final"
        made["authenticator"] = .reference("Practitioner", practitioner)
        return made
    }

    /// - Parameter status: superseded, entered-in-error.
    func ended(_ status: String, because reason: String) -> JSONValue {
        var made = JSONValue(resource)
        made["status"] = .string(status)
        let before: [JSONValue] = if case .array(let extensions) = made["extension"] { extensions } else { [] }
        made["extension"] = .array(before + [["url": .string(Self.reasonExtension), "valueString": .string(reason)]])
        return made
    }

    func replacing(_ old: ID<Resource>) -> JSONValue {
        var made = JSONValue(resource)
        let before: [JSONValue] = if case .array(let relations) = made["relatesTo"] { relations } else { [] }
        made["relatesTo"] = .array(before + [["code": "replaces", "target": .reference("DocumentReference", old)]])
        return made
    }
}

/// What waits in the worklist while a patient's document is not reviewed, as FHIR R4 Task.
enum ReviewTask {
    static let code = "review-document"

    /// The same for a document whenever it is asked.
    static func id(of document: ID<Resource>) -> ID<Resource> { ID(UUID(digestOf: "review of \(document)")) }

    static func new(_ document: ID<Resource>, of patient: ID<Patient>, at now: Date) -> JSONValue {
        PatientTask.asked(code, "Review of a document", about: "DocumentReference", document, of: patient, at: now)
    }
}
