import Foundation
import Hummingbird
import NIOCore

/// A posted form with a file in it (`multipart/form-data`), read as it arrives: first the fields, then the file. What follows the file is not looked
/// at, so forms have it last.
public final class PostedFile: @unchecked Sendable {  // one task at a time reads it: the step that checks the form, then the page
    public enum Fault: Error, Equatable { case notMultipart, tooLarge, endsEarly }

    private static let headersAtMost = 8 << 10
    private static let passedOverAtMost = 128 << 20

    /// As the browser calls it; nil where no file was chosen.
    public private(set) var name: String?
    /// Bytes of the whole request, where the browser says so beforehand.
    public let announced: Int?

    private let fieldsAtMost: Int
    private let delimiter: [UInt8]
    private var body: RequestBody.AsyncIterator
    /// Every part begins with a delimiter, which begins with a line's end; the first has none of its own.
    private var buffer = ByteBuffer(string: "\r\n")
    private var isOver = false

    /// - Parameter fieldsAtMost: bytes the fields may have, all together.
    init(_ request: Request, fieldsAtMost: Int) throws(Fault) {
        let parameters = request.headers[.contentType]?.split(separator: ";").dropFirst().map { $0.trimmed() } ?? []
        guard let boundary = parameters.first(where: { $0.lowercased().hasPrefix("boundary=") })?.dropFirst("boundary=".count) else {
            throw .notMultipart
        }
        let bare = boundary.filter { $0 != "\"" }
        guard (1...70).contains(bare.utf8.count) else { throw .notMultipart }
        delimiter = Array("\r\n--\(bare)".utf8)
        announced = request.headers[.contentLength].flatMap { Int($0) }
        self.fieldsAtMost = fieldsAtMost
        body = request.body.makeAsyncIterator()
    }

    /// The fields in front of the file. Called once, before `next`.
    func fields() async throws -> FormData {
        var (fields, left) = (FormData(), fieldsAtMost)
        while try await nextPart() {
            let headers = try await bytes(upTo: Array("\r\n\r\n".utf8), atMost: Self.headersAtMost)
            buffer.moveReaderIndex(forwardBy: 4)
            left -= headers.count
            let disposition = String(decoding: headers, as: UTF8.self).split(separator: "\r\n").first {
                $0.lowercased().hasPrefix("content-disposition:")
            }
            guard let disposition, let field = Self.parameter("name", of: disposition) else { throw Fault.notMultipart }
            if let file = Self.parameter("filename", of: disposition) {
                // Where nothing is chosen browsers send a file without name or content.
                guard left > 0 else { throw Fault.tooLarge }
                if try await isEmptyPart() { continue }
                name = String(file)
                return fields
            }
            let value = try await bytes(upTo: delimiter, atMost: max(0, left))
            left -= value.count
            try fields.add(Array(field.utf8), value)
        }
        isOver = true
        return fields
    }

    /// The file's next bytes; nil at its end. - Throws: `endsEarly` when the request is over before the file is.
    public func next() async throws -> [UInt8]? {
        while !isOver {
            if let end = buffer.place(of: delimiter) {
                isOver = true
                return end > 0 ? buffer.readBytes(length: end) : nil
            }
            // What may be the beginning of a delimiter has to wait for its end.
            let sure = buffer.readableBytes - delimiter.count + 1
            if sure > 0 { return buffer.readBytes(length: sure) }
            guard try await read() else { throw Fault.endsEarly }
        }
        return nil
    }

    /// Reads the rest away, as far as that is sensible: a browser that is still sending does not look for an answer.
    public func passOver() async throws {
        var left = Self.passedOverAtMost
        while left > 0, let chunk = try await body.next() { left -= chunk.readableBytes }
        isOver = true
    }

    /// Passes a delimiter. - Returns: false when it was the last.
    private func nextPart() async throws -> Bool {
        try await need(delimiter.count + 2)
        guard buffer.readBytes(length: delimiter.count) == delimiter, let end = buffer.readBytes(length: 2) else { throw Fault.notMultipart }
        switch end {
        case Array("\r\n".utf8): return true
        case Array("--".utf8): return false
        default: throw Fault.notMultipart
        }
    }

    private func isEmptyPart() async throws -> Bool {
        try await need(delimiter.count)
        return buffer.place(of: delimiter) == 0
    }

    /// Everything up to the pattern, which stays.
    private func bytes(upTo pattern: [UInt8], atMost limit: Int) async throws -> [UInt8] {
        while true {
            if let end = buffer.place(of: pattern) {
                guard end <= limit else { throw Fault.tooLarge }
                return buffer.readBytes(length: end) ?? []
            }
            guard buffer.readableBytes <= limit + pattern.count else { throw Fault.tooLarge }
            guard try await read() else { throw Fault.endsEarly }
        }
    }

    private func need(_ count: Int) async throws {
        while buffer.readableBytes < count {
            guard try await read() else { throw Fault.endsEarly }
        }
    }

    /// - Returns: false at the end of the request.
    private func read() async throws -> Bool {
        guard var chunk = try await body.next() else { return false }
        buffer.discardReadBytes()
        buffer.writeBuffer(&chunk)
        return true
    }

    /// A parameter of a header's line: `name="…"`.
    private static func parameter(_ name: String, of line: Substring) -> Substring? {
        guard let start = line.range(of: "; \(name)=\"", options: .caseInsensitive)?.upperBound, let end = line[start...].firstIndex(of: "\"") else {
            return nil
        }
        return line[start..<end]
    }
}

extension ByteBuffer {
    /// How many bytes from here the pattern begins; nil when it does not.
    fileprivate func place(of pattern: [UInt8]) -> Int? {
        withUnsafeReadableBytes { bytes in
            guard let start = bytes.baseAddress, let first = pattern.first else { return nil }
            var at = 0
            while at + pattern.count <= bytes.count {
                guard let found = memchr(start + at, Int32(first), bytes.count - at - pattern.count + 1) else { return nil }
                at = start.distance(to: UnsafeRawPointer(found))
                if memcmp(found, pattern, pattern.count) == 0 { return at }
                at += 1
            }
            return nil
        }
    }
}
