public import Access
public import Contracts
import Crypto
import Foundation
public import Hummingbird
import MessageBus

/// What two people see of each other, and the buttons below it. Without a script it says how the visit takes place by telephone.
public struct CallStage: Part {
    public let html: HTML

    /// - Parameters:
    ///   - ticket: where a ticket is had for a window.
    ///   - other: whom they speak to.
    ///   - isPatient: of two who speak at once, the patient's browser gives way.
    public init(_ call: CallView, ticket: String, with other: HTML, isPatient: Bool, in frame: Frame) {
        let t = frame.t
        let words: [(String, HTML)] = [
            ("scheduled", t("stage.scheduled")), ("waiting", isPatient ? t("stage.waiting") : t("stage.waits")),
            ("admitted", t("stage.admitted")), ("connecting", t("stage.connecting")), ("live", t("stage.live")),
            ("reconnecting", t("stage.reconnecting")), ("replaced", t("stage.replaced")),
            ("unsafe", t("stage.unsafe")),
        ]
        let phone = frame.site.phone.map { t("stage.by-phone", ["phone": $0]) }
        html = """
            <section class="stack" aria-label="\(t("stage.with", ["name": other]))" data-call data-patient="\(call.patient)" \
            data-appointment="\(call.appointment)" data-state="\(call.state.rawValue)" \
            data-polite="\(isPatient ? "true" : "false")"\(each: words, { " data-\($0.0)=\"\($0.1)\"" })>\
            <p class="strong" role="status" data-status>\(t("stage.opening"))</p>\
            <div hidden data-no-camera>\(Note(.warn, "<p>\(t("stage.no-camera"))</p>"))</div>\
            <div class="call"><div class="stage"><video class="video" data-theirs autoplay playsinline aria-label="\(other)"></video>\
            <div class="self"><video class="video" data-mine autoplay playsinline muted aria-label="\(t("stage.you"))"></video></div>\
            <p class="who-is">\(other)</p></div>\
            <p class="controls" hidden data-tools>\
            <button type="button" class="btn btn-plain" aria-pressed="false" data-mute>\(t("stage.mute"))</button>\
            <button type="button" class="btn btn-plain" aria-pressed="false" data-hide>\(t("stage.hide"))</button>\
            <button type="button" class="btn btn-plain" data-share>\(t("stage.share"))</button></p></div>\
            <noscript>\(Note(.warn, "<p>\(t("stage.no-script"))</p>"))</noscript>\
            <p class="plain">\(t("stage.private")) \(phone)</p>\
            \(ScriptForm("ticket", to: ticket, formKey: frame.formKey))</section>
            """
    }
}

extension Response {
    /// The same page, which may ask for camera and microphone.
    public func withCamera() -> Response {
        var response = self
        response.headers.set("Permissions-Policy", to: "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=()")
        return response
    }
}

extension GatewayParts {
    private struct Ticket: Encodable { let ticket: String }

    /// `{"ticket": "…"}`: the secret goes to the browser alone, telemedicine is told its digest.
    public func callTicket(for patient: ID<Patient>, _ appointment: ID<Appointment>, _ context: GatewayContext, as token: ActorToken) async throws
        -> Response
    {
        let secret = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        let command = IssueCallTicket(
            patient: patient, appointment: appointment, digest: Data(SHA256.hash(data: secret)), key: try submission(context))
        switch try await bus.request(command, as: token) {
        case .done: return try .json(Ticket(ticket: secret.base64URL))
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(.tooMany): throw HTTPError(.tooManyRequests)
        case .refused: throw HTTPError(.conflict)
        }
    }
}
