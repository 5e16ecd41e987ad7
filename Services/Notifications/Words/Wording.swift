internal import Contracts
internal import Foundation

/// What a message may say. Subject and text message are read on a locked screen: they hold the clinic's name, the time and a link, nothing else.
struct Wording: Sendable {
    let catalogue: Catalogue
    let language: Language
    let clinic: ClinicWords
    /// Where patients sign in.
    let portal: String
    /// Where a patient says whether they come to the visit the message is about; nil for what is about none.
    var answer: String?
    /// Where a click ends e-mails of the kind the message is of.
    var ending: String?

    struct Email: Sendable, Equatable {
        var subject: String
        var text: String
        var html: String
    }

    /// - Parameter name: the given name; the body greets with it.
    func email(_ kind: Kind, _ time: VisitTime, name: String) -> Email {
        func text(_ key: String, _ values: [String: String] = [:]) -> String { catalogue.text(key, in: language, values) }
        var paragraphs = [text("\(kind.rawValue).email.1", ["name": name]), text("\(kind.rawValue).email.2", ["when": time.when])]
        if let place = clinic.place, catalogue.template("\(kind.rawValue).email.3", in: language) != nil {
            paragraphs.append(text("\(kind.rawValue).email.3", ["place": place]))
        }
        return whole(
            subject: text("\(kind.rawValue).subject", ["date": time.date]), paragraphs, invitation: text("\(kind.rawValue).email.4"),
            link: kind == .cancellation ? portal : answer.map { "\($0)?lang=\(language.rawValue)" } ?? portal)
    }

    /// Reminds of several visits, each with a link of its own. Whose each is stands there only where they are not all one person's.
    /// - Parameter visits: by their times.
    func email(of visits: [(name: String, visit: ToldVisit)]) -> Email {
        func text(_ key: String, _ values: [String: String] = [:]) -> String { catalogue.text(key, in: language, values) }
        let (count, date) = (String(visits.count), visits.first?.visit.time.date ?? "")
        let isOnes = Set(visits.map(\.visit.contact.patient)).count == 1
        let greeting = [text("reminder.email.1", ["name": visits.first?.name ?? ""]), text("reminder.several.email.2", ["count": count])]
        let blocks = visits.map { name, visit in
            let when = isOnes ? visit.time.when : text("reminder.several.email.of", ["name": name, "when": visit.time.when])
            let place = visit.place.map { [text("reminder.email.3", ["place": $0])] } ?? []
            return (lines: [when] + place + [text("reminder.several.email.4")], link: "\(visit.answer)?lang=\(language.rawValue)")
        }
        return whole(
            subject: text("reminder.several.subject", ["count": count, "date": date]),
            text: greeting + blocks.map { ($0.lines + [$0.link]).joined(separator: "\n") },
            html: greeting.map(escape)
                + blocks.map { ($0.lines.map(escape) + ["<a href=\"\(escape($0.link))\">\(escape($0.link))</a>"]).joined(separator: "<br>") })
    }

    /// What is told about the own account or record: of a record only that something in it changed, of a person only that they have an account here.
    /// - Parameter link: where its reader signs in. Never with a code in it: addresses are kept in logs and histories, so codes are typed.
    /// - Returns: nil for a kind this version does not know.
    func letter(_ kind: String, code: String?, link: String?) -> Email? {
        func text(_ key: String, _ values: [String: String] = [:]) -> String { catalogue.text(key, in: language, values) }
        guard catalogue.template("letter.\(kind).subject", in: language) != nil else { return nil }
        let paragraphs = [text("letter.\(kind).1", ["code": code ?? ""]), text("letter.\(kind).2")]
        let path =
            switch kind {
            case "reset", "reset-started": "/reset"
            case "invitation", "proxy-invitation": "/activate"
            case "proxy-granted", "proxy-withdrawn": "/record/access"
            case "result-amended": "/record"
            case "waitlist-offered", "visit-unkept": "/visits/waiting"
            case "message-waiting": "/messages"
            case "invoice-issued", "statement-made", "instalment-coming", "instalment-late": "/bills"
            case "account-exists", "account-requested": "/sign-in"
            default: "/security"
            }
        return whole(
            subject: text("letter.\(kind).subject"), paragraphs, invitation: text("letter.\(kind).3"), link: link.map { "\($0)\(path)" })
    }

    /// How much there is to see in the portal of each kind, and nothing of what it is.
    func digest(_ lines: [Digest.Line], link: String?) -> Email? {
        func text(_ key: String, _ values: [String: String] = [:]) -> String { catalogue.text(key, in: language, values) }
        let told = lines.filter { catalogue.template("letter.digest.\($0.kind)", in: language) != nil }
            .map { text("letter.digest.\($0.kind)", ["count": String($0.count)]) }
        guard !told.isEmpty else { return nil }
        return whole(
            subject: text("letter.digest.subject"), [text("letter.digest.1")] + told + [text("letter.digest.2")], invitation: text("letter.digest.3"),
            link: link.map { "\($0)/" })
    }

    /// The paragraphs, a sentence that leads to a link, and how every e-mail ends.
    private func whole(subject: String, _ paragraphs: [String], invitation: String, link: String?) -> Email {
        let leading = link.map { ["\(invitation)\n\($0)"] } ?? []
        let linked = link.map { ["\(escape(invitation))<br><a href=\"\(escape($0))\">\(escape($0))</a>"] } ?? []
        return whole(subject: subject, text: paragraphs + leading, html: paragraphs.map(escape) + linked)
    }

    private func whole(subject: String, text: [String], html: [String]) -> Email {
        func words(_ key: String, _ values: [String: String] = [:]) -> String { catalogue.text(key, in: language, values) }
        var end = clinic.phone.map { [words("email.call", ["phone": $0])] } ?? []
        end += clinic.closing[language.rawValue].map { [$0] } ?? []
        end += [clinic.name ?? words("clinic.unknown"), words("email.end")]
        let body = (html + end.map(escape)).map { "<p>\($0)</p>" }.joined(separator: "\n")
        return Email(
            subject: subject, text: (text + end).joined(separator: "\n\n") + "\n",
            html:
                "<!DOCTYPE html>\n<html lang=\"\(language.rawValue)\">\n<head><title>\(escape(subject))</title></head>\n<body>\n"
                + "\(body)\n</body>\n</html>\n"
        )
    }

    /// - Parameter takesReplies: asks for an answer by text.
    func sms(_ kind: Kind, _ time: VisitTime, takesReplies: Bool = false) -> String {
        let clinic = clinic.name ?? catalogue.text("clinic.unknown", in: language)
        let key = takesReplies && kind != .cancellation ? "\(kind.rawValue).sms-reply" : "\(kind.rawValue).sms"
        return catalogue.text(key, in: language, ["clinic": clinic, "when": time.when, "link": portal])
    }

    /// Reminds of several visits by their times alone, each with a link of its own: X would not say which of them is not come to.
    func sms(of visits: [ToldVisit], takesReplies: Bool = false) -> String {
        let clinic = clinic.name ?? catalogue.text("clinic.unknown", in: language)
        let key = takesReplies ? "reminder.several.sms-reply" : "reminder.several.sms"
        let head = catalogue.text(key, in: language, ["clinic": clinic, "count": String(visits.count), "date": visits.first?.time.date ?? ""])
        let lines = visits.map { catalogue.text("reminder.several.sms-visit", in: language, ["when": $0.time.when, "link": $0.answer]) }
        return ([head] + lines).joined(separator: "\n")
    }

    private func escape(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}

/// How the clinic and the place of a visit are called.
struct ClinicWords: Sendable, Equatable {
    var name: String?
    /// Name and address in one line.
    var place: String?
    var phone: String?
    /// How e-mails end, by language, in the clinic's own words.
    var closing: [String: String] = [:]
}
