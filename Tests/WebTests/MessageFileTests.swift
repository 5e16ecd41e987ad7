import Contracts
import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import Web

/// Files that come with messages, before they are sent on.
@Suite struct MessageFileTests {
    @Test(arguments: [
        ("rash.jpg", "rash.jpg"), ("../../etc/passwd.png", "passwd.png"), ("C:\\Users\\me\\letter.pdf", "letter.pdf"), ("..", "file"), ("", "file"),
        ("/", "file"), (".htaccess", "htaccess"), ("a\u{202e}gnp.exe", "agnp.exe"), ("a\u{0}\nb.txt", "ab.txt"),
        (String(repeating: "x", count: 300) + ".png", String(repeating: "x", count: 96) + ".png"),
    ])
    func aNameIsANameAndNoPath(_ called: String, _ name: String) { #expect(MessageAttachment.name(called) == name) }

    /// The test file every scanner knows; here in two parts, so that no scanner takes this file for one.
    private static let known = #"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR"# + "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

    /// As much of clamd as there has to be.
    private final class Clamd: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private var held = ByteBuffer()
        private var file: [UInt8] = []
        private var isGreeted = false
        private let isDumb: Bool

        init(isDumb: Bool) { self.isDumb = isDumb }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var chunk = unwrapInboundIn(data)
            held.writeBuffer(&chunk)
            if !isGreeted {
                guard held.readableBytes >= 10 else { return }
                guard held.readString(length: 10) == "zINSTREAM\0" else { return context.close(promise: nil) }
                isGreeted = true
            }
            while let count = held.getInteger(at: held.readerIndex, as: UInt32.self), held.readableBytes >= 4 + Int(count) {
                held.moveReaderIndex(forwardBy: 4)
                if count == 0 {
                    if isDumb { return context.close(promise: nil) }
                    let isKnown = String(decoding: file, as: UTF8.self).contains(MessageFileTests.known)
                    let answer = ByteBuffer(string: isKnown ? "stream: Win.Test.EICAR_HDB-1 FOUND\0" : "stream: OK\0")
                    return context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
                }
                file += held.readBytes(length: Int(count)) ?? []
            }
        }
    }

    private func withClamd(isDumb: Bool = false, _ body: (VirusScanner) async throws -> Void) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Clamd(isDumb: isDumb)) }
        }.bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        try await body(VirusScanner("127.0.0.1:\(port)"))
        try await server.close()
    }

    @Test func whatTheScannerKnowsIsFoundHoweverItIsCut() async throws {
        try await withClamd { scanner in
            for cut in [1, 7, 1_000] {
                let scan = try await scanner.begin()
                let bytes = Array(Self.known.utf8)
                for start in stride(from: 0, to: bytes.count, by: cut) { try await scan.look(at: bytes[start..<min(start + cut, bytes.count)]) }
                #expect(try await scan.verdict() == .infected)
            }
            let scan = try await scanner.begin()
            try await scan.look(at: Array(repeating: 7, count: 3 << 20))
            try await scan.look(at: [])
            #expect(try await scan.verdict() == .clean)
        }
    }

    /// No answer is no yes.
    @Test func aScannerThatIsAwayOrBreaksOffLetsNothingThrough() async throws {
        try await withClamd(isDumb: true) { scanner in
            let scan = try await scanner.begin()
            try await scan.look(at: [1])
            await #expect(throws: (any Error).self) { try await scan.verdict() }
        }
        await #expect(throws: (any Error).self) { try await VirusScanner("127.0.0.1:1").begin() }
        await #expect(throws: (any Error).self) { try await VirusScanner("/nowhere/clamd.sock").begin() }
    }
}
