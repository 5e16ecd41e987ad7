import Contracts
import Foundation
import Testing
@testable import Notifications

@Suite struct EmailMessageTests {
    private func message(subject: String, text: String, to: String = "ana@patients.example") throws -> EmailMessage {
        try EmailMessage(
            intent: try #require(ID("0198c0de-0000-7000-8000-00000000beef")), date: try date("2026-11-24T16:40:07Z"),
            from: try #require(EmailAddress("Lakeside Clinic <visits@clinic.example>")), to: try #require(EmailAddress(to)), language: .spanish,
            content: Wording.Email(subject: subject, text: text, html: "<p>ñ</p>\n"))
    }

    @Test func theWholeMessageIsThis() throws {
        let message = try message(subject: "Su cita del miércoles 25", text: "Línea = uno \nDos.\n")
        let lines = [
            "From: Lakeside Clinic <visits@clinic.example>", "To: <ana@patients.example>",
            "Subject: =?utf-8?B?U3UgY2l0YSBkZWwgbWnDqXJjb2xlcyAyNQ==?=",
            "Date: Tue, 24 Nov 2026 16:40:07 +0000", "Message-ID: <0198c0de-0000-7000-8000-00000000beef@clinic.example>",
            "Auto-Submitted: auto-generated",
            "Content-Language: es", "MIME-Version: 1.0",
            "Content-Type: multipart/alternative;", " boundary=\"=_0198c0de-0000-7000-8000-00000000beef\"", "",
            "--=_0198c0de-0000-7000-8000-00000000beef", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "",
            "L=C3=ADnea =3D uno=20", "Dos.", "",
            "--=_0198c0de-0000-7000-8000-00000000beef", "Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "",
            "<p>=C3=B1</p>", "", "--=_0198c0de-0000-7000-8000-00000000beef--", "",
        ]
        #expect(String(decoding: message.bytes, as: UTF8.self) == lines.joined(separator: "\r\n"))
    }

    @Test func noLineIsLongAndNoLineFeedStandsAlone() throws {
        let long = String(repeating: "ñandú y más = ", count: 60)
        let message = try message(subject: long, text: long + "\n" + String(repeating: "a", count: 400) + "\r\n.\r\n")
        let text = String(decoding: message.bytes, as: UTF8.self)
        #expect(text.unicodeScalars.allSatisfy { $0.isASCII })
        let lines = text.components(separatedBy: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.count <= 78 })
        #expect(!lines.joined().unicodeScalars.contains { $0 == "\n" || $0 == "\r" })
        let subject = lines.drop { !$0.hasPrefix("Subject") }.prefix { !$0.hasPrefix("Date") }
            .map { $0.replacing("Subject: ", with: "").trimmingCharacters(in: .whitespaces) }
        // Each word is whole by itself.
        let decoded = try subject.map { word in
            let data = try #require(Data(base64Encoded: String(word.dropFirst(10).dropLast(2))))
            return try #require(String(data: data, encoding: .utf8))
        }
        #expect(decoded.joined() == long)
    }

    @Test(arguments: ["a\r\nBcc: x@y.example", "a\nb", "a\u{0}b", "a\rb"])
    func aHeaderIsOneLine(_ subject: String) {
        #expect(throws: EmailMessage.Problem.headerNotOneLine) { try message(subject: subject, text: "x") }
    }

    @Test(arguments: [
        "a@b.example\r\nBcc: x@y.example", "a b@c.example", "a@b@c.example", "@b.example", "a@", "<a@b.example>x", "a>@b.example", "ä@b.example",
        "A\r\nX: y <a@b.example>", "a@b.example, c@d.example", "",
    ])
    func whatIsNoAddressIsRefused(_ text: String) { #expect(EmailAddress(text) == nil) }

    @Test func addressesAreWrittenWithTheirNames() throws {
        #expect(try #require(EmailAddress("a+b@c.example")).header == "<a+b@c.example>")
        #expect(try #require(EmailAddress("Clínica <a@c.example>")).header == "=?utf-8?B?Q2zDrW5pY2E=?= <a@c.example>")
    }

    @Test(arguments: [
        ("+13125550142", true), ("13125550142", false), ("+1312555014x", false), ("+1", false), ("+1312555014212345", false),
        ("+1\n3125550142", false),
    ])
    func numbersAreE164(_ row: (String, Bool)) { #expect(Texter.isNumber(row.0) == row.1) }

    @Test func formValuesKeepTheirPlus() { #expect(Texter.escaped("+1 a&b=ñ") == "%2B1%20a%26b%3D%C3%B1") }
}
