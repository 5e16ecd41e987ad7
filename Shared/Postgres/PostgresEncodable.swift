public import Foundation

/// A value that a statement can carry.
///
/// | Swift | PostgreSQL |
/// |---|---|
/// | `Bool` `Int32` `Int` `Int64` `Double` | `bool` `int4` `int8` `int8` `float8` |
/// | `String` | whatever the statement expects there: text, json, an enum, a date… |
/// | `UUID`, `Date` | `uuid`, `timestamptz` (microseconds) |
/// | `[UInt8]`, `Data` | `bytea` |
/// | `[UUID]` `[String]` `[Int]` `[Int64]` `[Int32]` `[Double]` `[Bool]` `[Date]` | the array type |
///
/// An enum with such a raw value conforms by saying so.
public protocol PostgresEncodable: Sendable {
    var postgresBind: Bind { get }
    /// The oid a nil of this type is sent with; 0, the default, lets the server infer it.
    static var postgresType: UInt32 { get }
}

extension PostgresEncodable {
    public static var postgresType: UInt32 { 0 }
}

extension PostgresEncodable where Self: RawRepresentable, RawValue: PostgresEncodable {
    public var postgresBind: Bind { rawValue.postgresBind }
    public static var postgresType: UInt32 { RawValue.postgresType }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    public var postgresBind: Bind { self?.postgresBind ?? .null(type: Wrapped.postgresType) }
    public static var postgresType: UInt32 { Wrapped.postgresType }
}

extension Bool: PostgresEncodable {
    public var postgresBind: Bind { Bind(TypeID.bool, .word(self ? 1 : 0, size: 1)) }
    public static var postgresType: UInt32 { TypeID.bool }
}

extension Int: PostgresEncodable {
    public var postgresBind: Bind { Bind(TypeID.int8, .word(UInt64(bitPattern: Int64(self)), size: 8)) }
    public static var postgresType: UInt32 { TypeID.int8 }
}

extension Int64: PostgresEncodable {
    public var postgresBind: Bind { Bind(TypeID.int8, .word(UInt64(bitPattern: self), size: 8)) }
    public static var postgresType: UInt32 { TypeID.int8 }
}

extension Int32: PostgresEncodable {
    public var postgresBind: Bind { Bind(TypeID.int4, .word(UInt64(UInt32(bitPattern: self)), size: 4)) }
    public static var postgresType: UInt32 { TypeID.int4 }
}

extension Double: PostgresEncodable {
    public var postgresBind: Bind { Bind(TypeID.float8, .word(bitPattern, size: 8)) }
    public static var postgresType: UInt32 { TypeID.float8 }
}

extension String: PostgresEncodable {
    public var postgresBind: Bind { .text(self) }
}

extension UUID: PostgresEncodable {
    public var postgresBind: Bind { Bind(TypeID.uuid, .uuid(self)) }
    public static var postgresType: UInt32 { TypeID.uuid }
}

extension Date: PostgresEncodable {
    /// Seconds between 2000-01-01, PostgreSQL's epoch, and Foundation's 2001-01-01.
    static let epochDistance = 366.0 * 86_400

    public var postgresBind: Bind {
        let microseconds = ((timeIntervalSinceReferenceDate + Self.epochDistance) * 1_000_000).rounded()
        // The ends of Int64 mean infinity to PostgreSQL; no clinic is open then.
        guard let exact = Int64(exactly: microseconds), exact > .min, exact < .max else {
            return Bind(TypeID.timestamptz, .refused(sqlState: SQLState.datetimeOverflow))
        }
        return Bind(TypeID.timestamptz, .word(UInt64(bitPattern: exact), size: 8))
    }
    public static var postgresType: UInt32 { TypeID.timestamptz }
}

extension Data: PostgresEncodable {
    public var postgresBind: Bind { Bind(TypeID.bytea, .bytes([UInt8](self))) }
    public static var postgresType: UInt32 { TypeID.bytea }
}

/// What an array may hold. `UInt8` makes a `bytea`, everything else PostgreSQL's array of that type.
public protocol PostgresArrayElement: Sendable {
    static var postgresArrayType: UInt32 { get }
    static func postgresBind(of array: [Self]) -> Bind
    static func decodeArray(_ cell: Cell) throws(DatabaseError) -> [Self]
}

extension PostgresArrayElement where Self: PostgresEncodable {
    public static func postgresBind(of array: [Self]) -> Bind {
        // Inside an array every element has its type, also text.
        let element = postgresType == 0 ? TypeID.text : postgresType
        return .array(of: element, type: postgresArrayType, array.lazy.map(\.postgresBind), count: array.count)
    }
}

extension Array: PostgresEncodable where Element: PostgresArrayElement {
    public var postgresBind: Bind { Element.postgresBind(of: self) }
    public static var postgresType: UInt32 { Element.postgresArrayType }
}

extension UInt8: PostgresArrayElement {
    public static var postgresArrayType: UInt32 { TypeID.bytea }
    public static func postgresBind(of array: [UInt8]) -> Bind { Bind(TypeID.bytea, .bytes(array)) }
    public static func decodeArray(_ cell: Cell) throws(DatabaseError) -> [UInt8] { [UInt8](try cell.require(TypeID.bytea)) }
}

extension UUID: PostgresArrayElement { public static var postgresArrayType: UInt32 { TypeID.uuidArray } }
extension String: PostgresArrayElement { public static var postgresArrayType: UInt32 { TypeID.textArray } }
extension Int: PostgresArrayElement { public static var postgresArrayType: UInt32 { TypeID.int8Array } }
extension Int64: PostgresArrayElement { public static var postgresArrayType: UInt32 { TypeID.int8Array } }
extension Int32: PostgresArrayElement { public static var postgresArrayType: UInt32 { TypeID.int4Array } }
extension Double: PostgresArrayElement { public static var postgresArrayType: UInt32 { TypeID.float8Array } }
extension Bool: PostgresArrayElement { public static var postgresArrayType: UInt32 { TypeID.boolArray } }
extension Date: PostgresArrayElement { public static var postgresArrayType: UInt32 { TypeID.timestamptzArray } }
