public import Foundation

/// One column of one row, in PostgreSQL's binary format. Valid only while `decode` runs.
public struct Cell {
    /// The oid of the column's type.
    public let type: UInt32
    /// Nil for NULL.
    public let bytes: UnsafeRawBufferPointer?

    /// The bytes, when the column is of `type` and not NULL.
    public func require(_ type: UInt32) throws(DatabaseError) -> UnsafeRawBufferPointer {
        guard self.type == type else { throw DatabaseError(.decoding, reason: "the column has another type: cast it in the statement") }
        return try value()
    }

    func value() throws(DatabaseError) -> UnsafeRawBufferPointer {
        guard let bytes else { throw DatabaseError(.decoding, reason: "the column is null") }
        return bytes
    }

    func integer<Word: FixedWidthInteger>(_ bytes: UnsafeRawBufferPointer, as: Word.Type) throws(DatabaseError) -> Word {
        guard bytes.count == MemoryLayout<Word>.size else { throw DatabaseError(.decoding, reason: "the column's size is not its type's") }
        return Word(bigEndian: bytes.loadUnaligned(as: Word.self))
    }

    /// Any of the integer types.
    func integer() throws(DatabaseError) -> Int64 {
        let bytes = try value()
        switch type {
        case TypeID.int8: return try integer(bytes, as: Int64.self)
        case TypeID.int4: return Int64(try integer(bytes, as: Int32.self))
        case TypeID.int2: return Int64(try integer(bytes, as: Int16.self))
        case TypeID.oid: return Int64(try integer(bytes, as: UInt32.self))
        default: throw DatabaseError(.decoding, reason: "the column is not an integer: cast it in the statement")
        }
    }

    /// The elements of a one-dimensional array.
    func elements<Element: PostgresDecodable>(as: Element.Type) throws(DatabaseError) -> [Element] {
        let bytes = try value()
        var offset = 0
        func next() throws(DatabaseError) -> Int {
            guard bytes.count - offset >= 4 else { throw DatabaseError(.decoding, reason: "the column is not an array") }
            defer { offset += 4 }
            return Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
        }
        let dimensions = try next()
        _ = try next()  // whether nulls may follow
        let type = UInt32(truncatingIfNeeded: try next())
        if dimensions == 0 { return [] }
        guard dimensions == 1 else { throw DatabaseError(.decoding, reason: "the array has more than one dimension") }
        let count = try next()
        _ = try next()  // lower bound
        guard count >= 0, count <= bytes.count / 4 else { throw DatabaseError(.decoding, reason: "the column is not an array") }
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for _ in 0..<count {
            let size = try next()
            guard size <= bytes.count - offset else { throw DatabaseError(.decoding, reason: "the column is not an array") }
            let element = size < 0 ? nil : UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + size])
            offset += max(0, size)
            elements.append(try Element.decode(Cell(type: type, bytes: element)))
        }
        return elements
    }
}

/// A value a column can be read as: the types of `PostgresEncodable`. Anything else is cast in the statement, `born_on::text`.
public protocol PostgresDecodable: Sendable {
    static func decode(_ cell: Cell) throws(DatabaseError) -> Self
}

extension PostgresDecodable where Self: RawRepresentable, RawValue: PostgresDecodable {
    public static func decode(_ cell: Cell) throws(DatabaseError) -> Self {
        guard let value = Self(rawValue: try RawValue.decode(cell)) else {
            throw DatabaseError(.decoding, reason: "the column holds no value of the enum")
        }
        return value
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    public static func decode(_ cell: Cell) throws(DatabaseError) -> Wrapped? { cell.bytes == nil ? nil : try Wrapped.decode(cell) }
}

extension Bool: PostgresDecodable {
    public static func decode(_ cell: Cell) throws(DatabaseError) -> Bool { try cell.integer(cell.require(TypeID.bool), as: UInt8.self) != 0 }
}

extension Int64: PostgresDecodable {
    public static func decode(_ cell: Cell) throws(DatabaseError) -> Int64 { try cell.integer() }
}

extension Int: PostgresDecodable {
    public static func decode(_ cell: Cell) throws(DatabaseError) -> Int { Int(try cell.integer()) }
}

extension Int32: PostgresDecodable {
    public static func decode(_ cell: Cell) throws(DatabaseError) -> Int32 {
        guard let value = Int32(exactly: try cell.integer()) else { throw DatabaseError(.decoding, reason: "the number does not fit Int32") }
        return value
    }
}

extension Double: PostgresDecodable {
    public static func decode(_ cell: Cell) throws(DatabaseError) -> Double {
        if cell.type == TypeID.float4 { return Double(Float(bitPattern: try cell.integer(cell.value(), as: UInt32.self))) }
        return Double(bitPattern: try cell.integer(cell.require(TypeID.float8), as: UInt64.self))
    }
}

extension UUID: PostgresDecodable {
    public static func decode(_ cell: Cell) throws(DatabaseError) -> UUID {
        let bytes = try cell.require(TypeID.uuid)
        guard bytes.count == 16 else { throw DatabaseError(.decoding, reason: "the column's size is not its type's") }
        return UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
    }
}

extension Date: PostgresDecodable {
    /// PostgreSQL's infinities become `distantPast` and `distantFuture`.
    public static func decode(_ cell: Cell) throws(DatabaseError) -> Date {
        switch try cell.integer(cell.require(TypeID.timestamptz), as: Int64.self) {
        case .min: .distantPast
        case .max: .distantFuture
        case let microseconds: Date(timeIntervalSinceReferenceDate: Double(microseconds) / 1_000_000 - epochDistance)
        }
    }
}

extension Data: PostgresDecodable {
    public static func decode(_ cell: Cell) throws(DatabaseError) -> Data { Data(try cell.require(TypeID.bytea)) }
}

extension String: PostgresDecodable {
    public static func decode(_ cell: Cell) throws(DatabaseError) -> String {
        var bytes = try cell.value()
        switch cell.type {
        case TypeID.text, TypeID.varchar, TypeID.bpchar, TypeID.name, TypeID.char, TypeID.json, TypeID.xml, TypeID.unknown: break
        case TypeID.jsonb:
            // One byte with the format's version comes first.
            guard bytes.first == 1 else { throw DatabaseError(.decoding, reason: "the version of jsonb is unknown") }
            bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
        case TypeID.firstOfSchemas...: break
        default: throw DatabaseError(.decoding, reason: "the column is not text: cast it in the statement")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw DatabaseError(.decoding, reason: "the column is not UTF-8") }
        return text
    }
}

extension PostgresArrayElement where Self: PostgresDecodable {
    public static func decodeArray(_ cell: Cell) throws(DatabaseError) -> [Self] { try cell.elements(as: Self.self) }
}

extension Array: PostgresDecodable where Element: PostgresArrayElement {
    public static func decode(_ cell: Cell) throws(DatabaseError) -> [Element] { try Element.decodeArray(cell) }
}
