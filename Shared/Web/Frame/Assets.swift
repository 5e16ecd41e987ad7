import Crypto
public import Foundation
public import Hummingbird

/// The files browsers keep: served under a name that changes with their content.
public struct Assets: Sendable {
    public struct File: Sendable {
        /// `/assets/chartline.<hash>.css`
        public let path: String
        private let content: ByteBuffer
        private let type: String

        fileprivate init(_ name: String, _ suffix: String, _ type: String) throws {
            let data = try Data(contentsOf: Bundle.module.bundleURL.appendingPathComponent("Assets/\(name).\(suffix)"))
            let hash = SHA256.hash(data: data).prefix(8).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
            (path, content, self.type) = ("/assets/\(name).\(hash).\(suffix)", ByteBuffer(bytes: data), type)
        }

        /// Kept by browsers for a year.
        public func response() -> Response {
            Response(
                status: .ok, headers: [.contentType: "\(type); charset=utf-8", .cacheControl: "public, max-age=31536000, immutable"],
                body: ResponseBody(byteBuffer: content))
        }
    }

    public let style: File
    /// Keeps what is typed into long forms.
    public let autosave: File
    /// Asks the device for a passkey.
    public let passkey: File

    /// - Throws: when a file is not beside the executable; the process does not start without it.
    public init() throws {
        style = try File("chartline", "css", "text/css")
        autosave = try File("autosave", "js", "text/javascript")
        passkey = try File("passkey", "js", "text/javascript")
    }
}

extension Response {
    /// What a page's own script is told.
    public static func json(_ value: some Encodable) throws -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try JSONEncoder().encode(value))))
    }
}

extension HTML {
    /// The page as an answer.
    public func response(_ status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, headers: [.contentType: "text/html; charset=utf-8"], body: ResponseBody(byteBuffer: ByteBuffer(string: markup)))
    }

    /// The page as the answer to who has tried too often: 429, with the seconds to wait.
    public func response(throttledUntil end: Date) -> Response {
        var response = response(.tooManyRequests)
        response.headers[.retryAfter] = String(max(1, Int(end.timeIntervalSinceNow.rounded(.up))))
        return response
    }
}
