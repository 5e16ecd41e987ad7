import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Where an e-mail's header leads that ends e-mails of its kind: mailboxes post there by themselves (RFC 8058), people look first. The link is the
/// proof; mailboxes have no form of ours.
struct UnsubscribeRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/hooks/unsubscribe/:link",
            parts.open { request, context in
                let link = context.parameters.get("link") ?? ""
                return unsubscribePage(link: link, in: parts.gateway.bareFrame(request, context)).response()
            })
        routes.hook("/hooks/unsubscribe/:link", parts.open(unsubscribe))
    }

    @Sendable private func unsubscribe(request: Incoming, context: GatewayContext) async throws -> Response {
        let frame = parts.gateway.bareFrame(request, context)
        switch try await parts.bus.request(Unsubscribe(link: context.parameters.get("link") ?? "", key: .v7())) {
        case .done(let ended): return unsubscribedPage(ended.topic, in: frame).response()
        case .refused(.unknown): return unknownAnswerPage(in: frame).response(.notFound)
        }
    }
}
