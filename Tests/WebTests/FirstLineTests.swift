import NIOCore
import NIOEmbedded
import Testing

@testable import Web

/// What a connection is, found out by its first bytes.
@Suite struct FirstLineTests {
    private final class Heard {
        var isThat: [Bool] = []
        var failures = 0
    }

    private let heard = Heard()

    private func channel() throws -> (EmbeddedChannel, FirstLine) {
        let first = FirstLine("GET /calls/socket?", setUp: { [heard] in heard.isThat.append($1) }, fail: { [heard] _ in heard.failures += 1 })
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(first)
        return (channel, first)
    }

    @Test(arguments: [
        (["GET /calls/socket?a=1"], true), (["GET /ca", "lls/socket?"], true), (["GET /"], nil), (["GET /c", "harts"], false), (["P"], false),
    ])
    func isSaidOnce(_ sent: [String], _ isThat: Bool?) throws {
        let (channel, _) = try channel()
        for bytes in sent { try channel.writeInbound(ByteBuffer(string: bytes)) }
        #expect(heard.isThat == (isThat.map { [$0] } ?? []))
        let passed = (0..<sent.count).compactMap { _ in try? channel.readInbound(as: ByteBuffer.self) }.map { String(buffer: $0) }.joined()
        #expect(passed == (isThat == nil ? "" : sent.joined()))
        _ = try channel.finish()
        #expect(heard.failures == (isThat == nil ? 1 : 0))
    }

    /// A connection that is closed while the server stops, before it was active, is told of no end: its handlers are taken away. What waits for the
    /// answer must get one.
    @Test func thatItCannotBeSaidIsSaidToo() async throws {
        let (channel, first) = try channel()
        channel.pipeline.syncOperations.removeHandler(first, promise: nil)
        channel.embeddedEventLoop.run()
        #expect(heard.failures == 1)
        #expect(heard.isThat.isEmpty)
    }
}
