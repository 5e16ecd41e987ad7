import Contracts
import Web

/// What was typed for a pool.
struct PoolForm: Sendable {
    /// As a field's value says it: not in the pool; in it, and nobody covers.
    static let (outside, uncovered) = ("", "alone")

    var zone: String
    /// Hours of work until an answer is there.
    var hours: String
    /// Monday first: `09:00-12:30, 13:00-17:00`.
    var days: [String]
    /// By practitioner: one of the above, or `Practitioner/` and who covers.
    var members: [ID<Practitioner>: String]
    var lead: String

    init(_ pool: PoolLine) {
        zone = pool.zone ?? ""
        hours = "\(pool.answerMinutes / 60)"
        days = (1...7).map { weekday in HoursForm.text(pool.hours, of: weekday) }
        members = Dictionary(
            pool.members.map { ($0.practitioner, $0.cover.map(Self.value) ?? Self.uncovered) }, uniquingKeysWith: { first, _ in first })
        lead = pool.lead.map(Self.value) ?? ""
    }

    init(_ form: FormData, _ directory: Directory?) {
        (zone, hours, lead) = (form.trimmed("zone"), form.trimmed("hours"), form.trimmed("lead"))
        days = (1...7).map { form.trimmed("day-\($0)") }
        members = Dictionary(
            (directory?.practitioners ?? []).map { ($0.id, form.trimmed("member-\($0.id)")) }, uniquingKeysWith: { first, _ in first })
    }

    static func value(_ practitioner: ID<Practitioner>) -> String { "Practitioner/\(practitioner)" }
    static func practitioner(_ value: String) -> ID<Practitioner>? { ID(String(value.drop { $0 != "/" }.dropFirst())) }

    /// The pool as it is to be; nil where something cannot be read.
    func changed(_ pool: PoolLine) -> PoolLine? {
        let blocks = days.indices.map { HoursForm.blocks(days[$0], weekday: $0 + 1) }
        guard let hours = Int(hours), (1...160).contains(hours), !blocks.contains(where: { $0 == nil }) else { return nil }
        var changed = pool
        (changed.zone, changed.answerMinutes, changed.hours) = (zone, hours * 60, blocks.flatMap { $0 ?? [] })
        changed.members = members.filter { $0.value != Self.outside }.sorted { $0.key < $1.key }.map { practitioner, value in
            PoolLine.Member(practitioner: practitioner, cover: Self.practitioner(value))
        }
        changed.lead = Self.practitioner(lead)
        return changed
    }
}

struct PoolView: Sendable {
    var pool: PoolLine
    var typed: PoolForm
    /// Something typed cannot be read.
    var isUnreadable = false
    var refusal: PoolRefusal?
    var directory: Directory?
    var names: ClinicNames
}

/// `GET /settings/pools`: who answers patients' messages, and until when.
func poolsPage(_ pools: [PoolLine], _ answered: [AnswerTimes], wasKept: Bool, in frame: Frame) -> HTML {
    let t = frame.t
    return frame.page(title: t("pools.title"), """
        <div class="stack"><h1>\(t("pools.title"))</h1><p class="plain">\(t("pools.help"))</p>\
        \(when: wasKept, Note(.ok, announcement: .status, "<p>\(t("pools.kept"))</p>").html)\
        <ul class="rows panel">\(each: pools, { pool in
            """
            <li><p><a class="target" href="/settings/pools/\(pool.code)">\(t.pool(pool.code))</a></p>\
            <p class="plain">\(t("pools.line", ["hours": pool.answerMinutes / 60, "members": pool.members.count]))</p>\
            \(answered.first { $0.pool == pool.code }.map { times in
                let (half, most) = (duration(times.median, t), duration(times.p95, t))
                return "<p class=\"plain\">\(t("pools.answered", count: times.count, ["half": half, "most": most]))</p>" as HTML
            })</li>
            """
        })</ul></div>
        """)
}

/// `95 min`, `3 h`, `2 h 5 min`
private func duration(_ minutes: Int, _ t: Wording) -> HTML {
    let (hours, rest) = (minutes / 60, minutes % 60)
    return switch (hours, rest) {
    case (0, _): t("pools.minutes", ["minutes": rest])
    case (_, 0): t("pools.hours", ["hours": hours])
    default: t("pools.hours-minutes", ["hours": hours, "minutes": rest])
    }
}

/// `GET /settings/pools/{code}`: its hours, who is in it, and who covers for whom.
func poolPage(_ view: PoolView, in frame: Frame) -> HTML {
    let t = frame.t
    let errors = errors(view, t)
    let people = view.directory?.practitioners ?? []
    func others(than one: ID<Practitioner>?) -> [(value: String, label: HTML)] {
        people.filter { $0.id != one }.map { (value: PoolForm.value($0.id), label: view.names.clinician($0.id, t)) }
    }
    let days: HTML = """
        \(each: zip(1...7, view.typed.days), { weekday, typed in
            Field("day-\(weekday)", t.weekday(weekday), value: typed, autocomplete: "off", width: .middle, maximumLength: 100).html
        })
        """
    let states: [(value: String, label: HTML)] = [(PoolForm.outside, t("pools.outside")), (PoolForm.uncovered, t("pools.uncovered"))]
    let members: HTML = """
        \(each: people, { person in
            Select(
                "member-\(person.id)", "<span translate=\"no\">\(view.names.clinician(person.id, t))</span>",
                states + others(than: person.id).map { (value: $0.value, label: t("pools.covered", ["who": $0.label])) },
                chosen: view.typed.members[person.id] ?? PoolForm.outside).html
        })
        """
    return frame.page(title: t.pool(view.pool.code), hasErrors: !errors.isEmpty, """
        <div class="wrap-narrow stack"><p><a class="crumb" href="/settings/pools">\(t("pools.title"))</a></p><h1>\(t.pool(view.pool.code))</h1>\
        \(when: !errors.isEmpty, ErrorSummary(errors, t).html)\
        \(Form(to: "/settings/pools/\(view.pool.code)", formKey: frame.formKey, style: "card stack", """
            \(Field("zone", t("pools.zone"), value: view.typed.zone, autocomplete: "off", width: .middle, maximumLength: 60).marked(errors, t))\
            \(Field("hours", t("pools.answer-hours"), hint: t("pools.hours-hint"), value: view.typed.hours, autocomplete: "off", width: .short,
                maximumLength: 3).marked(errors, t))\
            <fieldset class="stack-s"><legend>\(t("pools.week"))</legend><p class="hint">\(t("pools.week-help"))</p>\(days)</fieldset>\
            \(when: view.pool.code == "care", """
                <fieldset class="stack-s"><legend>\(t("pools.members"))</legend><p class="hint">\(t("pools.members-help"))</p>\(members)</fieldset>\
                \(Select("lead", t("pools.lead"), [(value: "", label: t("pools.no-lead"))] + others(than: nil), chosen: view.typed.lead))
                """)\
            <input type="hidden" name="version" value="\(view.pool.version)"><p><button class="btn">\(t("pools.save"))</button></p>
            """))</div>
        """)
}

private func errors(_ view: PoolView, _ t: Wording) -> [FieldError] {
    if view.isUnreadable { return [FieldError("hours", t("pools.unreadable"))] }
    switch view.refusal {
    case .unknownZone: return [FieldError("zone", t("pools.zone-unknown"))]
    case .invalidHours: return [FieldError("day-1", t("pools.unreadable"))]
    case .invalidMembers: return [FieldError("hours", t("pools.members-wrong"))]
    case .changedMeanwhile: return [FieldError("", t("pools.meanwhile"))]
    case .notFound, nil: return []
    }
}
