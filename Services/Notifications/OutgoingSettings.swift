internal import Foundation
internal import ServiceHost

/// How messages leave (all with the prefix `CHARTLINE_`). A channel without its first setting is off, and its intents say so.
/// - `SMTP_HOST`, `SMTP_PORT`, `SMTP_USER`, `SMTP_PASSWORD_FILE`, `SMTP_CA_FILE`, `SMTP_FROM`, `SMTP_DKIM_SELECTOR`, `SMTP_DKIM_KEY_FILE`
/// - `BOUNCES_FOLDER`: the Maildir of the sender's address, where mail servers send back what they could not deliver
/// - `SMS_URL`, `SMS_ACCOUNT`, `SMS_TOKEN_FILE`, `SMS_FROM`, `SMS_REPLIES`
/// - `PORTAL_URL`, `CLINIC_URL`: where the links in messages to patients and to staff lead
struct OutgoingSettings: Sendable {
    var mail: MailSettings?
    var text: TextSettings?
    var portal: String
    var clinic: String?
    /// Nil where nothing comes back to this machine.
    var bounces: String?

    init(_ settings: Settings) {
        portal = settings.string("portal.url", "address of the portal, for the links in messages")
        clinic = settings.optionalString("clinic.url", "address of the clinic's workspace, for the links in messages to staff; none without it")
        bounces = settings.optionalString("bounces.folder", "Maildir of the sender's address; undelivered e-mails are noticed only with it")
        let host = settings.optionalString("smtp.host", "name or address of the mail server; no e-mail without it")
        let port = settings.port("smtp.port", "port of the mail server", default: 587)
        let user = settings.optionalString("smtp.user", "user at the mail server; no sign-in without it")
        let password = settings.optionalSecret("smtp.password.file", "file with that user's password")
        let caFile = settings.optionalString("smtp.ca.file", "certificate authority of the mail server, if not one the system trusts")
        let from = settings.optionalString("smtp.from", "sender of e-mails: Some Clinic <name@clinic.example>")
        let selector = settings.optionalString("smtp.dkim.selector", "where in the sender's domain the key stands that e-mails are signed with")
        let dkim = settings.optionalString("smtp.dkim.key.file", "file with that key, RSA in PEM; without it nothing is signed here")
        if let host {
            if let address = from.flatMap(EmailAddress.init) {
                mail = MailSettings(host: host, port: port, user: user, password: password, caFile: caFile, from: address)
            } else {
                settings.problem("smtp.from", "is needed with SMTP_HOST: Some Clinic <name@clinic.example>")
            }
            if let selector, let dkim {
                // A key has several lines.
                do { mail?.signer = try MailSigner(selector: selector, pem: String(contentsOfFile: dkim, encoding: .utf8)) } catch {
                    settings.problem("smtp.dkim.key.file", "holds no RSA key of 2048 bits or more in PEM")
                }
            }
            if (selector == nil) != (dkim == nil) { settings.problem("smtp.dkim.selector", "and SMTP_DKIM_KEY_FILE are needed together") }
            if (user == nil) != (password == nil) { settings.problem("smtp.user", "and SMTP_PASSWORD_FILE are needed together") }
        }

        let url = settings.optionalString("sms.url", "address of the text-message provider's API; no text messages without it")
        let account = settings.optionalString("sms.account", "account at the provider")
        let token = settings.optionalSecret("sms.token.file", "file with that account's token")
        let number = settings.optionalString("sms.from", "number text messages come from: +13125550100")
        let replies = settings.bool(
            "sms.replies", "true where the provider tells the portal of texts to that number, at /hooks/texts: then texts ask for answers",
            default: false)
        guard let url else { return }
        // In clear to nobody but this machine, where the demo's provider is.
        guard ["https://", "http://127.0.0.1:", "http://localhost:"].contains(where: url.hasPrefix) else {
            settings.problem("sms.url", "does not begin with https://")
            return
        }
        guard let account, let token, let number, Texter.isNumber(number) else {
            settings.problem("sms.url", "needs SMS_ACCOUNT, SMS_TOKEN_FILE and SMS_FROM with it")
            return
        }
        text = TextSettings(
            url: url.hasSuffix("/") ? String(url.dropLast()) : url, account: account, token: token, from: number, callbacks: portal,
            takesReplies: replies)
    }

    /// Channels that are not set up.
    var off: Set<Channel> { Set((mail == nil ? [.email] : []) + (text == nil ? [.sms] : [])) }

    /// Reads what comes back; nil where nothing does.
    func bounceReader(_ service: Service) -> BounceReader? {
        guard let bounces, let mail else { return nil }
        return BounceReader(folder: URL(filePath: bounces), domain: mail.from.domain, database: service, logger: service.logger)
    }

    /// A sender a channel, so that one provider's trouble holds up only its own channel; and one of letters about accounts, by the same mail server,
    /// and of texts that are not planned with a visit.
    func senders(
        _ service: Service, _ wishes: Wishes, _ links: VisitLinks, _ now: @escaping @Sendable () -> Date
    ) throws -> [(name: String, run: @Sendable () async throws -> Void)] {
        let mailer = mail.map(Mailer.init)
        let catalogue = try Catalogue.bundled()
        let clinics = Clinics(service.bus)
        let texter = text.map { Texter($0) }
        let routes: [(Channel, any Route)] = [
            (.email, EmailRoute(mailer: mailer)), (.sms, TextRoute(texter: texter, numbers: wishes.numbers)),
        ]
        let letters = LetterSender(
            database: service, bus: service.bus, mailer: mailer, clinics: clinics, catalogue: catalogue, portal: portal, links: links, clinic: clinic,
            logger: service.logger, now: now)
        let visits = routes.map { channel, route in
            Sender(
                channel: channel, route: route, ledger: IntentLedger(database: service), bus: service.bus, clinics: clinics, catalogue: catalogue,
                portal: portal, numbers: wishes.numbers, links: links, logger: service.logger, now: now)
        }
        let notices = TextNoticeSender(
            database: service, bus: service.bus, texter: texter, numbers: wishes.numbers, clinics: clinics, catalogue: catalogue, portal: portal,
            logger: service.logger, now: now)
        return [("letters", letters.run), ("notices", notices.run)] + visits.map { ($0.channel.rawValue, $0.run) }
    }
}
