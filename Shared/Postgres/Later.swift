internal import Synchronization

/// The rows of a statement that travels with a later one: there once that one has been waited for.
public final class Later: Sendable {
    private let rows = Mutex<PostgresResult?>(nil)

    init() {}

    func arrived(_ rows: PostgresResult) { self.rows.withLock { $0 = rows } }

    private func taken() throws(DatabaseError) -> PostgresResult {
        guard let rows = rows.withLock({ $0 }) else { throw DatabaseError(.other, reason: "the rows were looked at before they were waited for") }
        return rows
    }

    public func all<each T: PostgresDecodable>(as types: repeat (each T).Type) throws(DatabaseError) -> [(repeat each T)] {
        try taken().all(as: repeat each types)
    }

    /// The first row; nil when there is none.
    public func first<each T: PostgresDecodable>(as types: repeat (each T).Type) throws(DatabaseError) -> (repeat each T)? {
        try taken().first(as: repeat each types)
    }

    /// The first row of a statement with one column; nil when there is no row.
    public func first<T: PostgresDecodable>(as type: T.Type) throws(DatabaseError) -> T? { try taken().value(as: type) }
}
