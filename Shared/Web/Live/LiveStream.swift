import Contracts
import Foundation
public import Hummingbird
import MessageBus
import NIOCore
import ServiceLifecycle

extension GatewayParts {
    /// A stream of server-sent events: one each time what a page shows has changed. Its `id` is where the page's threads stand, as their owner
    /// counts; who comes back with one (`Last-Event-ID`, or `at` in the address) and finds another is told so at once, whichever
    /// instance they come back to.
    /// - Parameter ask: where it stands now; it is there that it is decided whether this person may know.
    public func live(
        _ topic: LiveFeed.Topic, of person: Person, _ request: Incoming, _ ask: @Sendable () async throws -> Int
    ) async throws -> Response {
        let named = request.headers.value(of: "Last-Event-ID") ?? request.uri.queryParameters["at"].map { String($0) }
        guard let seen = named.flatMap({ Int($0) }) else { throw HTTPError(.badRequest) }
        let told = live.told
        let position = try await ask()
        guard live.hasRoom(for: person.view.session) else { throw HTTPError(.tooManyRequests) }
        let cookie = gateway.session.read(request)
        return live.response(topic, of: person, told: told, now: seen == position ? nil : position) {
            try? await sessions.read(cookie, isUse: false)?.view.expires
        }
    }

    /// Says to every stream that it is still there.
    func keepAlive() async throws {
        while !Task.isCancelled {
            try await Task.sleep(for: .seconds(15))
            live.beat()
        }
    }
}

extension LiveFeed {
    /// - Parameters:
    ///   - told: what had been told before it was asked where things stand: what changed in between is told too.
    ///   - position: where they stand, if that is not what the page shows.
    ///   - expiry: when the session ends now; nil where it has.
    func response(
        _ topic: Topic, of person: Person, told: Int, now position: Int?, expiry: @escaping @Sendable () async -> Date?
    ) -> Response {
        var response = Response(
            status: .ok, headers: [.contentType: "text/event-stream"],
            body: ResponseBody { writer in
                if let stream = self.open(topic, session: person.view.session, account: person.view.account) {
                    defer { self.close(stream) }
                    // Whatever is told from here on, the stream has.
                    let isBehind = position != nil || self.told != told
                    try await writer.write(ByteBuffer(string: "retry: 1000\n\n"))
                    if isBehind { try await writer.write(Self.change(position)) }
                    var expires = person.view.expires
                    for await signal in stream.signals.cancelOnGracefulShutdown() {
                        if expires <= Date() {
                            guard let still = await expiry() else { break }
                            expires = still
                        }
                        switch signal {
                        case .changed(let position): try await writer.write(Self.change(position))
                        case .beat: try await writer.write(ByteBuffer(string: ":\n\n"))
                        }
                    }
                }
                try await writer.finish(nil)
            })
        // A proxy in front passes it on as it comes.
        response.headers.set("X-Accel-Buffering", to: "no")
        return response
    }

    private static func change(_ position: Int?) -> ByteBuffer {
        ByteBuffer(string: "\(position.map { "id: \($0)\n" } ?? "")data: changed\n\n")
    }
}

/// Has the page's script watch for changes, and say so.
public struct LiveMark: Part {
    public let html: HTML

    /// - Parameter path: of the stream, with where the page stands.
    public init(_ path: String, _ t: Wording) { html = "<p hidden data-live=\"\(path)\" data-live-said=\"\(t("live.changed"))\"></p>" }
}
