import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOWebSocket
import Synchronization

/// A gateway's server: pages as ever, and the sockets of calls on the same port.
struct CallServer: ServerChildChannel {
    /// Bytes that one message of a browser may have.
    static let longestMessage = 64 << 10
    static let path = "/calls/socket"

    typealias Socket = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

    enum Kind: Sendable {
        case pages(HTTP1Channel.Value)
        case socket(Socket, CallSocket)
        /// It asked for a socket and got none.
        case refused
    }

    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let kind: EventLoopFuture<Kind>
    }

    let pages: HTTP1Channel
    let sockets: CallSockets

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let kind = channel.eventLoop.makePromise(of: Kind.self)
            let first = FirstLine(
                "GET \(Self.path)?",
                setUp: { channel, isSocket in
                    let made = isSocket ? try setUpSocket(channel) : pages.setup(channel: channel, logger: logger).map { Kind.pages($0) }
                    kind.completeWith(made)
                }, fail: { kind.fail($0) })
            do { try channel.pipeline.syncOperations.addHandler(first) } catch {
                kind.fail(error)
                throw error
            }
            return Value(channel: channel, kind: kind.futureResult)
        }
    }

    func handle(value: Value, logger: Logger) async {
        guard let kind = try? await value.kind.get() else { return }
        switch kind {
        case .pages(let channel): await pages.handle(value: channel, logger: logger)
        case .socket(let channel, let socket): await sockets.run(socket, on: channel)
        case .refused: break
        }
    }

    private func setUpSocket(_ channel: any Channel) throws -> EventLoopFuture<Kind> {
        let admitted = Admitted()
        let upgrader = NIOTypedWebSocketServerUpgrader<Kind>(
            maxFrameSize: Self.longestMessage, enableAutomaticErrorHandling: true,
            shouldUpgrade: { [sockets] channel, head in
                channel.eventLoop.makeFutureWithTask {
                    guard let socket = await sockets.admit(head) else { return nil }
                    admitted.socket.withLock { $0 = socket }
                    return HTTPHeaders()
                }
            },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    guard let socket = admitted.socket.withLock({ $0 }) else { return Kind.refused }
                    try channel.pipeline.syncOperations.addHandler(
                        NIOWebSocketFrameAggregator(
                            minNonFinalFragmentSize: 1, maxAccumulatedFrameCount: 16, maxAccumulatedFrameSize: Self.longestMessage))
                    return Kind.socket(try Socket(wrappingChannelSynchronously: channel), socket)
                }
            })
        let upgrading = NIOTypedHTTPServerUpgradeConfiguration<Kind>(upgraders: [upgrader]) { Self.refuse($0) }
        return try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(configuration: .init(upgradeConfiguration: upgrading))
    }

    /// 403, whatever the reason: no ticket, another origin, nobody signed in, no socket asked for.
    private static func refuse(_ channel: any Channel) -> EventLoopFuture<Kind> {
        let head = HTTPResponseHead(version: .http1_1, status: .forbidden, headers: ["content-length": "0", "connection": "close"])
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        let done = channel.eventLoop.makePromise(of: Void.self)
        channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: done)
        return done.futureResult.flatMapErrorThrowing { _ in }.flatMap { channel.close().flatMapErrorThrowing { _ in } }.map { Kind.refused }
    }
}

/// What is found out before the upgrade and needed after it.
private final class Admitted: Sendable {
    let socket = Mutex<CallSocket?>(nil)
}
