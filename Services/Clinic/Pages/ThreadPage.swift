import Contracts
import Foundation
import Web

struct ThreadPageView: Sendable {
    var patient: PatientSummary
    var thread: ThreadView
    var names: ClinicNames
    var typed = ""
    var refusal: MessageRefusal?
    /// Filed already, with an answer that was not sent.
    var attached: MessageAttachment?
    /// Why the file was not taken.
    var problem: DocumentProblem?
    /// Whether the documents of charts are theirs to see.
    var opensFiles: Bool
    /// Whether bills are.
    var seesBills: Bool
    var isDone = false
    var now: Moment

    func path(of bill: ID<Invoice>) -> String? { seesBills ? "/patients/\(patient.id)/bills/\(bill)" : nil }
    func path(of document: ID<Resource>) -> String? { opensFiles ? "/patients/\(patient.id)/documents/\(document)/file" : nil }
    var path: String { "/patients/\(patient.id)/messages/\(thread.line.thread)" }
}

/// `GET /patients/{id}/messages/{thread}`: what was written, an answer, and who has it.
func threadPage(_ view: ThreadPageView, in frame: Frame) -> HTML {
    let t = frame.t
    let line = view.thread.line
    let errors = errors(view, t)
    return frame.with(banner: patientStrip(view.patient, asOf: view.now, view.now, t)).page(
        title: t("inbox.thread"), hasErrors: view.refusal != nil || view.problem != nil, script: .live, sendsPieces: view.opensFiles,
        """
        \(LiveMark("/live?patient=\(line.patient)&thread=\(line.thread)&at=\(line.position)", t))\
        <div class="sidebar"><div class="stack"><p><a class="crumb" href="/messages">\(t("inbox.title"))</a></p>\
        <h2>\(threadSubject(line, t))</h2>\
        <p class="cluster"><span class="soft">\(t.purpose(line.purpose)). \(ShownOf(view.thread.messages.count, of: view.thread.total, t))</span>\
        \(threadTags(line, t))</p>\
        \(line.invoice.flatMap { view.path(of: $0) }.map { "<p><a class=\"target\" href=\"\($0)\">\(t("inbox.the-bill"))</a></p>" as HTML })\
        \(when: view.isDone, Note(.ok, announcement: .status, "<p>\(t("inbox.done"))</p>").html)\
        \(when: !errors.isEmpty, ErrorSummary(errors, t).html)\(said(view, t))\
        \(Note(.plain, icon: .clock, "<p class=\"strong\">\(threadTurn(line, view.names, view.now, t))</p>"))\
        \(MessageList(view.thread, isPatient: false, view.names, now: view.now, t, file: { view.path(of: $0) }) { message in
            guard message.isOwn else { return nil }
            return Form(to: "\(view.path)/retract", formKey: frame.formKey, style: "no-print", """
                <input type="hidden" name="message" value="\(message.message)">\
                <button class="btn btn-link">\(t("inbox.retract"))</button>
                """).html
        })\
        \(FileForm(to: view.path, formKey: frame.formKey, style: "card stack", """
            \(Field("text", t("inbox.answer"), .lines, hint: t("inbox.answer-hint"), value: view.typed, autocomplete: "off", maximumLength: 5_000)
                .marked(errors, t))\
            <input type="hidden" name="version" value="\(line.version)">\
            \(when: view.opensFiles, MessageFileField(view.attached, view.problem, t).html)\
            <p><button class="btn">\(t("inbox.send"))<span class="hide" translate="no"> \(view.patient.name)</span></button></p>
            """).inPieces(to: "/patients/\(view.patient.id)/messages/pieces", t))</div>\(steps(view, frame))</div>
        """)
}

/// What can be done with it beside answering.
private func steps(_ view: ThreadPageView, _ frame: Frame) -> HTML {
    let t = frame.t
    let line = view.thread.line
    func step(_ body: HTML) -> HTML {
        Form(to: "\(view.path)/step", formKey: frame.formKey, style: "stack-s no-print", """
            <input type="hidden" name="version" value="\(line.version)">\(body)
            """).html
    }
    func button(_ value: String, _ label: HTML) -> HTML {
        step("<p><button class=\"btn btn-plain\" name=\"step\" value=\"\(value)\">\(label)</button></p>")
    }
    guard line.state != .closed else { return "<div class=\"stack\">\(button("reopen", t("inbox.reopen")))</div>" }
    let members = view.thread.members.map { (value: "Practitioner/\($0)", label: view.names.clinician($0, t)) }
    let pools = view.thread.pools.map { (value: $0, label: t.pool($0)) }
    return """
        <div class="stack">\(when: !line.isMine, button("take", t("inbox.take")))\
        \(when: !members.isEmpty, step("""
            \(Select("practitioner", t("inbox.give-to"), members, chosen: ""))\
            <p><button class="btn btn-plain" name="step" value="give">\(t("inbox.give"))</button></p>
            """))\
        \(when: !pools.isEmpty, step("""
            \(Select("pool", t("inbox.hand-to"), pools, chosen: ""))\
            <p><button class="btn btn-plain" name="step" value="hand-over">\(t("inbox.hand-over"))</button></p>
            """))\
        \(when: line.state == .answered, button("reopen", t("inbox.reopen")))\(button("close", t("inbox.close")))</div>
        """
}

private func errors(_ view: ThreadPageView, _ t: Wording) -> [FieldError] {
    switch view.refusal {
    case .empty: [FieldError("text", t("inbox.empty"))]
    case .tooLong: [FieldError("text", t("inbox.too-long"))]
    default: view.problem?.errorsWithMessage(t) ?? []
    }
}

private func said(_ view: ThreadPageView, _ t: Wording) -> HTML? {
    switch view.refusal {
    case .changedMeanwhile:
        Note(.warn, announcement: .alert, "<p class=\"strong\">\(t("inbox.meanwhile"))</p><p>\(t("inbox.meanwhile-help"))</p>").html
    case .alreadyRead: Note(.bad, announcement: .alert, "<p>\(t("inbox.already-read"))</p>").html
    case .closed: Note(.bad, announcement: .alert, "<p>\(t("inbox.is-closed"))</p>").html
    default: nil
    }
}
