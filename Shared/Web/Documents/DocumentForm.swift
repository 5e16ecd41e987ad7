public import Contracts
public import Foundation

/// Why a document was not filed.
public enum DocumentProblem: Error, Sendable {
    case upload(UploadProblem)
    case filing(DocumentRefusal)
}

/// What somebody says of a document they send.
public struct DocumentForm: Sendable {
    private static let photos = ["image/jpeg", "image/png"]
    private static let files = ["application/pdf", "image/jpeg", "image/png", "text/plain", ".pdf", ".jpg", ".jpeg", ".png", ".txt"]

    public var title = ""
    public var type = DocumentTypes.offered.first?.code ?? ""
    public var date = ""

    public init() {}

    public init(typed: FormData) { (title, type, date) = (typed.trimmed("title"), typed.trimmed("type"), typed.trimmed("date")) }

    /// - Parameters:
    ///   - fileName: what it is called when nobody says more.
    ///   - key: made with the form.
    public func command(for patient: ID<Patient>, _ file: UploadedFile, called fileName: String?, _ t: Wording, key: UUID) -> FileDocument {
        let stem = fileName.map { String($0.prefix { $0 != "." }).trimmingCharacters(in: .whitespaces) } ?? ""
        let called = [title, stem, t.documentType(type).plainText].first { !$0.isEmpty } ?? ""
        return FileDocument(
            patient: patient, document: ID(key), upload: file.upload, size: file.size, digest: file.digest,
            title: title.isEmpty ? String(called.prefix(200)) : title, type: type,
            date: date.isEmpty ? nil : date, key: key)
    }

    /// - Parameter problem: why it was not filed; what was typed is still there.
    public func html(to path: String, _ problem: DocumentProblem?, in frame: Frame) -> HTML {
        let t = frame.t
        let errors = problem?.errors(t) ?? []
        let types = DocumentTypes.offered.map { (value: $0.code, label: t.documentType($0.code)) }
        let title = Field("title", t("document.title"), hint: t("document.title-hint"), value: title, autocomplete: "off").marked(errors, t)
        let date = Field(
            "date", t("document.date"), hint: t("document.date-hint"), value: date, autocomplete: "off", width: .short, maximumLength: 30
        ).marked(errors, t)
        let camera = FileChoice("photo", t("document.photo"), accepts: Self.photos, isCamera: true)
        let file = FileChoice("file", t("document.file"), hint: t("document.file-hint"), accepts: Self.files).marked(errors, t)
        return """
            \(errors.isEmpty ? nil : ErrorSummary(errors, t))\(FileForm(to: path, formKey: frame.formKey, style: "card stack", """
                \(title)\(Select("type", t("document.type"), types, chosen: type).marked(errors, t))\(date)\(camera)\(file)\
                <p><button class="btn">\(t("document.send"))</button></p>
                """))
            """
    }
}

extension DocumentProblem {
    public func errors(_ t: Wording) -> [FieldError] {
        switch self {
        case .upload(.nothingChosen): [FieldError("file", t("document.nothing-chosen"))]
        case .upload(.tooLarge), .filing(.tooLarge): [FieldError("file", t("document.too-large"))]
        case .upload(.infected): [FieldError("file", t("document.infected"))]
        case .upload(.notScanned): [FieldError("file", t("document.not-scanned"))]
        case .upload(.tooMuch): [FieldError("file", t("document.too-much"))]
        case .upload(.notSent), .filing(.incomplete), .filing(.wrongDigest), .filing(.idInUse), .filing(.notFound):
            [FieldError("file", t("document.not-sent"))]
        case .filing(.notAccepted): [FieldError("file", t("document.not-accepted"))]
        case .filing(.invalid(let problems)): problems.map { FieldError($0.field, $0.ofDocument(t)) }
        }
    }
}

extension EntryProblem {
    fileprivate func ofDocument(_ t: Wording) -> HTML {
        switch field {
        case "title": t("document.title-wrong")
        case "type": t("document.type-wrong")
        case "file": t("document.nothing-chosen")
        default: fault == .inTheFuture ? t("document.date-to-come") : t("document.date-wrong")
        }
    }
}
