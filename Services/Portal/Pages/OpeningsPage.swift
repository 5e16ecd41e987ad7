import Contracts
import Foundation
import Web

struct OpeningsView: Sendable {
    var accesses: Accesses
    /// What left the clinic about the record, newest first, and how much that is.
    var disclosures = ReadDisclosures.Reply(disclosures: [], total: 0)
    /// Also what the reader did, and what goes on by itself.
    var everything = false
    /// Not the newest ones.
    var isLater = false
    /// A question has just been sent.
    var wasAsked = false
    var now: Moment
}

/// What one person did at a stretch.
private struct Sitting {
    var newest: RecordAccess
    var oldest: Date
    var actions: [String]

    /// Between two accesses that belong together, at most.
    private static let gap: TimeInterval = 900

    init(_ access: RecordAccess) {
        newest = access
        oldest = access.at
        actions = [access.action]
    }

    /// - Returns: false when it is another person's, another time's or of another kind.
    mutating func take(_ access: RecordAccess) -> Bool {
        guard access.name == newest.name, access.role == newest.role, access.purpose == newest.purpose, access.basis == newest.basis,
            access.outcome == newest.outcome, oldest.timeIntervalSince(access.at) <= Self.gap
        else { return false }
        oldest = access.at
        if !actions.contains(access.action) { actions.append(access.action) }
        return true
    }

    static func all(_ accesses: [RecordAccess]) -> [Sitting] {
        var openings: [Sitting] = []
        for access in accesses {
            // A page asks several services at once, so those of others may stand between.
            let near = openings.indices.suffix(4)
            guard !near.reversed().contains(where: { openings[$0].take(access) }) else { continue }
            openings.append(Sitting(access))
        }
        return openings
    }
}

/// `GET /looked`: every opening of the record, newest first.
func openingsPage(_ view: OpeningsView, in frame: Frame) -> HTML {
    let t = frame.t
    return frame.page(
        title: t("looked.title"),
        """
        <div class="stack-l"><div class="stack"><h1>\(t("looked.title"))</h1><p class="lead">\(t("looked.lead"))</p>\
        \(when: view.wasAsked, Note(.ok, announcement: .status, "<p>\(t("looked.asked"))</p>").html)</div>\
        \(openings(view, t))\(when: !view.accesses.questions.isEmpty, questions(view, t))\
        \(when: !view.isLater, disclosures(view, t))</div>
        """)
}

private func openings(_ view: OpeningsView, _ t: Wording) -> HTML {
    let other = view.everything ? Action(t("looked.fewer"), to: "/looked", .plain) : Action(t("looked.everything"), to: "/looked?all=1", .plain)
    guard !view.accesses.accesses.isEmpty else {
        return "<section class=\"card stack\">\(Empty(t("looked.none"), t("looked.none-help")))<p>\(other)</p></section>"
    }
    let older = view.accesses.next.map {
        Action(t("looked.older"), to: "/looked?before=\($0.code)\(view.everything ? "&all=1" : "")", .plain)
    }
    return """
        <section class="card stack" aria-labelledby="openings"><h2 id="openings">\(t("looked.openings")) \
        \(ShownOf(view.accesses.accesses.count, of: view.accesses.total, t))</h2>\
        <p class="plain">\(view.everything ? t("looked.shows-everything") : t("looked.leaves-out"))</p>\(table(view, t))\
        <nav class="cluster" aria-label="\(t("looked.pages"))">\(when: view.isLater, Action(t("looked.newest"), to: "/looked", .plain).html)\
        \(older)\(other)</nav></section>
        """
}

private func table(_ view: OpeningsView, _ t: Wording) -> HTML {
    CardTable(
        caption: t("looked.openings"), hidesCaption: true,
        columns: [
            .init(t("looked.who")), .init(t("looked.when", ["zone": t.zone(view.now.zone)])), .init(t("looked.what")), .init(t("looked.why")),
            .init(t("looked.ask")),
        ],
        rows: Sitting.all(view.accesses.accesses).map { opening in
            let access = opening.newest
            let person = t.openingPerson(name: access.name, role: access.role)
            let time = when(access, view.now, t)
            return [
                "\(person)<br><span class=\"plain\">\(t.openingRole(access.role))</span>", time,
                list(opening.actions.map { t.openingAction($0) }),
                "\(t.openingReason(purpose: access.purpose, basis: access.basis)) \(t.openingOutcome(access.outcome))",
                """
                <a class="target no-print" href="/looked/ask?place=\(access.place.code)">\(t("looked.ask"))\
                <span class="hide">: \(person), \(time)</span></a>
                """,
            ]
        }
    ).html
}

private func list(_ words: [HTML]) -> HTML {
    var seen: [HTML] = []
    for word in words where !seen.contains(word) { seen.append(word) }
    return "\(each: seen.enumerated(), { "\(when: $0.offset > 0, ", ")\($0.element)" })"
}

private func when(_ access: RecordAccess, _ now: Moment, _ t: Wording) -> HTML {
    let moment = Moment(access.at, in: now.zone)
    return t.openingTime(t.nearDate(moment, from: now, otherwise: .shortWeekday), t.clock(moment))
}

private func disclosures(_ view: OpeningsView, _ t: Wording) -> HTML {
    let all = view.disclosures.disclosures
    let list: HTML = """
        <ul class="rows card">\(each: all, { one in
            """
            <li class="stack-s"><p class="strong">\(t.date(Moment(one.at, in: view.now.zone).day, .long))</p>\
            <p>\(t("looked.left-to")) <span translate="no">\(one.recipient.isEmpty ? t("looked.left-not-said") : "\(one.recipient)")</span><br>\
            \(t("looked.left-why")) <span translate="no">\(one.purpose.isEmpty ? t("looked.left-not-said") : "\(one.purpose)")</span><br>\
            \(t("looked.left-trail"))</p></li>
            """ as HTML
        })</ul>
        """
    return """
        <section class="stack" aria-labelledby="left"><h2 id="left">\(t("looked.left")) \(ShownOf(all.count, of: view.disclosures.total, t))</h2>\
        <p class="plain">\(t("looked.left-lead"))</p>\
        \(all.isEmpty ? "<div class=\"card\">\(Empty(t("looked.left-none"), t("looked.left-none-help")))</div>" : list)</section>
        """
}

private func questions(_ view: OpeningsView, _ t: Wording) -> HTML {
    let asked = view.accesses.questions
    return """
        <section class="stack" aria-labelledby="questions"><h2 id="questions">\(t("looked.questions")) \
        \(ShownOf(asked.count, of: asked.count, t))</h2>\
        <ul class="rows card">\(each: asked, { question($0, view.now, t) })</ul></section>
        """
}

private func question(_ asked: AccessQuestion, _ now: Moment, _ t: Wording) -> HTML {
    func date(_ date: Date) -> HTML { t.dateAndTime(Moment(date, in: now.zone)) }
    return """
        <li class="stack-s"><p class="strong">\(t.openingPerson(name: asked.access.name, role: asked.access.role)), \
        \(when(asked.access, now, t))</p>\
        <p>\(t("looked.you-asked", ["date": date(asked.asked)]))<br><span translate="no">\(asked.text)</span></p>\
        <p>\(asked.answered.map { t("looked.answered", ["date": date($0)]) } ?? t("looked.not-answered"))\
        \(asked.answer.map { "<br><span translate=\"no\">\($0)</span>" as HTML })</p></li>
        """
}

struct AskAboutAccessView: Sendable {
    var access: RecordAccess
    var text = ""
    var refusal: QuestionRefusal?
    var now: Moment
}

/// `GET /looked/ask`: a question about one access, to the clinic's privacy officer.
func askAboutAccessPage(_ view: AskAboutAccessView, in frame: Frame) -> HTML {
    let t = frame.t
    let errors: [FieldError] =
        switch view.refusal {
        case nil: []
        case .tooLong: [FieldError("text", t("looked.text-too-long"))]
        case .tooMany: [FieldError("", t("looked.too-many"))]
        default: [FieldError("text", t("looked.text-missing"))]
        }
    let access = view.access
    return frame.page(
        title: t("looked.ask-title"), hasErrors: !errors.isEmpty,
        """
        <div class="wrap-narrow stack"><h1>\(t("looked.ask-title"))</h1>\(when: !errors.isEmpty, ErrorSummary(errors, t).html)\
        \(Facts([
            (t("looked.who"), "\(t.openingPerson(name: access.name, role: access.role)), \(t.openingRole(access.role))"),
            (t("looked.when", ["zone": t.zone(view.now.zone)]), when(access, view.now, t)), (t("looked.what"), t.openingAction(access.action)),
            (t("looked.why"), t.openingReason(purpose: access.purpose, basis: access.basis)),
        ]))\
        \(Form(to: "/looked/ask", formKey: frame.formKey, style: "card stack", """
            \(Field("text", t("looked.text"), .lines, hint: t("looked.text-hint"), value: view.text, autocomplete: "off", maximumLength: 2_000)
                .marked(errors, t))\
            <input type="hidden" name="place" value="\(access.place.code)">\
            <p class="cluster"><button class="btn">\(t("looked.send"))</button>\(Action(t("looked.back"), to: "/looked", .link))</p>
            """))</div>
        """)
}
