import Foundation
public import Hummingbird

/// What the steps of this module leave behind for the pages of a gateway.
public struct WebRequest: Sendable {
    /// 32 hexadecimal digits. Made here: a trace a browser sends is not believed.
    public let trace: String
    /// Texts in the language of this request.
    public var t: Wording?
    /// The body of a POST, checked by `SameOrigin`.
    public var form = FormData()
    /// What a provider told in JSON, to the byte: it is signed.
    public var told = ""
    /// What follows the fields of a form that may hold a file.
    public var file: PostedFile?
    /// The key for the forms of the page that answers.
    public var formKey = ""

    public init() {
        var random = SystemRandomNumberGenerator()
        trace = (0..<2).map { _ in
            let digits = String(UInt64.random(in: 1...UInt64.max, using: &random), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

/// A browser's request, under a name that does not clash with the messages' `Request`.
public typealias Incoming = Hummingbird.Request

/// The context of a gateway's requests.
public protocol WebContext: RequestContext {
    var web: WebRequest { get set }
}
