public import Contracts
import Crypto
import Foundation
public import Hummingbird
import MessageBus

/// What the script that sends a file in pieces is told.
private struct PiecesAnswer: Encodable {
    /// Bytes that are there, from the first on.
    let received: Int
}

extension GatewayParts {
    /// Ten parts of a document.
    private static var largestPiece: Int { 480 << 10 }

    /// Takes a piece of a form's file, so that one that breaks off goes on where it ended; a request without a piece asks how far that is. What is
    /// sent is looked at as a whole once the form itself comes.
    /// - Parameter largest: bytes the file may have.
    public func takePiece(_ request: Incoming, _ context: GatewayContext, of patient: ID<Patient>, atMost largest: Int) async throws -> Response {
        let (upload, offset) = (ID<Upload>(try submission(context)), context.web.form.number("offset") ?? 0)
        guard let file = context.web.file, file.name != nil else {
            return try .json(PiecesAnswer(received: try await received(ReadUpload(patient: patient, upload: upload), request).received))
        }
        var piece = Data()
        while let bytes = try await file.next() {
            piece += bytes
            guard piece.count <= Self.largestPiece, offset >= 0, offset % Self.documentPart == 0, offset + piece.count <= largest else {
                try await file.passOver()
                throw HTTPError(.contentTooLarge)
            }
        }
        return try await Deadline.$current.withValue(nil) {
            do {
                for start in stride(from: 0, to: piece.count, by: Self.documentPart) {
                    let part = Data(piece.dropFirst(start).prefix(Self.documentPart))
                    try await send(part, at: offset + start, of: upload, to: patient, request)
                }
            } catch is UploadProblem { throw HTTPError(.unprocessableContent) }
            return try .json(PiecesAnswer(received: offset + piece.count))
        }
    }

    /// Looks at a file that came in pieces, from its first byte to its last.
    func gather(_ upload: ID<Upload>, size: Int, of patient: ID<Patient>, _ request: Incoming) async throws -> Result<UploadedFile, UploadProblem> {
        try await Deadline.$current.withValue(nil) {
            var (hash, seen) = (SHA256(), 0)
            do {
                let scan = try await beginScan()
                defer { scan?.stop() }
                while seen < size {
                    let part = try await received(ReadUpload(patient: patient, upload: upload, offset: seen), request)
                    guard let bytes = part.bytes, !bytes.isEmpty, seen + bytes.count <= size else { return .failure(.notSent) }
                    hash.update(data: bytes)
                    try await look(scan, at: Array(bytes))
                    seen += bytes.count
                }
                try await judge(scan)
            } catch let problem as UploadProblem { return .failure(problem) } catch let error as BusError where error.isPassing {
                return .failure(.notSent)
            }
            return size > 0 ? .success(UploadedFile(upload: upload, size: size, digest: Data(hash.finalize()))) : .failure(.nothingChosen)
        }
    }

    private func received(_ query: ReadUpload, _ request: Incoming) async throws -> UploadRead {
        try await bus.ask(query, as: token(of: request), within: .seconds(10))
    }
}

extension FileForm {
    /// The same form, whose file the page's script sends in pieces beforehand. - Parameter path: answers `{"received": …}`.
    public func inPieces(to path: String, _ t: Wording) -> FileForm {
        var form = self
        form.pieces = """
             data-pieces="\(path)" data-pieces-sending="\(t("thread.file-sending", ["percent": "#"]))" data-pieces-broken="\(t("thread.file-broken"))"
            """
        return form
    }
}
