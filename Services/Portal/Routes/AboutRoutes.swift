import Hummingbird
import Web

/// Problems and tests in plain words. Nothing of the patient's is on these pages.
struct AboutRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/about/:topic",
            parts.visitor { _, context, visitor in
                guard let topic = context.parameters.get("topic").flatMap({ EducationTopic(rawValue: $0) }) else { throw HTTPError(.notFound) }
                return aboutPage(topic, in: visitor.frame.signedIn(at: nil, visitor.person)).response()
            })
    }
}
