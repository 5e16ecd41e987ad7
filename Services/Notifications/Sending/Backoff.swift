/// How long until the next try: 1, 2, 4 … 60 minutes, with jitter; after eight tries no more.
enum Backoff {
    static let tries = 8

    /// - Parameter tries: those made so far, from 1.
    /// - Returns: seconds; nil when there is no next try.
    static func seconds(afterTries tries: Int) -> Double? {
        guard tries < Self.tries else { return nil }
        return Double(min(60, 1 << min(max(0, tries - 1), 6))) * 60 * Double.random(in: 0.9...1.1)
    }
}
