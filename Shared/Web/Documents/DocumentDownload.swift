public import Contracts
import Foundation
import HTTPTypes
public import Hummingbird
import MessageBus
import NIOCore

extension GatewayParts {
    private static var readTime: Duration { .seconds(10) }

    /// A document's file, sent on as it is read. Whatever is in it, it can do nothing in the browser: no script, no form, no other page.
    public func download(_ document: ID<Resource>, of patient: ID<Patient>, for request: Incoming) async throws -> Response {
        let query = ReadDocumentPart(patient: patient, document: document)
        guard case .done(let first) = try await bus.request(query, as: token(of: request)) else { throw HTTPError(.notFound) }
        // Browsers show no PDF in such a box.
        let isShown = request.uri.queryParameters["save"] == nil && first.contentType != "application/pdf"
        var response = Response(
            status: .ok,
            headers: [
                .contentType: first.contentType == "text/plain" ? "text/plain; charset=utf-8" : first.contentType,
                .contentDisposition: Self.disposition(isShown ? "inline" : "attachment", first),
                .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'",
            ],
            body: ResponseBody(contentLength: first.size) { writer in
                var (query, part) = (query, first)
                while true {
                    try await writer.write(ByteBuffer(bytes: part.bytes))
                    query.offset += part.bytes.count
                    guard query.offset < first.size else { break }
                    // The browser sees that bytes are missing: fewer came than were said.
                    guard case .done(let next) = try await bus.request(query, as: token(of: request), within: Self.readTime) else {
                        throw HTTPError(.notFound)
                    }
                    part = next
                }
                try await writer.finish(nil)
            })
        response.headers[.cacheControl] = "no-store"
        return response
    }

    /// RFC 6266: a name every browser can read, and the real one.
    private static func disposition(_ kind: String, _ part: DocumentPart) -> String {
        let ending =
            switch part.contentType {
            case "application/pdf": "pdf"
            case "image/png": "png"
            case "image/jpeg": "jpg"
            default: "txt"
            }
        let name = part.title.utf8.map { byte in
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): String(decoding: [byte], as: UTF8.self)
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
        return "\(kind); filename=\"document.\(ending)\"; filename*=UTF-8''\(name).\(ending)"
    }
}
