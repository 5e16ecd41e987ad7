import HTTPTypes
public import Hummingbird
import NIOCore

extension Response {
    /// A file to keep, written part by part. What fails on the way breaks it off, so that a browser does not take it for whole.
    public static func attachment(
        _ name: String, _ contentType: String, _ write: @escaping @Sendable (_ part: (String) async throws -> Void) async throws -> Void
    ) -> Response {
        Response(
            status: .ok, headers: [.contentType: contentType, .contentDisposition: "attachment; filename=\"\(name)\""],
            body: ResponseBody { writer in
                try await write { try await writer.write(ByteBuffer(string: $0)) }
                try await writer.finish(nil)
            })
    }
}
