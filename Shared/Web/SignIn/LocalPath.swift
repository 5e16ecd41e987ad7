public import Hummingbird

/// A page of this gateway, to go to after signing in: never another host's.
public struct LocalPath: Sendable, Equatable {
    /// Bytes an address may have.
    private static let longest = 1_000
    public let text: String

    /// Nil for what is no path, might lead elsewhere, or leads nowhere in particular.
    public init?(_ text: String?) {
        guard let text, text.hasPrefix("/"), !text.hasPrefix("//"), text.utf8.count <= Self.longest, text != "/",
            text.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "\\") })
        else { return nil }
        self.text = text
    }

    /// As the value of a query's field.
    public var escaped: String {
        text.utf8.map { byte in
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                String(decoding: [byte], as: UTF8.self)
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }

    /// A hidden field that carries it through a form; nothing when there is none.
    public static func field(_ path: LocalPath?) -> HTML? { path.map { "<input type=\"hidden\" name=\"to\" value=\"\($0.text)\">" } }
}

extension GatewayContext {
    /// Where the person wanted to go, as the form of a sign-in says.
    public var destination: LocalPath? { LocalPath(web.form["to"]) }
}

extension Incoming {
    /// Where the person wanted to go, as the address of a sign-in says.
    public var destination: LocalPath? { LocalPath(uri.queryParameters["to"].map(String.init)) }
}
