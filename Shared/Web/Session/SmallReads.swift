import NIOCore

/// Takes from a connection a little at a time: however fast a file arrives, what is in memory of it is what the service behind takes next.
final class SmallReads: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = Any

    private static let bytes = 16 << 10

    func handlerAdded(context: ChannelHandlerContext) {
        let options = [
            context.channel.setOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: Self.bytes)),
            context.channel.setOption(.maxMessagesPerRead, value: 1),
        ]
        // A channel that is closing takes none, and needs none.
        for option in options { option.whenFailure { _ in } }
    }
}
