internal import Contracts
internal import Foundation

/// What a message may say. Subject and text message are read on a locked screen: they hold the clinic's name, the time and a link, nothing else.
struct Wording: Sendable {
    let catalogue: Catalogue
    let language: Language
    let clinic: ClinicWords
    /// Where patients sign in.
    let portal: String

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
        let invitation = text("\(kind.rawValue).email.4")
        var end = clinic.phone.map { [text("email.call", ["phone": $0])] } ?? []
        end += [clinic.name ?? text("clinic.unknown"), text("email.end")]
        let all = paragraphs + ["\(invitation)\n\(portal)"] + end
        let link = "\(escape(invitation))<br><a href=\"\(escape(portal))\">\(escape(portal))</a>"
        let html = (paragraphs.map(escape) + [link] + end.map(escape)).map { "<p>\($0)</p>" }.joined(separator: "\n")
        let subject = text("\(kind.rawValue).subject", ["date": time.date])
        return Email(
            subject: subject, text: all.joined(separator: "\n\n") + "\n",
            html:
                "<!DOCTYPE html>\n<html lang=\"\(language.rawValue)\">\n<head><title>\(escape(subject))</title></head>\n<body>\n"
                + "\(html)\n</body>\n</html>\n"
        )
    }

    func sms(_ kind: Kind, _ time: VisitTime) -> String {
        let clinic = clinic.name ?? catalogue.text("clinic.unknown", in: language)
        return catalogue.text("\(kind.rawValue).sms", in: language, ["clinic": clinic, "when": time.when, "link": portal])
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
}
