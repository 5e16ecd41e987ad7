public import Contracts
public import Foundation

/// What somebody wants to be written about, as boxes to tick, and below what they said before. In both gateways the fields have the same names.
public struct MessageChoices: Part {
    public let html: HTML

    /// - Parameters:
    ///   - path: where the form goes.
    ///   - now: in the clinic's zone.
    public init(_ preferences: Preferences, to path: String, formKey: String, now: Moment, _ t: Wording) {
        var topics: [MessageTopic] = []
        for choice in preferences.choices where !topics.contains(choice.topic) { topics.append(choice.topic) }
        let always = Choice(
            .checkbox, name: "always", value: "", t("preferences.by-email"), detail: t("preferences.always"), isChecked: true, isDisabled: true)
        let form = Form(to: path, formKey: formKey, style: "card stack", """
            <input type="hidden" name="version" value="\(preferences.version)">\
            \(each: topics, { topic in
                """
                <fieldset class="stack-s"><legend>\(t.messageTopic(topic))</legend>\
                \(each: preferences.choices.filter { $0.topic == topic }, { Self.box($0, t) })</fieldset>
                """
            })<fieldset class="stack-s"><legend>\(t.messageTopic(.accountSecurity))</legend>\(always)</fieldset>\
            <p><button class="btn">\(t("preferences.save"))</button></p>
            """)
        html = "\(Self.stopped(preferences, now, t))\(form)\(Self.history(preferences.changes, now, t))"
    }

    private static func box(_ choice: MessageChoice, _ t: Wording) -> HTML {
        let value = "\(choice.topic.rawValue)/\(choice.channel.rawValue)"
        let daily: HTML? = choice.canBeDaily
            ? """
            <input type="hidden" name="daily-offered" value="\(value)">\
            \(Choice(
                .checkbox, name: "daily", value: value, t("preferences.daily"), detail: t("preferences.daily-help"), isChecked: choice.daily == true))
            """ : nil
        return """
            <input type="hidden" name="offered" value="\(value)">\
            \(Choice(.checkbox, name: "want", value: value, t.messageChannel(choice.channel), isChecked: choice.wanted))\(daily)
            """
    }

    private static func stopped(_ preferences: Preferences, _ now: Moment, _ t: Wording) -> Note? {
        preferences.textsStopped.map { since in
            let how = preferences.textsFrom.map { "<p>\(t("preferences.start", ["number": $0]))</p>" as HTML }
            return Note(.warn, """
                <p class="strong">\(t("preferences.stopped", ["date": t.date(Moment(since, in: now.zone).day, .long)]))</p>\(how)
                """)
        }
    }

    private static func history(_ changes: [PreferenceChange], _ now: Moment, _ t: Wording) -> HTML? {
        guard !changes.isEmpty else { return nil }
        return """
            <section class="card stack-s" aria-labelledby="said"><h2 id="said">\(t("preferences.said")) \
            \(ShownOf(changes.count, of: changes.count, t))</h2><ol class="rows">\(each: changes, { line($0, now, t) })</ol></section>
            """
    }

    private static func line(_ change: PreferenceChange, _ now: Moment, _ t: Wording) -> HTML {
        var what = change.choices.map { choice in
            let (topic, channel) = (t.messageTopic(choice.topic), t.messageChannel(choice.channel))
            if choice.wanted, choice.daily == true { return t("preferences.wanted-daily", ["topic": topic, "channel": channel]) }
            return choice.wanted
                ? t("preferences.wanted", ["topic": topic, "channel": channel]) : t("preferences.unwanted", ["topic": topic, "channel": channel])
        }
        if let texts = change.texts { what.append(texts ? t("preferences.texts-started") : t("preferences.texts-stopped")) }
        let means =
            switch change.means {
            case "portal": t("preferences.in-portal")
            case "clinic": t("preferences.at-clinic")
            case "one-click": t("preferences.by-one-click")
            default: t("preferences.by-reply")
            }
        return """
            <li>\(each: what, { "<p>\($0)</p>" })\(change.words.map { "<blockquote><p translate=\"no\">\($0)</p></blockquote>" as HTML })\
            <p class="plain">\(t.dateAndTime(Moment(change.at, in: now.zone), .short)) · \(means)</p></li>
            """
    }
}

extension Wording {
    /// What a message is about.
    public func messageTopic(_ topic: MessageTopic) -> HTML {
        switch topic {
        case .visitReminders: self("preferences.visit-reminders")
        case .visitChanges: self("preferences.visit-changes")
        case .recordNews: self("preferences.record-news")
        case .messages: self("preferences.messages")
        case .bills: self("preferences.bills")
        case .accountSecurity: self("preferences.account-security")
        }
    }

    func messageChannel(_ channel: MessageChannel) -> HTML {
        switch channel {
        case .email: self("preferences.by-email")
        case .sms: self("preferences.by-text")
        }
    }
}

extension ChangePreferences {
    /// From the form: what was offered, and of that what is ticked. - Returns: nil for a form that is none of ours.
    public init?(_ form: FormData, of patient: ID<Patient>, key: UUID) {
        guard let version = form.number("version") else { return nil }
        let wanted = Set(form.all("want"))
        let (canBeDaily, daily) = (Set(form.all("daily-offered")), Set(form.all("daily")))
        let choices = form.all("offered").compactMap { code -> MessageChoice? in
            let parts = code.split(separator: "/").map(String.init)
            guard parts.count == 2, let topic = MessageTopic(rawValue: parts[0]), let channel = MessageChannel(rawValue: parts[1]) else { return nil }
            return MessageChoice(topic, channel, wanted: wanted.contains(code), daily: canBeDaily.contains(code) ? daily.contains(code) : nil)
        }
        guard !choices.isEmpty else { return nil }
        self.init(patient: patient, version: version, choices: choices, key: key)
    }
}
