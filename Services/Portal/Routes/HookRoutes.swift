import Contracts
import Foundation
import Hummingbird
import MessageBus
import NIOCore
import Web

/// What the providers of text messages and of card payments tell. Signatures are looked at by the service that has the provider's secret; nothing is
/// believed here.
struct HookRoutes {
    /// Base64 of the 20 bytes of a signature; what has another length is none.
    private static let signatureLength = 28
    /// A time and a few codes of 64 digits.
    private static let longestSignature = 1_000

    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.hook("/hooks/texts", parts.open(receiveText))
        routes.hook("/hooks/receipts", parts.open(receiveReceipt))
        routes.hook("/hooks/cards", parts.open(receiveCardEvent))
    }

    @Sendable private func receiveText(request: Incoming, context: GatewayContext) async throws -> Response {
        switch try await parts.bus.request(ReceiveText(hook: try hook(request, context))) {
        case .refused(let refusal): throw HTTPError(refusal.status)
        case .done(let heard):
            let t = parts.gateway.texts.wording(in: Language(rawValue: heard.language) ?? .english)
            return textReply(heard.answer.map { words(TextAnswer(rawValue: $0) ?? .notUnderstood, heard.start.map { fullTime($0, t) } ?? "", t) })
        }
    }

    @Sendable private func receiveReceipt(request: Incoming, context: GatewayContext) async throws -> Response {
        switch try await parts.bus.request(ReceiveReceipt(hook: try hook(request, context))) {
        case .refused(let refusal): throw HTTPError(refusal.status)
        case .done: return Response(status: .noContent)
        }
    }

    @Sendable private func receiveCardEvent(request: Incoming, context: GatewayContext) async throws -> Response {
        guard let signature = request.headers.value(of: "Stripe-Signature"), signature.utf8.count <= Self.longestSignature else {
            throw HTTPError(.forbidden)
        }
        // The processor tells anew what got no answer: what it tells has a name, so that a key of its own is not needed.
        switch try await parts.bus.request(ReceiveCardEvent(payload: context.web.told, signature: signature, key: .v7())) {
        case .done: return Response(status: .noContent)
        case .refused(.notSigned): throw HTTPError(.forbidden)
        case .refused(.stale): throw HTTPError(.gone)
        case .refused(.unreadable): throw HTTPError(.badRequest)
        }
    }

    private func hook(_ request: Incoming, _ context: GatewayContext) throws -> SignedHook {
        guard let signature = request.headers.value(of: "X-Twilio-Signature"), signature.utf8.count == Self.signatureLength else {
            throw HTTPError(.forbidden)
        }
        return SignedHook(
            path: request.uri.string, fields: context.web.form.all.map { SignedHook.Field($0.name, $0.value) }, signature: signature)
    }

    private func words(_ answer: TextAnswer, _ when: HTML, _ t: Wording) -> HTML {
        let clinic = parts.facts.site.name
        let call = parts.facts.site.phone.map { t("texts.call", ["phone": $0]) } ?? t("texts.call-us")
        return switch answer {
        case .stopped: t("texts.stopped", ["clinic": clinic])
        case .started: t("texts.started", ["clinic": clinic])
        case .help: "\(t("texts.help", ["clinic": clinic])) \(call)"
        case .accepted: t("texts.accepted", ["clinic": clinic, "when": when])
        case .declined: t("texts.declined", ["clinic": clinic, "when": when])
        case .acceptedAll: t("texts.accepted-all", ["clinic": clinic])
        case .several: t("texts.several", ["clinic": clinic])
        case .past: "\(t("texts.past", ["clinic": clinic, "when": when])) \(call)"
        case .cancelled: t("texts.cancelled", ["clinic": clinic, "when": when])
        case .moved: t("texts.moved", ["clinic": clinic, "when": when])
        case .notUnderstood: "\(t("texts.not-understood", ["clinic": clinic])) \(call)"
        }
    }

    /// In the provider's own language of answers; without words it sends nothing.
    private func textReply(_ words: HTML?) -> Response {
        let message = words.map { "<Message>\($0.markup)</Message>" } ?? ""
        let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>\(message)</Response>"
        return Response(
            status: .ok, headers: [.contentType: "text/xml; charset=utf-8"], body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
    }
}

extension HookRefusal {
    fileprivate var status: HTTPResponse.Status {
        switch self {
        case .notSigned: .forbidden
        case .unreadable: .badRequest
        case .replayed: .conflict
        case .stale: .gone
        }
    }
}
