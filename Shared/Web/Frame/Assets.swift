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
            (path, content) = ("/assets/\(name).\(hash).\(suffix)", ByteBuffer(bytes: data))
            self.type = type.hasPrefix("text/") ? "\(type); charset=utf-8" : type
        }

        /// Kept by browsers for a year.
        public func response() -> Response {
            Response(
                status: .ok, headers: [.contentType: type, .cacheControl: "public, max-age=31536000, immutable"],
                body: ResponseBody(byteBuffer: content))
        }
    }

    public let style: File
    /// Keeps what is typed into long forms.
    public let autosave: File
    /// Asks the device for a passkey.
    public let passkey: File
    /// The mark of the product, as a picture.
    public let icon: File
    /// The same for home screens, 192 and 512 pixels wide; to the edges, so that any shape can be cut out of it.
    public let smallIcon: File
    public let largeIcon: File

    var all: [File] { [style, autosave, passkey, countdown, picture, calendar, live, call, device, pieces, icon, smallIcon, largeIcon] }
    /// The style of what is made for paper, which brings it along.
    public let paper: HTML
    /// Counts down how long a time is kept.
    public let countdown: File
    /// Makes a picture small before it is sent.
    public let picture: File
    /// Moves visits by dragging them.
    public let calendar: File
    /// Shows what changed while a page is open.
    public let live: File
    /// Speaks and shows.
    public let call: File
    /// Tries camera, microphone and connection before a call.
    public let device: File
    /// Sends a file in pieces.
    public let pieces: File

    /// - Throws: when a file is not beside the executable; the process does not start without it.
    public init() throws {
        style = try File("chartline", "css", "text/css")
        autosave = try File("autosave", "js", "text/javascript")
        passkey = try File("passkey", "js", "text/javascript")
        icon = try File("icon", "svg", "image/svg+xml")
        smallIcon = try File("icon-192", "png", "image/png")
        largeIcon = try File("icon-512", "png", "image/png")
        paper = HTML(markup: try String(contentsOf: Bundle.module.bundleURL.appending(path: "Assets/paper.css"), encoding: .utf8))
        countdown = try File("countdown", "js", "text/javascript")
        picture = try File("picture", "js", "text/javascript")
        calendar = try File("calendar", "js", "text/javascript")
        live = try File("live", "js", "text/javascript")
        call = try File("call", "js", "text/javascript")
        device = try File("device", "js", "text/javascript")
        pieces = try File("pieces", "js", "text/javascript")
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

extension Logo {
    /// Kept by browsers for a year: another picture has another digest. It is looked at by itself, and nothing in it is run.
    var response: Response {
        Response(
            status: .ok,
            headers: [
                .contentType: type, .cacheControl: "public, max-age=31536000, immutable", .contentSecurityPolicy: "default-src 'none'; sandbox",
            ], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
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
