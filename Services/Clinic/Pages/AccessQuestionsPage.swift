import Contracts
import Foundation
import Web

struct AccessQuestionsView: Sendable {
    var questions: [AccessQuestion]
    var open: Int
    /// Who is missing here may not be known, or records does not answer.
    var patients: [ID<Patient>: String]
    /// One has just been answered.
    var wasAnswered = false
    /// An answer that could not be taken, and what was typed.
    var refused: (question: ID<Question>, why: QuestionRefusal, text: String)?
    var now: Moment
}

/// `GET /privacy/questions`: what patients ask about accesses to their records.
func accessQuestionsPage(_ view: AccessQuestionsView, in frame: Frame) -> HTML {
    let t = frame.t
    let waiting = view.questions.filter { $0.answered == nil }
    let answered = view.questions.filter { $0.answered != nil }
    return frame.page(
        title: t("questions.title"), hasErrors: view.refused != nil,
        """
        <div class="stack"><div class="cluster apart"><h1>\(t("questions.title"))</h1>\(Action(t("privacy.title"), to: "/privacy", .plain))</div>\
        \(when: view.wasAnswered, Note(.ok, announcement: .status, "<p>\(t("questions.done"))</p>").html)\
        \(when: view.refused != nil, ErrorSummary(errors(view, t), t).html)\
        <section class="stack-s" aria-labelledby="open"><h2 id="open">\(t("questions.open")) \(ShownOf(waiting.count, of: view.open, t))</h2>\
        \(waiting.isEmpty ? Empty(t("questions.none"), t("questions.none-help")).html : list(waiting, view, frame))</section>\
        \(when: !answered.isEmpty, """
            <section class="stack-s" aria-labelledby="closed"><h2 id="closed">\(t("questions.closed"))</h2>\(list(answered, view, frame))</section>
            """)</div>
        """)
}

private func errors(_ view: AccessQuestionsView, _ t: Wording) -> [FieldError] {
    view.refused.map { [FieldError("text-\($0.question)", t($0.why == .tooLong ? "questions.too-long" : "questions.empty"))] } ?? []
}

private func list(_ questions: [AccessQuestion], _ view: AccessQuestionsView, _ frame: Frame) -> HTML {
    let t = frame.t
    return """
        <ul class="grid">\(each: questions, { question in
            let patient: HTML = view.patients[question.patient].map { "<span translate=\"no\">\($0)</span>" } ?? t("privacy.patient-missing")
            return """
                <li class="card stack-s"><h3>\(patient)</h3>\
                \(facts(question, view, t))\
                \(when: question.answered == nil, form(question, view, frame))</li>
                """
        })</ul>
        """
}

private func facts(_ question: AccessQuestion, _ view: AccessQuestionsView, _ t: Wording) -> Facts {
    func time(_ date: Date) -> HTML { t.nearDateAndTime(Moment(date, in: view.now.zone), from: view.now) }
    let access = question.access
    let about: HTML = """
        \(t.openingPerson(name: access.name, role: access.role)), \(t.openingRole(access.role)), \(time(access.at)): \
        \(t.openingAction(access.action)). \(t.openingReason(purpose: access.purpose, basis: access.basis))
        """
    let asked: [(name: HTML, value: HTML)] = [
        (t("questions.access"), about), (t("questions.asked"), time(question.asked)),
        (t("questions.text"), "<span translate=\"no\">\(question.text)</span>"),
    ]
    guard let answered = question.answered else { return Facts(asked) }
    return Facts(
        asked + [
            (t("questions.answered"), time(answered)), (t("questions.answer"), "<span translate=\"no\">\(question.answer)</span>"),
        ])
}

private func form(_ question: AccessQuestion, _ view: AccessQuestionsView, _ frame: Frame) -> HTML {
    let t = frame.t
    let name = "text-\(question.id)"
    let typed = view.refused.flatMap { $0.question == question.id ? $0.text : nil } ?? ""
    return Form(to: "/privacy/questions/\(question.id)/answer", formKey: frame.formKey, style: "stack-s", """
        \(Field(name, t("questions.your-answer"), .lines, hint: t("questions.hint"), value: typed, autocomplete: "off", maximumLength: 2_000)
            .marked(errors(view, t), t))\
        <input type="hidden" name="patient" value="\(question.patient)">\
        <p><button class="btn">\(t("questions.send"))</button></p>
        """).html
}
