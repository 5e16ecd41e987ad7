internal import Foundation
internal import Glibc

/// One value on its way to the server: its type's oid and its bytes as PostgreSQL's binary format (text for unspecified types) wants them.
public struct Bind: Sendable {
    enum Payload: Sendable {
        case null
        /// The low `size` bytes, sent big-endian.
        case word(UInt64, size: Int)
        case uuid(UUID)
        case bytes([UInt8])
        case text(String)
        /// Cannot be sent; the SQLSTATE the server would answer with.
        case refused(sqlState: String)
    }

    /// 0 lets the server infer the type from the statement.
    let type: UInt32
    let payload: Payload

    init(_ type: UInt32, _ payload: Payload) {
        self.type = type
        self.payload = payload
    }

    public static func null(type: UInt32 = 0) -> Bind { Bind(type, .null) }

    /// A value as the text PostgreSQL would read. U+0000, which would cut the text short, is refused when the statement is sent.
    public static func text(_ text: String, type: UInt32 = 0) -> Bind {
        Bind(type, text.holdsZero ? .refused(sqlState: SQLState.characterNotInRepertoire) : .text(text))
    }

    static func array(of element: UInt32, type: UInt32, _ elements: some Sequence<Bind>, count: Int) -> Bind {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20 + 12 * count)
        func append(_ value: Int) { withUnsafeBytes(of: Int32(truncatingIfNeeded: value).bigEndian) { bytes.append(contentsOf: $0) } }
        append(count == 0 ? 0 : 1)  // dimensions
        append(0)  // no nulls inside
        append(Int(element))
        if count > 0 {
            append(count)
            append(1)  // lower bound
        }
        for bind in elements {
            if case .refused = bind.payload { return Bind(type, bind.payload) }
            append(bind.payload.size)
            let start = bytes.count
            bytes.append(contentsOf: repeatElement(0, count: bind.payload.size))
            bytes.withUnsafeMutableBytes { bind.payload.write(to: UnsafeMutableRawBufferPointer(rebasing: $0[start...])) }
        }
        return Bind(type, .bytes(bytes))
    }
}

extension Bind.Payload {
    var size: Int {
        switch self {
        case .null, .refused: 0
        case .word(_, let size): size
        case .uuid: 16
        case .bytes(let bytes): bytes.count
        case .text(let text): text.utf8.count
        }
    }

    /// - Parameter space: at least `size` bytes.
    func write(to space: UnsafeMutableRawBufferPointer) {
        switch self {
        case .null, .refused: break
        case .word(let word, let size):
            withUnsafeBytes(of: word.bigEndian) { space.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[(8 - size)...])) }
        case .uuid(let uuid): withUnsafeBytes(of: uuid.uuid) { space.copyMemory(from: $0) }
        case .bytes(let bytes): bytes.withUnsafeBytes { space.copyMemory(from: $0) }
        case .text(var text): text.withUTF8 { space.copyMemory(from: UnsafeRawBufferPointer($0)) }
        }
    }
}

enum SQLState {
    static let characterNotInRepertoire = "22021"
    static let datetimeOverflow = "22008"
    static let tooManyArguments = "54023"
    static let noActiveTransaction = "25P01"
    static let failedTransaction = "25P02"
    static let connectionFailure = "08006"
}

/// The oids of PostgreSQL's built-in types; they never change.
enum TypeID {
    static let bool: UInt32 = 16, bytea: UInt32 = 17, char: UInt32 = 18, name: UInt32 = 19, int8: UInt32 = 20, int2: UInt32 = 21, int4: UInt32 = 23
    static let text: UInt32 = 25, oid: UInt32 = 26, json: UInt32 = 114, xml: UInt32 = 142, float4: UInt32 = 700, float8: UInt32 = 701
    static let unknown: UInt32 = 705, bpchar: UInt32 = 1042, varchar: UInt32 = 1043, timestamptz: UInt32 = 1184, uuid: UInt32 = 2950
    static let jsonb: UInt32 = 3802
    static let boolArray: UInt32 = 1000, nameArray: UInt32 = 1003, int2Array: UInt32 = 1005, int4Array: UInt32 = 1007, textArray: UInt32 = 1009
    static let varcharArray: UInt32 = 1015, int8Array: UInt32 = 1016, float8Array: UInt32 = 1022, timestamptzArray: UInt32 = 1185,
        uuidArray: UInt32 = 2951
    /// Types from here on belong to schemas and extensions: enums, citext…
    static let firstOfSchemas: UInt32 = 16384
}

extension String {
    var holdsZero: Bool {
        utf8.withContiguousStorageIfAvailable { bytes in
            guard let start = bytes.baseAddress else { return false }
            return memchr(start, 0, bytes.count) != nil
        } ?? utf8.contains(0)
    }
}
