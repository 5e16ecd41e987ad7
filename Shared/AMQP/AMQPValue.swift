public import Foundation

/// A value in a message's headers or in the arguments of a declaration.
public enum AMQPValue: Sendable, Equatable {
    case string(String)
    case int(Int64)
    case bool(Bool)
    case bytes([UInt8])
    case double(Double)
    /// Whole seconds on the wire.
    case date(Date)
    case table([String: AMQPValue])
    case array([AMQPValue])
    case null

    /// How deep tables and arrays may nest, both ways: what is deeper is not sent, and closes the connection when received.
    static let maximumDepth = 16
}

extension AMQPValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension AMQPValue {
    /// Bytes on the wire, kind included; nil when it nests too deep or a key is too long.
    func encodedSize(depth: Int = 0) -> Int? {
        guard depth <= Self.maximumDepth else { return nil }
        switch self {
        case .string(let value): return 5 + value.utf8.count
        case .bytes(let value): return 5 + value.count
        case .int, .double, .date: return 9
        case .bool: return 2
        case .null: return 1
        case .table(let table): return Self.encodedSize(of: table, depth: depth + 1).map { 1 + $0 }
        case .array(let array):
            var size = 5
            for value in array {
                guard let more = value.encodedSize(depth: depth + 1) else { return nil }
                size += more
            }
            return size
        }
    }

    static func encodedSize(of table: [String: AMQPValue], depth: Int = 0) -> Int? {
        var size = 4
        for (key, value) in table {
            guard key.utf8.count <= 255, let more = value.encodedSize(depth: depth) else { return nil }
            size += 1 + key.utf8.count + more
        }
        return size
    }
}
