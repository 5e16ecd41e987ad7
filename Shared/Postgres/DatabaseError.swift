/// What went wrong in the database, in a form that can be logged: codes and names of constraints, never a message or a value.
///
/// PostgreSQL's own texts quote rows ("Key (id)=(1) already exists"), so none of them is kept.
public struct DatabaseError: Error, Sendable, Equatable {
    public enum Kind: String, Sendable {
        /// No connection, or it was lost before COMMIT was sent: nothing has changed.
        case unavailable
        /// The connection was lost, or the deadline passed, between sending COMMIT and its answer. Look the key up before doing it again.
        case outcomeUnknown
        /// The statement, a lock or the wait for a free connection took too long; nothing has changed.
        case timeout
        /// Concurrent transactions got in each other's way (serialization failure, deadlock).
        case serialization
        /// A constraint of the schema; `constraint` names it.
        case constraint
        /// The role may not do this, or row-level security refused the row.
        case permission
        /// The task was cancelled; nothing has changed.
        case cancelled
        /// A column does not hold what the caller asked for.
        case decoding
        case other
    }

    public let kind: Kind
    /// PostgreSQL's five-character code; nil when the error arose on this side.
    public let sqlState: String?
    public let constraint: String?
    public let table: String?
    /// A constant of ours that says what happened when `sqlState` cannot.
    public let reason: String?
    /// The text of the statement that failed, without its binds; nil when the text itself may hold a value.
    public let statement: String?

    public init(
        _ kind: Kind, sqlState: String? = nil, constraint: String? = nil, table: String? = nil, reason: StaticString? = nil, statement: String? = nil
    ) {
        self.kind = kind
        self.sqlState = sqlState
        self.constraint = constraint
        self.table = table
        self.reason = reason.map { "\($0)" }
        self.statement = statement
    }

    /// The same work may be tried again as it is. False for `outcomeUnknown`: that needs a look at the key first.
    public var isRetryable: Bool {
        switch kind {
        case .unavailable, .timeout, .serialization: true
        default: false
        }
    }

    static func kind(ofState state: String) -> Kind {
        switch state {
        case "40001", "40P01": .serialization
        case "42501": .permission
        case "57014", "55P03": .timeout
        case "25P03": .unavailable  // the server ended a session that sat idle inside a transaction
        default:
            switch state.prefix(2) {
            case "08", "53": .unavailable
            case "23": .constraint
            case "57": state.hasPrefix("57P0") ? .unavailable : .other
            default: .other
            }
        }
    }

    func with(_ kind: Kind) -> DatabaseError {
        DatabaseError(kind, copying: self)
    }

    private init(_ kind: Kind, copying other: DatabaseError) {
        self.kind = kind
        (sqlState, constraint, table, reason, statement) = (other.sqlState, other.constraint, other.table, other.reason, other.statement)
    }
}

extension DatabaseError: CustomStringConvertible {
    public var description: String {
        // Class 42 is a mistake in the statement: its text is the one thing that helps.
        let wrong = sqlState?.hasPrefix("42") == true ? statement : nil
        return ([kind.rawValue] + [sqlState, constraint, reason, wrong].compactMap { $0 }).joined(separator: " ")
    }
}
