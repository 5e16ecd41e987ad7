import NIOCore
import NIOPosix

/// Where files are looked at by clamd (`INSTREAM`) before anything is made of them.
public struct VirusScanner: Sendable {
    enum Verdict: Sendable, Equatable { case clean, infected }

    struct NoAnswer: Error {}

    private let address: String

    /// - Parameter address: a path, or host:port.
    init(_ address: String) { self.address = address }

    /// - Throws: when it cannot be reached. Nothing that was not looked at is taken.
    func begin() async throws -> VirusScan {
        let answer = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Verdict.self)
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(.seconds(2))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Answer(answer)) }
            }
        let parts = address.split(separator: ":")
        do {
            let channel =
                if !address.hasPrefix("/"), parts.count == 2, let port = Int(parts[1]) {
                    try await bootstrap.connect(host: String(parts[0]), port: port).get()
                } else { try await bootstrap.connect(unixDomainSocketPath: address).get() }
            let scan = VirusScan(channel: channel, answer: answer.futureResult)
            try await scan.write(Array("zINSTREAM\0".utf8))
            return scan
        } catch {
            answer.fail(error)
            throw error
        }
    }

    /// Everything that comes, until it ends: `stream: OK` or `stream: … FOUND`.
    private final class Answer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private static let longest = 4_096

        private let answer: EventLoopPromise<Verdict>
        private var text = ""

        init(_ answer: EventLoopPromise<Verdict>) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            guard let end = text.firstIndex(of: "\0") else {
                if text.utf8.count > Self.longest { context.close(promise: nil) }
                return
            }
            let line = text[..<end]
            if line.hasSuffix(" OK") { answer.succeed(.clean) } else if line.hasSuffix(" FOUND") { answer.succeed(.infected) } else {
                answer.fail(NoAnswer())
            }
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) { answer.fail(NoAnswer()) }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            answer.fail(error)
            context.close(promise: nil)
        }
    }
}

/// A file on its way past the scanner.
struct VirusScan: Sendable {
    private static let longestAnswer = TimeAmount.seconds(10)

    let channel: any Channel
    let answer: EventLoopFuture<VirusScanner.Verdict>

    func write(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get() }

    func look(at bytes: some Collection<UInt8>) async throws {
        guard !bytes.isEmpty else { return }
        let count = UInt32(bytes.count)
        try await write([UInt8(count >> 24), UInt8(count >> 16 & 0xff), UInt8(count >> 8 & 0xff), UInt8(count & 0xff)] + bytes)
    }

    func verdict() async throws -> VirusScanner.Verdict {
        try await write([0, 0, 0, 0])
        let late = channel.eventLoop.scheduleTask(in: Self.longestAnswer) { [channel] in channel.close(promise: nil) }
        defer { late.cancel() }
        return try await answer.get()
    }

    func stop() { channel.close(promise: nil) }
}
