import NIOCore

/// Looks at the first bytes of a connection: one that begins with a certain request is set up in another way than the others. Whoever is set up
/// otherwise is so from the first byte on, and everybody else as if this were not there.
final class FirstLine: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let beginning: [UInt8]
    private let setUp: (_ channel: any Channel, _ isThat: Bool) throws -> Void
    private let fail: (any Error) -> Void
    private var seen = ByteBuffer()
    private var isDone = false

    /// - Parameters:
    ///   - beginning: of the request, with its method.
    ///   - setUp: adds the handlers that follow.
    ///   - fail: the connection ended before anything could be said of it.
    init(_ beginning: String, setUp: @escaping (any Channel, Bool) throws -> Void, fail: @escaping (any Error) -> Void) {
        (self.beginning, self.setUp, self.fail) = (Array(beginning.utf8), setUp, fail)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return context.fireChannelRead(data) }
        var bytes = unwrapInboundIn(data)
        seen.writeBuffer(&bytes)
        let view = seen.readableBytesView
        guard view.count >= beginning.count || !beginning.starts(with: view) else { return }
        isDone = true
        do { try setUp(context.channel, view.starts(with: beginning)) } catch {
            fail(error)
            return context.close(promise: nil)
        }
        context.fireChannelRead(wrapInboundOut(seen))
        context.fireChannelReadComplete()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) { if isDone { context.fireChannelReadComplete() } }

    /// Also of a connection that was taken and closed before it was ever active, which is told of no end.
    func handlerRemoved(context: ChannelHandlerContext) {
        if !isDone { fail(ChannelError.eof) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // The server stops, or the other side says no more: nothing was asked here.
        if !isDone { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !isDone { context.close(promise: nil) }
        context.fireErrorCaught(error)
    }
}
