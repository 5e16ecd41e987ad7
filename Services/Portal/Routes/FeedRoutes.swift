import Contracts
import Crypto
import Foundation
import Hummingbird
import MessageBus
import Web

/// A private calendar: a link that a calendar reads the visits from, without signing in. The patient makes it and ends it.
struct FeedRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/visits/feed", parts.visitor { request, _, visitor in
            try await page(visitor) { $0.isEnded = request.uri.queryParameters["ended"] != nil }.response()
        })
        routes.post("/visits/feed", parts.visitor(make))
        routes.post("/visits/feed/end", parts.visitor(end))
        routes.file("/feed/:secret", parts.open(follow))
    }

    private func page(_ visitor: Visitor, _ change: (inout FeedView) -> Void) async throws -> HTML {
        async let frame = visitor.frameOfVisits()
        var view = FeedView(now: visitor.now)
        if visitor.acting == nil {
            view.madeAt = try await parts.bus.ask(ReadVisitFeed(patient: visitor.patient), as: visitor.token).madeAt
        } else {
            view.isAnothers = true
        }
        change(&view)
        return feedPage(view, in: try await frame)
    }

    /// The secret comes with the form, so that a form that is sent twice makes one link; what is kept is its digest.
    @Sendable private func make(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        guard visitor.acting == nil else { throw HTTPError(.forbidden) }
        guard let secret = context.web.form["secret"], let digest = BrowserSecret.digest(secret) else { throw HTTPError(.badRequest) }
        let command = KeepVisitFeed(
            patient: visitor.patient, digest: digest, language: visitor.frame.t.language.rawValue, key: try parts.submission(context))
        _ = try await parts.bus.ask(command, as: visitor.token)
        return try await page(visitor) { $0.link = "\(parts.gateway.publicURL)/feed/\(secret)" }.response()
    }

    @Sendable private func end(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        guard visitor.acting == nil else { throw HTTPError(.forbidden) }
        _ = try await parts.bus.ask(EndVisitFeed(patient: visitor.patient, key: try parts.submission(context)), as: visitor.token)
        return .seeOther("/visits/feed?ended=1")
    }

    @Sendable private func follow(request: Incoming, context: GatewayContext) async throws -> Response {
        guard let digest = context.parameters.get("secret").flatMap(BrowserSecret.digest) else { throw HTTPError(.notFound) }
        guard case .done(let found) = try await parts.bus.request(FollowVisitFeed(digest: digest)) else { throw HTTPError(.notFound) }
        // By what is told, not by when: a calendar that asks again for the same is told that nothing is new.
        let state = found.visits.map { "\($0.appointment) \($0.version) \($0.status)" }.joined(separator: "\n") + found.language
        let tag = "\"\(Data(SHA256.hash(data: Data(state.utf8)).prefix(16)).base64URL)\""
        guard request.headers[.ifNoneMatch] != tag else { return Response(status: .notModified, headers: [.eTag: tag]) }
        let t = parts.gateway.texts.wording(in: Language(rawValue: found.language) ?? .english)
        let (now, names) = (Date(), parts.facts.names([]))
        let summary = t("calendar.summary", ["clinic": parts.gateway.site.name]).plainText
        let events = found.visits.map { visit in
            VisitCalendar(
                visit: visit, summary: summary, place: names.place(visit.location, t).plainText, time: fullTime(visit.start, t).plainText,
                base: parts.gateway.publicURL, now: now)
        }
        var response = Response.attachment("visits.ics", "text/calendar; charset=utf-8; method=PUBLISH") { write in
            try await write(VisitCalendar.file(events, name: summary))
        }
        response.headers[.eTag] = tag
        return response
    }
}
