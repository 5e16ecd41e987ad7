import Foundation
import Testing
@testable import Web

@Suite struct FormTests {
    @Test func fieldsAreDecoded() throws {
        let form = try FormData(Array("name=Jos%C3%A9+Luis&more=a%26b%0D%0Ac&empty=&flag&x=1&x=2".utf8))
        #expect(form["name"] == "José Luis")
        #expect(form["more"] == "a&b\r\nc")
        #expect(form["empty"] == "")
        #expect(form["flag"] == "")
        #expect(form["x"] == nil, "a field sent twice has no one value")
        #expect(form.all("x") == ["1", "2"])
        #expect(form["absent"] == nil)
        #expect(try FormData(Array("q=++a++".utf8)).trimmed("q") == "a")
        #expect(try FormData([])["a"] == nil)
    }

    @Test(arguments: [
        ("a=%", FormData.Fault.badEscape), ("a=%4", .badEscape), ("a=%zz", .badEscape), ("%=1", .badEscape),
        ("a=%ff", .notUTF8), ("a=%C3%28", .notUTF8), ("a=%00", .controlCharacter), ("a=%1b", .controlCharacter), ("a%00b=1", .controlCharacter),
        (String(repeating: "a=1&", count: 201), .tooManyFields), (String(repeating: "n", count: 101) + "=1", .nameTooLong),
    ])
    func whatIsNoFormIsRefused(_ body: String, _ fault: FormData.Fault) {
        #expect(throws: fault) { try FormData(Array(body.utf8)) }
    }

    /// An allergy is sent on with its code; a second factor's is typed anew.
    @Test func whatIsKeptOfAFormHoldsNoSecret() throws {
        let form = try FormData(
            Array("form-key=k&submission=s&password=p&password-again=p&code=227493005&system=sct&code-1=2".utf8))
        #expect(form.kept(of: "/patients/1/entries/allergy").map(\.name) == ["code", "system", "code-1"])
        #expect(form.kept(of: "/securityless").map(\.name) == ["code", "system", "code-1"])
        for path in ["/security", "/security/confirm", "/security/second-factor"] {
            #expect(form.kept(of: path).map(\.name) == ["system", "code-1"])
        }
    }

    @Test func aKeyBelongsToOneSession() {
        let keys = FormKeys(secret: Data(repeating: 7, count: 32))
        let key = keys.key(for: "session-a")
        #expect(keys.isValid(key, for: "session-a"))
        #expect(!keys.isValid(key, for: "session-b"))
        #expect(!FormKeys(secret: Data(repeating: 8, count: 32)).isValid(key, for: "session-a"))
        for wrong in ["", "====", "%%%", String(repeating: "A", count: 500), String(key.dropLast())] {
            #expect(!keys.isValid(wrong, for: "session-a"))
        }
    }

    @Test func randomBytesNeverTrap() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = try? FormData(bytes)
        }
    }
}
