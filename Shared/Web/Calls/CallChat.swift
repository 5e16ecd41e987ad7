public import Access
public import Contracts
import Hummingbird
public import MessageBus

/// What the two of a visit write to each other beside it: it stands in a thread of the patient's messages afterwards. Guests have no part in it.
public struct CallChat: Sendable {
    /// Nil before anything was written; missing while messaging is away.
    var thread: Available<ThreadView?>
    var typed = ""
    var isRefused = false

    /// Whether anything was written.
    public var isThere: Bool { thread.value.flatMap { $0 } != nil }

    /// - Parameters:
    ///   - path: of the call's page.
    ///   - after: the thread's own page, where it is read later.
    public func part(at path: String, after thread: String, isPatient: Bool, _ names: ClinicNames, now: Moment, in frame: Frame) -> HTML {
        let t = frame.t
        let errors = isRefused ? [FieldError("text", t("chat.not-sent"))] : []
        let field = Field("text", t("chat.text"), .lines, hint: t("chat.hint"), value: typed, autocomplete: "off", maximumLength: 5_000)
        let said = self.thread.html(missing: t("chat.missing")) { view in
            view.map { MessageList($0, isPatient: isPatient, names, now: now, t, file: { _ in nil }).html } ?? ""
        }
        return """
            <section class="card stack-s" data-chat data-not-sent="\(t("chat.not-sent"))" aria-labelledby="chat">\
            <h2 id="chat">\(t("chat.title"))</h2>\
            \(when: isRefused, ErrorSummary(errors, t).html)\
            <div role="log" aria-label="\(t("chat.title"))" data-chat-log>\(said)</div>\
            \(Form(to: "\(path)/chat", formKey: frame.formKey, style: "stack-s", """
                \(field.marked(errors, t))<p role="status" data-chat-said></p><p><button class="btn btn-plain">\(t("chat.send"))</button></p>
                """))\
            \(when: isThere, "<p class=\"plain\"><a href=\"\(thread)\">\(t("chat.after"))</a></p>" as HTML)</section>
            """
    }
}

extension GatewayParts {
    public func callChat(of patient: ID<Patient>, _ visit: ID<Appointment>, as token: ActorToken) async throws(BusError) -> CallChat {
        CallChat(
            thread: try await Available { () async throws(BusError) in
                try await shownThread(ID(of: visit), of: patient, as: token)
            })
    }

    /// - Returns: nil where it was written; or the same page's part, with what was typed.
    public func writeInCall(
        _ call: CallView, _ context: GatewayContext, _ t: Wording, as token: ActorToken
    ) async throws -> CallChat? {
        let text = context.web.form.trimmed("text")
        let time = Moment(call.start).map { t.dateAndTime($0, .full) } ?? "\(call.start.local)"
        let command = WriteInCall(
            patient: call.patient, appointment: call.appointment, subject: t("chat.subject", ["time": time]).plainText, text: text,
            key: try submission(context))
        switch try await bus.request(command, as: token) {
        case .done: return nil
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused:
            var chat = try await callChat(of: call.patient, call.appointment, as: token)
            (chat.typed, chat.isRefused) = (text, true)
            return chat
        }
    }
}
