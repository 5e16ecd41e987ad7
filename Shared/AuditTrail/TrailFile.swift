internal import Dispatch
public import Foundation
internal import Glibc

/// A sealed entry: its place, and the signature when it is the last of what was sealed at once.
public struct SealedEntry: Sendable, Hashable {
    public var position: Int64
    public var line: TrailLine
    public var mac: [UInt8]
    public var link: [UInt8]
    public var signedAt: Date?
    public var signature: [UInt8]?

    public init(position: Int64, line: TrailLine, mac: [UInt8], link: [UInt8], signedAt: Date? = nil, signature: [UInt8]? = nil) {
        self.position = position
        self.line = line
        self.mac = mac
        self.link = link
        self.signedAt = signedAt
        self.signature = signature
    }

    public var head: TrailHead? { signedAt.map { TrailHead(position: position, link: link, signedAt: $0) } }

    /// `position, the entry's fields, MAC, link, signed at, signature`, with tabs between; the last two are empty where nothing is signed.
    public func appendFileLine(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: String(position).utf8)
        bytes.append(9)
        bytes.append(contentsOf: line.bytes)
        bytes.append(9)
        bytes.appendHex(mac)
        bytes.append(9)
        bytes.appendHex(link)
        bytes.append(9)
        if let head { bytes.append(contentsOf: String(head.microseconds).utf8) }
        bytes.append(9)
        bytes.appendHex(signature ?? [])
    }
}

/// The copy of a trail that no database has: a file that is only ever appended to. `chattr +a` makes the system see to that.
public final class TrailFile: Sendable {
    /// Where the file ends: the last entry that is whole.
    public struct End: Sendable, Equatable {
        public var position: Int64
        public var link: [UInt8]
    }

    public enum Failure: Error, Equatable {
        /// Says what could not be done.
        case system(String)
        /// The end of the file is not a line of a trail.
        case notATrail
    }

    /// More than the longest line there can be.
    private static let tail = 256 << 10

    public let path: String
    /// The file's system calls may wait for a disk, so none is made on a thread that others need.
    private let queue = DispatchQueue(label: "trail-file")

    public init(folder: String, service: String) { path = "\(folder)/\(service).trail" }

    /// - Returns: nil while nothing has been written.
    public func end() async throws -> End? {
        try await onQueue { try self.withFile { try self.end(of: $0).end } }
    }

    /// Appends, and returns once it is on the disk. - Returns: false, and nothing is written, when the file does not end at `expected` any more:
    /// another instance was faster.
    public func append(_ entries: [SealedEntry], after expected: End?) async throws -> Bool {
        try await onQueue {
            try self.withFile { file in
                let (end, isTorn) = try self.end(of: file)
                guard end == expected else { return false }
                // What a crash left of a line stays as it is, as a line of its own: nothing is ever taken away here.
                var bytes: [UInt8] = isTorn ? [10] : []
                bytes.reserveCapacity(entries.count * 512)
                for entry in entries {
                    entry.appendFileLine(to: &bytes)
                    bytes.append(10)
                }
                try self.write(bytes, to: file)
                guard fsync(file) == 0 else { throw Failure.system("fsync: \(errno)") }
                return true
            }
        }
    }

    private func onQueue<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body() }) }
        }
    }

    /// One instance at a time.
    private func withFile<R>(_ body: (Int32) throws -> R) throws -> R {
        let file = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Failure.system("open: \(errno)") }
        defer { close(file) }
        while flock(file, LOCK_EX) != 0 { guard errno == EINTR else { throw Failure.system("flock: \(errno)") } }
        return try body(file)
    }

    private func write(_ bytes: [UInt8], to file: Int32) throws {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress?.advanced(by: written), $0.count - written) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Failure.system("write: \(errno)") }
            written += count
        }
    }

    private func end(of file: Int32) throws -> (end: End?, isTorn: Bool) {
        let size = Int(lseek(file, 0, SEEK_END))
        guard size > 0 else { return (nil, false) }
        let start = max(0, size - Self.tail)
        var bytes = [UInt8](repeating: 0, count: size - start)
        let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, off_t(start)) }
        guard count == bytes.count else { throw Failure.system("read: \(errno)") }
        let lines = bytes.split(separator: 10, omittingEmptySubsequences: false).dropLast()
        for line in lines.reversed() { if let end = Self.end(in: line) { return (end, bytes.last != 10) } }
        // Nothing but the beginning of a first line.
        guard start == 0, lines.allSatisfy({ $0.count < Self.shortest }) else { throw Failure.notATrail }
        return (nil, bytes.last != 10)
    }

    private static let shortest = 200

    private static func end(in line: ArraySlice<UInt8>) -> End? {
        let fields = line.split(separator: 9, omittingEmptySubsequences: false)
        guard fields.count == 18, let position = Int64(String(decoding: fields[0], as: UTF8.self)), let link = [UInt8](lowHex: fields[15]),
            link.count == 32
        else { return nil }
        return End(position: position, link: link)
    }
}

/// Reads a trail's file from its beginning, a line at a time.
public struct TrailFileLines: ~Copyable {
    private static let chunk = 1 << 20

    private let file: Int32
    private var buffer: [UInt8] = []
    private var next = 0

    /// - Returns: nil when there is no such file, or it cannot be read.
    public init?(path: String) {
        file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
    }

    deinit { close(file) }

    /// The next line that is whole; nil at the end of the file, where more may come later.
    public mutating func nextLine() -> ArraySlice<UInt8>? {
        while true {
            if let end = buffer[next...].firstIndex(of: 10) {
                defer { next = end + 1 }
                return buffer[next..<end]
            }
            buffer.removeFirst(next)
            next = 0
            let old = buffer.count
            buffer.append(contentsOf: repeatElement(0, count: Self.chunk))
            let count = buffer.withUnsafeMutableBytes { read(file, $0.baseAddress?.advanced(by: old), Self.chunk) }
            buffer.removeLast(Self.chunk - max(0, count))
            guard count > 0 else { return nil }
        }
    }
}
