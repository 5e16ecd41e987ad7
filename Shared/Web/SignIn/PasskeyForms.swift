import Contracts
import Crypto
import Foundation

/// A form that the page's script sends with what a device says of a passkey. The form's own keys make the question, so that none has to be kept:
/// nobody else's browser has the one, and the other is used once.
struct PasskeyForm {
    enum Act: String { case add, use }

    /// A question older than this, in seconds, is not answered any more.
    static let longest = 600.0

    let act: Act
    let path: String
    let formKey: String
    /// More of what the script needs: attributes.
    var attributes: HTML = ""
    let failed: HTML
    let body: HTML

    var html: HTML {
        let submission = UUID.v7()
        let question = PasskeyQuestion.challenge(formKey: formKey, submission: submission).base64URL
        let fields: HTML = """
            \(each: ["credential", "client", "said", "signature", "public-key"], { "<input type=\"hidden\" name=\"\($0)\">" })\
            \(FormField.keys(formKey, submission: submission))
            """
        return """
            <form class="stack-s" action="\(path)" method="post" novalidate hidden data-passkey="\(act.rawValue)" data-challenge="\(question)"\
             data-failed="\(failed)"\(attributes)>\(body)\(fields)<p class="plain" role="status"></p></form>
            """
    }
}

extension PasskeyQuestion {
    fileprivate static func challenge(formKey: String, submission: UUID) -> Data {
        Data(SHA256.hash(data: Data("passkey\u{0}\(formKey)\u{0}\(submission.uuidString.lowercased())".utf8)))
    }
}

extension GatewayParts {
    /// What the form that was sent had asked; nil when that is too long ago.
    func passkeyQuestion(_ context: GatewayContext) throws -> PasskeyQuestion? {
        let submission = try submission(context)
        guard let formKey = context.web.form[FormField.formKey] else { return nil }
        let made = withUnsafeBytes(of: submission.uuid) { Double($0.prefix(6).reduce(0) { $0 << 8 | Int($1) }) } / 1_000
        guard abs(Date().timeIntervalSince1970 - made) < PasskeyForm.longest else { return nil }
        return PasskeyQuestion(challenge: PasskeyQuestion.challenge(formKey: formKey, submission: submission), origin: gateway.publicURL)
    }
}

extension FormData {
    /// Bytes a script put into a field; none when it is missing or no base64url.
    func bytes(_ name: String) -> Data { self[name].flatMap { Data(base64URL: $0, atMost: 16_384) } ?? Data() }
}

/// The other way in, below the password: hidden where no passkey can be.
public func passkeySignIn(_ destination: LocalPath?, in frame: Frame) -> HTML {
    let t = frame.t
    return PasskeyForm(
        act: .use, path: "/sign-in/passkey", formKey: frame.formKey, failed: t("passkey.failed"),
        body: """
            \(LocalPath.field(destination))<p><button class="btn btn-plain">\(t("passkey.sign-in"))</button></p>
            """
    ).html
}

/// What the sign-in page says of an answer that was not good.
public func passkeyNotTaken(_ t: Wording) -> ErrorSummary { ErrorSummary(title: t("passkey.not-taken"), text: t("passkey.not-taken-help")) }

/// One's passkeys, and the way to another.
func passkeys(_ view: SecurityView, account: String, zone: Zone, _ frame: Frame) -> HTML {
    let t = frame.t
    let lines = view.passkeys ?? []
    let rows: HTML = """
        \(each: lines, { line in
            let used = line.lastUsed.map { t("security.last-used", ["time": t.dateAndTime(Moment($0, in: zone), .full)]) } ?? t("passkey.not-used")
            return """
                <li class="stack-s"><p class="strong" translate="no">\(line.label)</p>\
                <p class="plain">\(t("passkey.added-on", ["date": t.date(Moment(line.added, in: zone).day, .long)])) \(used)</p>\
                \(Form(to: "/security/passkeys/remove", formKey: frame.formKey, style: "", """
                    <input type="hidden" name="passkey" value="\(line.passkey)">\
                    <button class="btn btn-plain">\(t("passkey.remove"))<span class="hide" translate="no">: \(line.label)</span></button>
                    """))</li>
                """
        })
        """
    let attributes: HTML = """
         data-user="\(account)" data-name="\(view.username)" data-known="\(lines.map(\.credential.base64URL).joined(separator: " "))"
        """
    let add = PasskeyForm(
        act: .add, path: "/security/passkeys", formKey: frame.formKey, attributes: attributes, failed: t("passkey.failed"),
        body: """
            \(Field("label", t("passkey.label"), hint: t("passkey.label-hint"), autocomplete: "off", width: .middle, maximumLength: 60))\
            <p><button class="btn btn-plain">\(t("passkey.add"))</button></p>
            """)
    return """
        <section class="card stack" aria-labelledby="passkeys"><h2 id="passkeys">\(t("passkey.title")) \
        \(ShownOf(lines.count, of: lines.count, t))</h2><p>\(t("passkey.help"))</p>\
        \(when: !lines.isEmpty, "<ul class=\"rows\">\(rows)</ul>")\(add.html)</section>
        """
}

extension ID {
    /// What an authenticator knows an account by: its id's bytes, as base64url.
    var passkeyUser: String { withUnsafeBytes(of: uuid.uuid) { Data($0) }.base64URL }
}
