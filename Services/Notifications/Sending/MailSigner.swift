internal import Crypto
internal import CryptoExtras
internal import Foundation

/// Signs e-mails in the name of the sender's domain (DKIM, RFC 6376: rsa-sha256, relaxed). The public half of the key stands in the domain's DNS, at
/// `<selector>._domainkey.<domain>`.
struct MailSigner: Sendable {
    /// What must reach the reader as it was written; one-click unsubscribing is believed only where it is signed (RFC 8058).
    private static let signed: Set<String> = [
        "from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type", "list-unsubscribe", "list-unsubscribe-post",
    ]
    private static let width = 70

    let selector: String
    private let key: _RSA.Signing.PrivateKey

    /// - Parameter pem: an RSA key of 2048 bits or more. - Throws: when it is none.
    init(selector: String, pem: String) throws {
        self.selector = selector
        key = try _RSA.Signing.PrivateKey(pemRepresentation: pem)
    }

    /// The header `DKIM-Signature`, that goes before the others, with its line end. The same message gets the same.
    func header(_ headers: [(name: String, value: String)], body: String, domain: String, date: Date) throws -> String {
        let those = headers.filter { Self.signed.contains($0.name.lowercased()) }
        let digest = Data(SHA256.hash(data: Data(Self.relaxed(body: body).utf8)))
        let fields = [
            "v=1", "a=rsa-sha256", "c=relaxed/relaxed", "d=\(domain)", "s=\(selector)", "t=\(Int(date.timeIntervalSince1970))",
            "h=\(those.map(\.name).joined(separator: ":"))", "bh=\(digest.base64EncodedString())",
            "b=",
        ]
        let unsigned = fields.joined(separator: ";\r\n ")
        let text = those.map { Self.relaxed($0.name, $0.value) + "\r\n" }.joined() + Self.relaxed("DKIM-Signature", unsigned)
        let signature = try key.signature(for: SHA256.hash(data: Data(text.utf8)), padding: .insecurePKCS1v1_5).rawRepresentation
        return "DKIM-Signature: \(unsigned)\(Self.folded(signature.base64EncodedString()))\r\n"
    }

    private static func relaxed(_ name: String, _ value: String) -> String {
        "\(name.lowercased()):\(value.split { $0 == " " || $0 == "\t" || $0.isNewline }.joined(separator: " "))"
    }

    /// Blanks become one, none ends a line, and the last line is not empty.
    private static func relaxed(body: String) -> String {
        var lines = body.components(separatedBy: "\r\n").map { line in
            var text = ""
            var hasBlank = false
            for character in line {
                if character == " " || character == "\t" {
                    hasBlank = true
                } else {
                    text += hasBlank ? " \(character)" : "\(character)"
                    hasBlank = false
                }
            }
            return text
        }
        while lines.last == "" { lines.removeLast() }
        return lines.map { "\($0)\r\n" }.joined()
    }

    private static func folded(_ text: String) -> String {
        var (lines, rest) = ([Substring](), text[...])
        while !rest.isEmpty {
            lines.append(rest.prefix(width))
            rest = rest.dropFirst(width)
        }
        return lines.joined(separator: "\r\n ")
    }
}
