import Contracts
import Foundation
import Testing

@testable import Identity

@Suite struct RulesTests {
    private let rules = PasswordRules(common: ["Password", "chocolate", "iloveyou12345678", "sunshine", "monkey"])
    private let context = ["maria.lopez@example.org", "Elm Street Clinic", "chartline"]

    @Test(arguments: [
        "correct horse battery staple", "mi abuela hace pan los jueves", "🦊🐢🌿🎈🦊🐢🌿🎈🐙🍋🎻🚲⛵️🧭🏔", "xK9#qTz!4mPw@7L",
        "the clinic on elm street is blue and far",
        "aaaa bbbb cccc dddd eeee", String(repeating: "long and longer ", count: 16),
    ])
    func good(_ password: String) { #expect(rules.problem(of: password, context: context) == nil) }

    @Test(arguments: [
        "iloveyou12345678", "ILOVEYOU12345678", "password1234567", "!!!!!Chocolate!!!!!", "aaaaaaaaaaaaaaaa", "abababababababab", "123456789012345",
        "987654321098765", "qwertyuiopasdfg", "abcdefghijklmnop", "monkeymonkeymonkey", "maria.lopez@example.org", "marialopezmaria12",
        "elm street clinic",
        "ElmStreetClinic2026", "chartlinechartline", "maria-lopez-2026!!", "sunshine20262026!",
    ])
    func guessedFirst(_ password: String) { #expect(rules.problem(of: password, context: context) == .tooCommon) }

    @Test(arguments: ["", "short", "fourteen chars", "caf\u{65}\u{301} 123456789"])
    func tooShort(_ password: String) { #expect(rules.problem(of: password, context: []) == .tooShort(minimum: 15)) }

    @Test(arguments: [
        ("a@b.co", true), ("A.B+c@Sub.Example.ORG", true), ("ñ@españa.example", true), ("a@b", false), ("@b.co", false), ("a@@b.co", false),
        ("a b@c.de", false), ("a@.co", false), ("a@b.", false), ("a@-b.co", false), ("", false),
        (String(repeating: "x", count: 250) + "@b.co", false),
    ])
    func addresses(_ text: String, _ isOne: Bool) { #expect(Username(text).isAddress == isOne) }

    @Test func aCredentialIsReadBackAndNothingElseIs() {
        let hex = String(repeating: "ab", count: 16)
        let text = "scrypt$ln=17,r=8,p=1$\(hex)$\(hex)\(hex)"
        #expect(Credential(text)?.text == text)
        for wrong in [
            "", "scrypt", "scrypt$ln=99,r=8,p=1$\(hex)$\(hex)\(hex)", "scrypt$ln=17$\(hex)$\(hex)\(hex)", "md5$ln=17,r=8,p=1$\(hex)$\(hex)\(hex)",
            "scrypt$ln=17,r=8,p=1$$\(hex)\(hex)", "scrypt$ln=17,r=8,p=1$\(hex)$\(hex)", "scrypt$ln=17,r=8,p=1$zz\(hex)$\(hex)\(hex)",
        ] {
            #expect(Credential(wrong) == nil, "\(wrong)")
        }
    }
}
