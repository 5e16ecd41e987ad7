internal import Foundation

/// An address as SMTP takes it, with an optional name before it.
struct EmailAddress: Sendable, Equatable {
    let name: String?
    let address: String

    /// `a@b.example` or `Some Name <a@b.example>`. Nil for anything that could break out of a header or an SMTP command.
    init?(_ text: String) {
        let text = text.trimmingCharacters(in: .whitespaces)
        var address = text
        var name: String?
        if text.hasSuffix(">"), let open = text.lastIndex(of: "<") {
            address = String(text[text.index(after: open)...].dropLast())
            let before = text[..<open].trimmingCharacters(in: .whitespaces)
            name = before.isEmpty ? nil : before
        }
        // Graphic ASCII only: the server need not know SMTPUTF8.
        let forbidden = Set("<>()[]\\,;:\"".utf8)
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), address.utf8.count <= 254,
            !(name ?? "").utf8.contains(where: { $0 < 32 || $0 == 127 }),
            address.utf8.allSatisfy({ (33...126).contains($0) && !forbidden.contains($0) })
        else { return nil }
        (self.name, self.address) = (name, address)
    }

    /// After the `@`.
    var domain: String { String(address.drop { $0 != "@" }.dropFirst()) }

    /// As a header says it.
    var header: String {
        guard let name else { return "<\(address)>" }
        let isPlain = name.utf8.allSatisfy { ($0 >= 48 && $0 <= 57) || ($0 | 32 >= 97 && $0 | 32 <= 122) || $0 == 32 || $0 == 45 }
        return "\(isPlain ? name : HeaderText.encoded(name)) <\(address)>"
    }
}
