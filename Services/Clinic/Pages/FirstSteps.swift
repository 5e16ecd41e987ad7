import Access
import Contracts
import Web

/// What somebody who is new here tries first. The raw value names the text.
enum FirstStep: String, CaseIterable, Sendable {
    case find, chart, note, order, prescribe, allergy, vitals, invite, visits, book, requests, hours
    case visitTypes = "visit-types"
    case templates, colleague, report

    /// At most five, in the order a day brings them.
    static func of(_ role: Role) -> [FirstStep] {
        switch role {
        case .clinician: [.find, .chart, .note, .order, .prescribe]
        case .nurse: [.find, .chart, .allergy, .vitals, .invite]
        case .frontDesk: [.find, .visits, .book, .invite, .requests]
        case .billingOffice: [.find]
        case .administrator: [.hours, .visitTypes, .templates, .colleague, .report]
        case .patient, .operator, .worker, .anonymous: []
        }
    }

    /// What the trail says once it is done: the message that does it.
    var action: String {
        switch self {
        case .find: FindPatients.name
        case .chart: ReadChart.name
        case .note: SignNote.name
        case .order: PlaceOrder.name
        case .prescribe: Prescribe.name
        case .allergy: KeepEntry.name
        case .vitals: RecordVitals.name
        case .invite: InviteToPortal.name
        case .visits: ReadAppointments.name
        case .book: BookAppointment.name
        case .requests: ReadDemographicRequests.name
        case .hours: KeepHours.name
        case .visitTypes: KeepVisitType.name
        case .templates: KeepNoteTemplate.name
        case .colleague: InviteStaff.name
        case .report: ReadTrail.name
        }
    }

    /// Where it is done. - Parameter practice: nil where the clinic has no practice patient; then one is found first.
    func path(with practice: ID<Patient>?) -> String {
        let chart = practice.map { "/patients/\($0)" }
        return switch self {
        case .find: "/patients"
        case .chart, .visits: chart ?? "/patients"
        case .note, .vitals: chart.map { "\($0)/encounters/new" } ?? "/patients"
        case .order: chart.map { "\($0)/orders/new" } ?? "/patients"
        case .prescribe: chart.map { "\($0)/prescriptions/new" } ?? "/patients"
        case .allergy: chart.map { "\($0)/entries/new?kind=allergy" } ?? "/patients"
        case .invite: chart.map { "\($0)/invite" } ?? "/patients"
        case .book: chart.map { "\($0)/visits/new" } ?? "/patients"
        case .requests: "/changes"
        case .hours: "/settings/hours"
        case .visitTypes: "/settings/visit-types"
        case .templates: "/settings/templates"
        case .colleague: "/accounts"
        case .report: "/privacy"
        }
    }

    func title(_ t: Wording) -> HTML {
        switch self {
        case .find: t("first.find")
        case .chart: t("first.chart")
        case .note: t("first.note")
        case .order: t("first.order")
        case .prescribe: t("first.prescribe")
        case .allergy: t("first.allergy")
        case .vitals: t("first.vitals")
        case .invite: t("first.invite")
        case .visits: t("first.visits")
        case .book: t("first.book")
        case .requests: t("first.requests")
        case .hours: t("first.hours")
        case .visitTypes: t("first.visit-types")
        case .templates: t("first.templates")
        case .colleague: t("first.colleague")
        case .report: t("first.report")
        }
    }
}

struct FirstStepsView: Sendable {
    var steps: [FirstStep]
    /// Messages the trail says they have had answered.
    var done: Set<String> = []
    /// Whom they practise on.
    var practice: PatientSummary?
    var isAway = false

    var left: [FirstStep] { steps.filter { !done.contains($0.action) } }
}

/// On the first page: what to try, what of it is done, and how to put the list away; put away, how to bring it back.
func firstSteps(_ view: FirstStepsView, in frame: Frame) -> HTML {
    let t = frame.t
    func putting(_ away: HTML, _ label: HTML) -> Form {
        Form(
            to: "/first-steps", formKey: frame.formKey, style: "no-print",
            """
            <input type="hidden" name="away" value="\(away)"><button class="btn btn-plain">\(label)</button>
            """)
    }
    guard !view.isAway else { return putting("no", t("first.bring-back")).html }
    let whom = view.practice.map { patient in
        let link: HTML = "<a class=\"target\" translate=\"no\" href=\"/patients/\(patient.id)\">\(patient.family), \(patient.given)</a>"
        return "<p>\(t("first.practise", ["patient": link]))</p>" as HTML
    }
    let next = view.left.first
    return """
        <section class="panel" aria-labelledby="first-steps"><header><h2 id="first-steps">\(t("first.title"))</h2>\
        <span class="of">\(t("first.count", ["done": view.steps.count - view.left.count, "total": view.steps.count]))</span></header>\
        <p class="plain">\(view.left.isEmpty ? t("first.all-done") : t("first.help"))</p>\(whom)\
        <ol class="line">\(each: view.steps, { step in
            let isDone = view.done.contains(step.action)
            return """
                <li\(when: step == next, " class=\"now\"")><div class="cluster apart">\
                <a class="target" href="\(step.path(with: view.practice?.id))">\(step.title(t))</a>\
                \(isDone ? Tag(.ok, t("first.done")) : Tag(.plain, t("first.not-yet")))</div></li>
                """
        })</ol>\(putting("yes", t("first.put-away")))</section>
        """
}
