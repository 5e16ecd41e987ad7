internal import Postgres
internal import Sealing

/// Why something failed, as a code that may stand in a log: never a message text, which can hold values.
struct Reason {
    let code: String
    /// Nothing is wrong with the request: the database or a dependency is away, and asking again later may do.
    let isAway: Bool

    init(_ error: any Error) {
        switch error {
        case let error as DatabaseError:
            code = ["database", "\(error.kind)", error.sqlState, error.constraint].compactMap(\.self).joined(separator: " ")
            // Also a trail that takes no entries: nothing is shown or done meanwhile.
            isAway = [.unavailable, .timeout, .serialization, .outcomeUnknown].contains(error.kind) || error.isOfTheTrail
        case let error as TryLater: (code, isAway) = (error.reason, true)
        case let error as DeadLetter: (code, isAway) = (error.reason, false)
        case let error as SealingError: (code, isAway) = ("sealing \(error)", false)
        case let error as BusError: (code, isAway) = ("request \(error)", true)
        case let error as DecodingError: (code, isAway) = ("undecodable \(error.place)", false)
        case is CancellationError: (code, isAway) = ("stopping", true)
        default: (code, isAway) = ("\(type(of: error))", false)
        }
    }
}

extension DatabaseError {
    /// The audit entry could not be written.
    var isOfTheTrail: Bool { statement?.hasPrefix("INSERT INTO audit_entry") ?? false }
}
