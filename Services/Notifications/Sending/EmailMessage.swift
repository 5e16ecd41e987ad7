internal import Contracts
internal import Foundation

/// An e-mail as it goes over the wire: text and HTML of the same content. The same input gives the same bytes,
/// so a second sending is the same message.
struct EmailMessage: Sendable, Equatable {
    enum Problem: Error, Equatable {
        /// A header's value holds a line break or another control character.
        case headerNotOneLine
    }

    let from: EmailAddress
    let to: EmailAddress
    /// With its angle brackets.
    let messageID: String
    let bytes: [UInt8]

    /// - Parameters:
    ///   - ending: where a click ends e-mails of this kind; nil for those that are sent whatever is wanted.
    ///   - signer: nil where the mail server signs.
    init(
        intent: ID<Contracts.Intent>, date: Date, from: EmailAddress, to: EmailAddress, language: Language, content: Wording.Email,
        ending: String? = nil, signer: MailSigner? = nil
    ) throws {
        (self.from, self.to) = (from, to)
        messageID = Self.messageID(of: intent, from: from)
        let boundary = "=_\(intent)"
        var headers = [
            ("From", from.header), ("To", to.header), ("Subject", HeaderText.encoded(content.subject)), ("Date", Self.rfc5322(date)),
            ("Message-ID", messageID), ("Auto-Submitted", "auto-generated"), ("Content-Language", language.rawValue), ("MIME-Version", "1.0"),
            ("Content-Type", "multipart/alternative;\r\n boundary=\"\(boundary)\""),
        ]
        if let ending { headers += [("List-Unsubscribe", "<\(ending)>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")] }
        // Encoded words would hide a line break in the subject rather than refuse it.
        guard HeaderText.isOneLine(content.subject), headers.allSatisfy({ HeaderText.isOneLine($0.1.replacing("\r\n ", with: " ")) }) else {
            throw Problem.headerNotOneLine
        }
        var text = ""
        for (type, part) in [("text/plain", content.text), ("text/html", content.html)] {
            text += "--\(boundary)\r\nContent-Type: \(type); charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
            text += QuotedPrintable.encoded(part)
            text += "\r\n"
        }
        text += "--\(boundary)--\r\n"
        let signature = try signer?.header(headers.map { (name: $0.0, value: $0.1) }, body: text, domain: from.domain, date: date) ?? ""
        bytes = Array((signature + headers.map { "\($0): \($1)\r\n" }.joined() + "\r\n" + text).utf8)
    }

    /// Stable for the intent, so that a reader's mail box knows a second copy for what it is.
    static func messageID(of intent: ID<Contracts.Intent>, from: EmailAddress) -> String { "<\(intent)@\(from.domain)>" }

    /// `Tue, 24 Nov 2026 16:40:00 +0000`
    static func rfc5322(_ date: Date) -> String {
        let clock = WallClock(date, in: .gmt)
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let seconds = Int(date.timeIntervalSince1970.rounded(.down)) % 60
        return "\(days[(clock.weekday - 1) % 7]), \(two(clock.day)) \(months[(clock.month - 1) % 12]) \(clock.year)"
            + " \(two(clock.hour)):\(two(clock.minute)):\(two((seconds + 60) % 60)) +0000"
    }
}

/// Text in headers, RFC 2047.
enum HeaderText {
    static func isOneLine(_ text: String) -> Bool { !text.utf8.contains { $0 < 32 || $0 == 127 } }

    /// As it is when it is plain ASCII and short, else as encoded words of at most 75 characters; none splits a character.
    static func encoded(_ text: String) -> String {
        let isPlain = text.utf8.count <= 70 && text.utf8.allSatisfy { (32...126).contains($0) } && !text.contains("=?")
        if isPlain { return text }
        var words: [String] = []
        var chunk: [UInt8] = []
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            // 42 bytes are 56 characters of base 64; "=?utf-8?B?", "?=" and "Subject: " are 21: 77 in the first line.
            if chunk.count + bytes.count > 42 {
                words.append("=?utf-8?B?\(Data(chunk).base64EncodedString())?=")
                chunk = []
            }
            chunk += bytes
        }
        words.append("=?utf-8?B?\(Data(chunk).base64EncodedString())?=")
        return words.joined(separator: "\r\n ")
    }
}

/// RFC 2045: lines of at most 76 characters that end in CR LF.
enum QuotedPrintable {
    static func encoded(_ text: String) -> String {
        text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false).map(line).joined(separator: "\r\n")
    }

    private static func line(_ line: Substring) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        let bytes = Array(line.utf8)
        var encoded: [UInt8] = []
        var width = 0
        for (index, byte) in bytes.enumerated() {
            let isLast = index == bytes.count - 1
            // A blank at the end of a line would be dropped on the way.
            let isPlain = (33...126).contains(byte) && byte != 61 || byte == 32 && !isLast
            let piece = isPlain ? [byte] : [61, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            if width + piece.count > (isLast ? 76 : 75) {
                encoded += [61, 13, 10]
                width = 0
            }
            encoded += piece
            width += piece.count
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}
