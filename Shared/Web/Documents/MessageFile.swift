public import Contracts
import Foundation
public import Hummingbird
import MessageBus

extension GatewayParts {
    private static var largestMessageFile: Int { 25 << 20 }

    /// A piece of such a file: see `FileForm.inPieces`.
    public func pieceWithMessage(_ request: Incoming, _ context: GatewayContext, of patient: ID<Patient>) async throws -> Response {
        try await takePiece(request, context, of: patient, atMost: Self.largestMessageFile)
    }

    /// Files what came with a message into the patient's record, where it stays whatever becomes of the message. Sent again with the same form it is
    /// the same document.
    /// - Returns: nil where nothing was chosen.
    public func fileWithMessage(
        _ request: Incoming, _ context: GatewayContext, in thread: ID<MessageThread>, of patient: ID<Patient>
    ) async throws -> Result<MessageAttachment?, DocumentProblem> {
        let (form, key) = (context.web.form, try submission(context))
        let (called, taken): (String, Result<UploadedFile, UploadProblem>)
        if let file = context.web.file, let name = file.name {
            (called, taken) = (name, try await upload(file, as: ID(key), to: patient, atMost: Self.largestMessageFile, of: request))
        } else if let name = form["pieces"], let size = form.number("pieces-size") {
            let isFit = size <= Self.largestMessageFile
            (called, taken) = (name, isFit ? try await gather(ID(key), size: size, of: patient, request) : .failure(.tooLarge))
        } else {
            return .success(MessageAttachment(alreadyIn: form))
        }
        let name = MessageAttachment.name(called)
        switch taken {
        case .failure(let problem): return .failure(.upload(problem))
        case .success(let sent):
            let type = name.lowercased().hasSuffix(".txt") || name.lowercased().hasSuffix(".pdf") ? "34109-9" : "72170-4"
            let command = FileDocument(
                patient: patient, document: ID(key), upload: sent.upload, size: sent.size, digest: sent.digest, title: name, type: type,
                sent: SentFile(thread: thread, name: name), key: key)
            switch try await self.file(command, of: request) {
            case .done: return .success(MessageAttachment(document: command.document, name: name))
            case .refused(let refusal): return .failure(.filing(refusal))
            }
        }
    }
}

extension MessageAttachment {
    private static let longestName = 100

    /// What was filed when the message itself could not be sent yet.
    init?(alreadyIn form: FormData) {
        guard let document = ID<Resource>(form.trimmed("attached")) else { return nil }
        self.init(document: document, name: Self.name(form.trimmed("attached-name")))
    }

    /// What a file is called, of whatever its sender's machine says: no folders, nothing that turns the direction of words, not endless.
    static func name(_ called: String) -> String {
        let last = called.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map { String($0) } ?? ""
        let plain = String(String.UnicodeScalarView(last.unicodeScalars.filter { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
            default: true
            }
        })).trimmingCharacters(in: .whitespaces)
        let bare = String(plain.drop { $0 == "." }.suffix(longestName))
        return bare.isEmpty ? "file" : bare
    }

    /// Keeps it in the form, beside the other fields.
    public var fields: HTML {
        "<input type=\"hidden\" name=\"attached\" value=\"\(document)\"><input type=\"hidden\" name=\"attached-name\" value=\"\(name)\">"
    }
}

/// The choice of a file in the form of a message, or the one that is chosen and kept already.
public struct MessageFileField: Part {
    private static let accepts = ["application/pdf", "image/jpeg", "image/png", "text/plain", ".pdf", ".jpg", ".jpeg", ".png", ".txt"]

    public let html: HTML

    public init(_ attached: MessageAttachment?, _ problem: DocumentProblem?, _ t: Wording) {
        if let attached {
            html = "<p>\(t("thread.attached", ["name": "<span translate=\"no\">\(attached.name)</span>" as HTML]))</p>\(attached.fields)"
        } else {
            html = FileChoice("file", t("thread.file"), hint: t("thread.file-hint"), accepts: Self.accepts).marked(
                problem?.errorsWithMessage(t) ?? [], t).html
        }
    }
}

extension DocumentProblem {
    /// What stands beside the file; what was typed is still there.
    public func errorsWithMessage(_ t: Wording) -> [FieldError] {
        switch self {
        case .upload(.tooLarge), .filing(.tooLarge): [FieldError("file", t("thread.file-too-large"))]
        case .filing(.notAccepted): [FieldError("file", t("thread.file-not-accepted"))]
        default: errors(t)
        }
    }

    public var status: HTTPResponse.Status {
        switch self {
        case .upload(.notSent), .upload(.notScanned): .serviceUnavailable
        default: .unprocessableContent
        }
    }
}
