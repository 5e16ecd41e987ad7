internal import CPostgres
internal import Glibc

/// The rows of one statement. They stay in libpq's memory and are decoded from there, by whoever asked and not by the loop.
final class PostgresResult: @unchecked Sendable {  // libpq never changes a finished result
    private let raw: OpaquePointer
    let rowCount: Int
    let columnCount: Int

    init(_ raw: OpaquePointer) {
        self.raw = raw
        rowCount = Int(PQntuples(raw))
        columnCount = Int(PQnfields(raw))
    }

    deinit { PQclear(raw) }

    var isCommitted: Bool { strcmp(PQcmdStatus(raw), "COMMIT") == 0 }

    /// Rows a statement returned or changed; 0 when it does neither.
    var affected: Int { Int(String(cString: PQcmdTuples(raw))) ?? 0 }

    private func cell(_ row: Int, _ column: Int) -> Cell {
        let (row, column) = (Int32(row), Int32(column))
        let type = PQftype(raw, column)
        if PQgetisnull(raw, row, column) == 1 { return Cell(type: type, bytes: nil) }
        return Cell(type: type, bytes: UnsafeRawBufferPointer(start: PQgetvalue(raw, row, column), count: Int(PQgetlength(raw, row, column))))
    }

    private func row<each T: PostgresDecodable>(_ row: Int, as types: repeat (each T).Type) throws(DatabaseError) -> (repeat each T) {
        var column = 0
        func next<Value: PostgresDecodable>(_: Value.Type) throws(DatabaseError) -> Value {
            defer { column += 1 }
            return try Value.decode(cell(row, column))
        }
        return (repeat try next(each types))
    }

    private func check<each T: PostgresDecodable>(_ types: repeat (each T).Type) throws(DatabaseError) {
        var expected = 0
        for _ in repeat each types { expected += 1 }
        guard columnCount == expected else { throw DatabaseError(.decoding, reason: "the statement returns another number of columns") }
    }

    func all<each T: PostgresDecodable>(as types: repeat (each T).Type) throws(DatabaseError) -> [(repeat each T)] {
        try check(repeat each types)
        var rows: [(repeat each T)] = []
        rows.reserveCapacity(rowCount)
        for number in 0..<rowCount { rows.append(try row(number, as: repeat each types)) }
        return rows
    }

    func first<each T: PostgresDecodable>(as types: repeat (each T).Type) throws(DatabaseError) -> (repeat each T)? {
        try check(repeat each types)
        guard rowCount > 0 else { return nil }
        let values: (repeat each T) = try row(0, as: repeat each types)
        return .some(values)
    }

    func column<T: PostgresDecodable>(as type: T.Type) throws(DatabaseError) -> [T] {
        try check(type)
        var values: [T] = []
        values.reserveCapacity(rowCount)
        for number in 0..<rowCount { values.append(try T.decode(cell(number, 0))) }
        return values
    }

    func value<T: PostgresDecodable>(as type: T.Type) throws(DatabaseError) -> T? {
        try check(type)
        guard rowCount > 0 else { return nil }
        return try T.decode(cell(0, 0))
    }
}
