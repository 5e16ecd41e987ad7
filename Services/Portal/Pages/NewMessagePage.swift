import Contracts
import Foundation
import Web

/// What was typed for a new question.
struct NewMessage: Sendable {
    var purpose: ThreadPurpose?
    var practitioner: ID<Practitioner>?
    var subject = ""
    var text = ""
    var knowsUrgent = false
    /// The bill it is about.
    var bill: ID<Invoice>?

    init() {}

    init(about bill: ID<Invoice>?) { (self.bill, purpose) = (bill, bill == nil ? nil : .bill) }

    init(_ form: FormData) {
        purpose = ThreadPurpose(rawValue: form.trimmed("purpose"))
        practitioner = ID<Practitioner>(form.trimmed("practitioner"))
        (subject, text) = (form.trimmed("subject"), form.trimmed("text"))
        knowsUrgent = form["urgent"] == "known"
        bill = ID<Invoice>(form.trimmed("bill"))
    }
}

struct NewMessageView: Sendable {
    var recipients: Recipients
    var typed = NewMessage()
    var refusal: MessageRefusal?
    /// Filed already, with a question that was not sent.
    var attached: MessageAttachment?
    /// Why the file was not taken.
    var problem: DocumentProblem?
    /// Something that is needed was left out.
    var isIncomplete = false
    var names: ClinicNames
    var now: Moment

    var isUrgent: Bool { refusal == .urgent }
}

/// `GET /messages/new`: what it is about, who answers and by when, and the question.
func newMessagePage(_ view: NewMessageView, in frame: Frame) -> HTML {
    let t = frame.t
    let errors = errors(view, t)
    let typed = view.typed
    return frame.page(title: t("messages.new"), hasErrors: !errors.isEmpty || view.refusal != nil, sendsPieces: true, """
        <div class="wrap-narrow stack"><p><a class="crumb" href="/messages">\(t("messages.title"))</a></p><h1>\(t("messages.new"))</h1>\
        \(when: !errors.isEmpty, ErrorSummary(errors, t).html)\(said(view, t))\
        \(FileForm(to: "/messages", formKey: frame.formKey, style: "stack", """
            <fieldset class="stack-s" id="purpose"><legend>\(t("messages.about"))</legend>\(each: view.recipients.purposes, { line in
                Choice(
                    name: "purpose", value: line.purpose.rawValue, t.purpose(line.purpose),
                    detail: t.promise(line.promise, view.names, from: view.now), isChecked: line.purpose == typed.purpose).html
            })</fieldset>\
            \(when: !view.recipients.clinicians.isEmpty, clinicians(view, t))\
            \(Field("subject", t("messages.subject"), value: typed.subject, autocomplete: "off", maximumLength: 100).marked(errors, t))\
            \(Field("text", t("messages.text"), .lines, hint: t("messages.hint"), value: typed.text, autocomplete: "off", maximumLength: 5_000)
                .marked(errors, t))\
            <input type="hidden" name="shown" value="\(view.recipients.shown)">\(urgentField(view.isUrgent))\
            \(typed.bill.map { "<input type=\"hidden\" name=\"bill\" value=\"\($0)\">" as HTML })\
            \(MessageFileField(view.attached, view.problem, t))\
            <p><button class="btn">\(view.isUrgent ? t("messages.send-anyway") : t("messages.send"))</button></p>
            """).inPieces(to: "/messages/pieces", t))</div>
        """)
}

private func clinicians(_ view: NewMessageView, _ t: Wording) -> HTML {
    """
    <fieldset class="stack-s"><legend>\(t("messages.to"))</legend><p class="hint">\(t("messages.to-hint"))</p>\
    \(Choice(name: "practitioner", value: "", t("messages.to-anybody"), isChecked: view.typed.practitioner == nil))\
    \(each: view.recipients.clinicians, { line in
        Choice(
            name: "practitioner", value: line.practitioner.description, t.clinician(line.practitioner, view.names),
            detail: t.promise(line.promise, wanted: line.practitioner, view.names, from: view.now),
            isChecked: line.practitioner == view.typed.practitioner).html
    })</fieldset>
    """
}

private func errors(_ view: NewMessageView, _ t: Wording) -> [FieldError] {
    var errors: [FieldError] = []
    if view.isIncomplete || view.refusal == .empty {
        if view.typed.purpose == nil { errors.append(FieldError("purpose", t("messages.purpose-missing"))) }
        if view.typed.subject.isEmpty { errors.append(FieldError("subject", t("messages.subject-missing"))) }
        if view.typed.text.isEmpty { errors.append(FieldError("text", t("messages.text-missing"))) }
    }
    if view.refusal == .tooLong { errors.append(FieldError("text", t("messages.too-long"))) }
    return errors + (view.problem?.errorsWithMessage(t) ?? [])
}

private func said(_ view: NewMessageView, _ t: Wording) -> HTML? {
    switch view.refusal {
    case .urgent: urgentNote(t)
    case .promised(let promise): promiseNote(promise, wanted: view.typed.practitioner, view.names, view.now, t)
    case .tooMany: Note(.bad, announcement: .alert, "<p>\(t("messages.too-many"))</p>").html
    case .notFound: Note(.bad, announcement: .alert, "<p>\(t("messages.recipient-gone"))</p>").html
    default: nil
    }
}

/// What to do in an emergency, before a message that reads like one is sent.
func urgentNote(_ t: Wording) -> HTML {
    Note(.bad, announcement: .alert, "<p class=\"strong\">\(t("messages.urgent"))</p><p>\(t("messages.urgent-help"))</p>").html
}

/// They have been told; what is sent from here says so.
func urgentField(_ isUrgent: Bool) -> HTML { isUrgent ? "<input type=\"hidden\" name=\"urgent\" value=\"known\">" : "" }

func promiseNote(_ promise: AnswerPromise, wanted: ID<Practitioner>?, _ names: ClinicNames, _ now: Moment, _ t: Wording) -> HTML {
    Note(
        .warn, announcement: .alert,
        "<p class=\"strong\">\(t("messages.promise-changed"))</p><p>\(t.promise(promise, wanted: wanted, names, from: now))</p>").html
}

extension Recipients {
    /// What the page shows, as the form carries it: `medicine=1795714200000 other=…`.
    var shown: String {
        let all = purposes.map { ($0.purpose.rawValue, $0.promise) } + clinicians.map { ($0.practitioner.description, $0.promise) }
        return all.map { "\($0.0)=\($0.1.by.instant.milliseconds)" }.joined(separator: " ")
    }

    func isClinical(_ purpose: ThreadPurpose) -> Bool { purposes.contains { $0.purpose == purpose && $0.isClinical } }
}

extension Date {
    var milliseconds: Int { Int((timeIntervalSince1970 * 1_000).rounded()) }
    init(milliseconds: Int) { self.init(timeIntervalSince1970: Double(milliseconds) / 1_000) }
}
