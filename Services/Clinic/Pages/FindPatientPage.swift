import Contracts
import Web

struct FindPatientView: Sendable {
    /// What was typed; empty before the first search.
    var text = ""
    /// Nil before the first search.
    var found: FoundPatients?
    var today: Day
    /// Whoever sees this looks after requests for accounts.
    var mayInvite = false
    /// Whose it is to call whom no message has reached.
    var isAtDesk = false
}

/// `GET /patients`, `POST /patients`: one box for name, birth date, record number and phone.
func findPatientPage(_ view: FindPatientView, in frame: Frame) -> HTML {
    let t = frame.t
    let box = Form(
        to: "/patients", formKey: frame.formKey, style: "toolbar",
        """
        \(Field("q", t("find.label"), .search, hint: t("find.hint"), value: view.text, autocomplete: "off", width: .middle, maximumLength: 100))\
        <button class="btn">\(t("find.button"))</button>
        """)
    return frame.page(
        title: t("find.title"),
        """
        <div class="stack"><h1>\(t("find.title"))</h1>\(box)\(view.found.map { list($0, view.today, t) })\
        \(when: view.mayInvite, """
            <p class="cluster">\(Action(t("requests.title"), to: "/account-requests", .plain))\
            \(Action(t("changes.title"), to: "/changes", .plain))\
            \(when: view.isAtDesk, Action(t("unreached.title"), to: "/unreached", .plain).html)</p>
            """)</div>
        """)
}

private func list(_ found: FoundPatients, _ today: Day, _ t: Wording) -> HTML {
    guard !found.patients.isEmpty else { return Empty(t("find.none"), t("find.none-help")).html }
    let table = CardTable(
        caption: t("find.found"), hidesCaption: true,
        columns: [
            .init(t("patient.name")), .init(t("patient.born")), .init(t("patient.record-number")), .init(t("patient.sex")),
            .init(t("patient.phone")), .init(t("patient.state")),
        ],
        rows: found.patients.enumerated().map { place, patient in
            let key: HTML? = place == 0 ? " accesskey=\"1\"" : nil
            return [
                """
                \(when: patient.photo == true, face("", patient.photoAddress))\
                <a class="strong target"\(key) translate="no" href="/patients/\(patient.id)">\(patient.family), \(patient.given)</a>
                """,
                born(patient, today, t), patient.mrn.map { HTML(text: $0) } ?? t("patient.not-known"),
                patient.gender.map { t.gender($0) } ?? t("patient.not-known"), patient.phone.map { HTML(text: $0) } ?? t("patient.not-known"),
                state(patient, t),
            ]
        })
    return """
        <section class="panel" aria-labelledby="found"><header><h2 id="found">\(t("find.found"))</h2>\
        \(ShownOf(found.patients.count, of: found.total, t))</header>\(table)\
        \(when: found.total > found.patients.count, "<p class=\"plain\">\(t("find.more"))</p>")</section>
        """
}

private func state(_ patient: PatientSummary, _ t: Wording) -> HTML {
    if patient.practice == true { return "\(Tag(.warn, t("who.practice")))" }
    return patient.deceased ? "\(Tag(.bad, t("patient.deceased")))" : t("patient.living")
}

/// "14 Mar 1961 (65 y)".
func born(_ patient: PatientSummary, _ today: Day, _ t: Wording) -> HTML {
    guard let birth = patient.birthDate.flatMap({ Day($0) }) else { return t("patient.not-known") }
    guard !patient.deceased, let age = birth.years(until: today) else { return t.date(birth, .short) }
    return t("patient.born-and-age", ["date": t.date(birth, .short), "age": age])
}
