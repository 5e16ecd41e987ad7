import Foundation
import Testing
@testable import Web

@Suite struct HTMLTests {
    /// Texts that do harm when they become markup.
    static let attacks = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "</textarea><script>alert(1)</script>",
        "</title><svg onload=alert(1)>", "javascript:alert(1)", "&lt;script&gt;", "<!--", "]]>", "\u{0}<b>", "＜script＞", "a\u{2028}b", "{name}",
        "<scr<script>ipt>", "${7*7}", "`onclick=alert(1)`",
    ]

    @Test(arguments: attacks) func textNeverBecomesMarkup(_ attack: String) {
        let html: HTML = "<p title=\"\(attack)\">\(attack)</p>"
        let inside = html.markup.dropFirst("<p title=\"".count).dropLast("</p>".count)
        let parts = inside.split(separator: "\">", maxSplits: 1)
        #expect(parts.count == 2)
        for part in parts {
            #expect(!part.contains { "<>\"'\0".contains($0) })
        }
    }

    @Test(arguments: attacks) func formsKeepWhatWasTypedAsText(_ attack: String) {
        let field = Field("more", "More", .lines, value: attack, autocomplete: "off").html.markup
        #expect(field.components(separatedBy: "<").count == 7)
        let input = Field("more", "More", value: attack, autocomplete: "off").html.markup
        #expect(input.components(separatedBy: "<").count == 6)
    }

    @Test func markupPassesAndTextDoesNot() {
        let strong: HTML = "<b>\("a & b")</b>"
        let page: HTML = "<p>\(strong)\(3)\(nil as String?)\(when: false, "<i></i>")\(each: ["<", ">"], { "<li>\($0)</li>" })</p>"
        #expect(page.markup == "<p><b>a &amp; b</b>3<li>&lt;</li><li>&gt;</li></p>")
    }

    @Test func aPasswordIsNeverGivenBack() {
        let field = Field("password", "Password", .password, value: "secret-typed", autocomplete: "current-password")
        #expect(!field.html.markup.contains("secret-typed"))
    }

    @Test func everyFormCarriesAKeyOfItsOwn() {
        func submission() -> String? {
            let form = Form(to: "/save", formKey: "k", style: "stack", "").html.markup
            return form.firstMatch(of: /name="submission" value="([0-9a-f\-]{36})"/).map { String($0.1) }
        }
        let first = submission()
        #expect(first != nil && first != submission())
    }
}
