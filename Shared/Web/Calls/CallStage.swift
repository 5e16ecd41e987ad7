public import Access
public import Contracts
public import Foundation
public import Hummingbird
import MessageBus

/// What people in a visit see of each other, and the buttons below it. Without a script it says how the visit takes place by telephone.
public struct CallStage: Part {
    public enum Side: Sendable {
        case patient(CallView)
        case clinician(CallView)
        /// Somebody who was asked in: which visit it is, their page does not say. With how far they are.
        case guest(GuestCall)
    }

    public let html: HTML

    /// - Parameters:
    ///   - ticket: where a ticket is had for a window.
    ///   - patient: what the patient is called here, and the clinician.
    public init(_ side: Side, ticket: String, patient: HTML, clinician: HTML, in frame: Frame) {
        let t = frame.t
        let other = side.isClinicians ? patient : clinician
        let phone = frame.site.phone.map { t("stage.by-phone", ["phone": $0]) }
        html = """
            <section class="stack" aria-label="\(t("stage.with", ["name": other]))" data-call \(side.attributes) \
            data-patient-name="\(patient)" data-clinician-name="\(clinician)"\(each: Self.words(side, t), { " data-\($0.0)=\"\($0.1)\"" })>\
            <p class="strong" role="status" data-status>\(t("stage.opening"))</p>\
            <div hidden data-no-camera>\(Note(.warn, "<p>\(t("stage.no-camera"))</p>"))</div>\
            <div class="call"><div class="stage" data-main-tile>\
            <video class="video" data-theirs autoplay playsinline aria-label="\(other)"></video>\
            <div class="self"><video class="video" data-mine autoplay playsinline muted aria-label="\(t("stage.you"))"></video></div>\
            <p class="who-is">\(other)</p></div><div class="tiles" data-tiles></div><template data-tile><div class="stage">\
            <video class="video" autoplay playsinline></video><p class="who-is" translate="no"></p></div></template>\
            <p class="controls" hidden data-tools>\
            <button type="button" class="btn btn-plain" aria-pressed="false" data-mute>\(t("stage.mute"))</button>\
            <button type="button" class="btn btn-plain" aria-pressed="false" data-hide>\(t("stage.hide"))</button>\
            <button type="button" class="btn btn-plain" data-share>\(t("stage.share"))</button></p></div>\
            <section class="stack-s" hidden data-room aria-labelledby="room"><h2 id="room">\(t("stage.room"))</h2><ul data-people></ul></section>\
            <p role="status" data-comings></p>\
            <noscript>\(Note(.warn, "<p>\(t("stage.no-script"))</p>"))</noscript>\
            <p class="plain">\(t("stage.private")) \(phone)</p>\
            \(ScriptForm("ticket", to: ticket, formKey: frame.formKey))</section>
            """
    }

    private static func words(_ side: Side, _ t: Wording) -> [(String, HTML)] {
        [
            ("scheduled", t("stage.scheduled")), ("waiting", side.isClinicians ? t("stage.waits") : t("stage.waiting")),
            ("admitted", t("stage.admitted")), ("connecting", t("stage.connecting")), ("live", t("stage.live")),
            ("reconnecting", t("stage.reconnecting")), ("replaced", t("stage.replaced")), ("unsafe", t("stage.unsafe")), ("you", t("stage.you")),
            ("came", t("stage.came", ["name": "{name}"])), ("went", t("stage.went", ["name": "{name}"])),
            ("interpreter-guest", t.guestKind(.interpreter)), ("family-guest", t.guestKind(.family)), ("other-guest", t.guestKind(.other)),
        ]
    }
}

extension CallStage.Side {
    fileprivate var isClinicians: Bool { if case .clinician = self { true } else { false } }

    /// What the script needs to know.
    fileprivate var attributes: HTML {
        func call(_ call: CallView) -> HTML {
            """
            data-patient="\(call.patient)" data-appointment="\(call.appointment)" data-state="\(call.state.rawValue)" \
            data-late="\(call.isLate.description)"
            """
        }
        return switch self {
        case .patient(let view): "data-side=\"patient\" data-main=\"clinician\" \(call(view))"
        case .clinician(let view): "data-side=\"clinician\" data-main=\"patient\" \(call(view))"
        case .guest(let view): "data-side=\"guest\" data-main=\"clinician\" data-state=\"\(view.state.rawValue)\""
        }
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
    /// The same for a guest's browser.
    public func guestTicket(for session: Data, _ context: GatewayContext) async throws -> Response {
        guard case .done(let call) = try await bus.request(ReadGuestCall(session: session)) else { throw HTTPError(.notFound) }
        let secret = BrowserSecret()
        let command = IssueGuestTicket(pass: call.pass, digest: secret.digest, key: try submission(context))
        switch try await bus.request(command) {
        case .done: return try .json(Ticket(ticket: secret.text))
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(.tooMany): throw HTTPError(.tooManyRequests)
        case .refused: throw HTTPError(.conflict)
        }
    }

    private struct Ticket: Encodable { let ticket: String }

    /// `{"ticket": "…"}`: the secret goes to the browser alone, telemedicine is told its digest.
    public func callTicket(for patient: ID<Patient>, _ appointment: ID<Appointment>, _ context: GatewayContext, as token: ActorToken) async throws
        -> Response
    {
        let secret = BrowserSecret()
        let command = IssueCallTicket(
            patient: patient, appointment: appointment, digest: secret.digest, key: try submission(context))
        switch try await bus.request(command, as: token) {
        case .done: return try .json(Ticket(ticket: secret.text))
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(.tooMany): throw HTTPError(.tooManyRequests)
        case .refused: throw HTTPError(.conflict)
        }
    }
}
