import Foundation
import HTTPTypes
import Hummingbird
import Testing
@testable import Web

/// Forms with a file, cut into pieces wherever a network may cut them.
@Suite struct PostedFileTests {
    private func posted(_ body: [UInt8], cutAt cut: Int, boundary: String = "x-y", fieldsAtMost: Int = 1_000) throws -> PostedFile {
        var head = HTTPRequest(method: .post, scheme: "https", authority: "portal.test", path: "/documents")
        head.headerFields[.contentType] = "multipart/form-data; boundary=\(boundary)"
        let pieces = AsyncStream<ByteBuffer> { stream in
            for start in stride(from: 0, to: body.count, by: cut) { stream.yield(ByteBuffer(bytes: body[start..<min(start + cut, body.count)])) }
            stream.finish()
        }
        return try PostedFile(Request(head: head, body: RequestBody(asyncSequence: pieces)), fieldsAtMost: fieldsAtMost)
    }

    private func part(_ name: String, _ value: [UInt8], file: String? = nil, boundary: String = "x-y") -> [UInt8] {
        let fileName = file.map { "; filename=\"\($0)\"\r\nContent-Type: application/octet-stream" } ?? ""
        return Array("--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\(fileName)\r\n\r\n".utf8) + value + Array("\r\n".utf8)
    }

    private func read(_ file: PostedFile) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let more = try await file.next() { bytes += more }
        return bytes
    }

    private let end = Array("--x-y--\r\n".utf8)

    @Test(arguments: [1, 2, 3, 5, 7, 64, 100_000])
    func fieldsComeBeforeTheFileWhichIsWhatItWas(_ cut: Int) async throws {
        // What looks like the beginning of a delimiter, and line ends, are content.
        let content = Array("\r\n--x-\r\n--\r\r\n-x-y\r\n--x".utf8) + (0..<2_000).map { UInt8(truncatingIfNeeded: $0 * 7) } + Array("\r\n".utf8)
        let body =
            part("form-key", Array("k".utf8)) + part("title", Array("Ärm\r\nleft".utf8)) + part("photo", [], file: "")
            + part("file", content, file: "rash.jpg") + part("after", Array("no".utf8)) + end
        let file = try posted(body, cutAt: cut)
        let fields = try await file.fields()
        #expect(fields["form-key"] == "k" && fields["title"] == "Ärm\r\nleft" && fields["after"] == nil)
        #expect(file.name == "rash.jpg")
        #expect(try await read(file) == content)
        #expect(try await file.next() == nil)
    }

    @Test func whereNothingIsChosenThereIsNoFile() async throws {
        let file = try posted(part("title", Array("a".utf8)) + part("photo", [], file: "") + part("file", [], file: "") + end, cutAt: 9)
        #expect(try await file.fields()["title"] == "a")
        #expect(try await file.next() == nil)
        #expect(file.name == nil)
        // A file that is empty has a name.
        let empty = try posted(part("file", [], file: "a.txt") + end, cutAt: 9)
        _ = try await empty.fields()
        #expect(try await empty.next() == nil)
    }

    @Test func whatIsNoFormIsSaidToBeNone() async throws {
        #expect(throws: PostedFile.Fault.notMultipart) { try posted([], cutAt: 1, boundary: "") }
        #expect(throws: PostedFile.Fault.notMultipart) { try posted([], cutAt: 1, boundary: String(repeating: "x", count: 71)) }
        func fault(_ body: [UInt8]) async throws -> PostedFile.Fault? {
            do { _ = try await posted(body, cutAt: 11).fields() } catch let fault as PostedFile.Fault { return fault }
            return nil
        }
        #expect(try await fault([]) == .endsEarly)
        #expect(try await fault(Array("hello, this is no form at all".utf8)) == .notMultipart)
        #expect(try await fault(part("title", Array(repeating: 120, count: 1_100)) + end) == .tooLarge)
        #expect(try await fault((0..<300).flatMap { _ in part("file", [], file: "") } + end) == .tooLarge)
        #expect(try await fault(Array("--x-y\r\n".utf8) + Array(repeating: 120, count: 10_000)) == .tooLarge)
        #expect(try await fault(Array("--x-y\r\nContent-Type: text/plain\r\n\r\nx\r\n".utf8) + end) == .notMultipart)
        await #expect(throws: FormData.Fault.controlCharacter) { try await posted(part("a", [0]) + end, cutAt: 5).fields() }
        let cut = try posted(Array(part("file", Array("abcdefghijklmnop".utf8), file: "a.txt").dropLast(5)), cutAt: 4)
        _ = try await cut.fields()
        await #expect(throws: PostedFile.Fault.endsEarly) { _ = try await read(cut) }
    }
}
