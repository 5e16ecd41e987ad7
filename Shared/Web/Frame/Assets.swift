import Crypto
public import Foundation
public import Hummingbird

/// The files browsers keep: served under a name that changes with their content.
public struct Assets: Sendable {
    private let style: ByteBuffer
    /// `/assets/chartline.<hash>.css`
    public let stylePath: String

    /// - Throws: when the style sheet is not beside the executable; the process does not start without it.
    public init() throws {
        let data = try Data(contentsOf: Bundle.module.bundleURL.appendingPathComponent("Assets/chartline.css"))
        let hash = SHA256.hash(data: data).prefix(8).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        style = ByteBuffer(bytes: data)
        stylePath = "/assets/chartline.\(hash).css"
    }

    /// The style sheet; kept by browsers for a year.
    public func styleResponse() -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/css; charset=utf-8", .cacheControl: "public, max-age=31536000, immutable"],
            body: ResponseBody(byteBuffer: style))
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
