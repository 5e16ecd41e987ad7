public import Contracts

/// A page of free times, and the day the next page begins with: where a day is cut that one, so that its other times are on some page too.
public struct DaysOfOpenings: Sendable {
    /// Later than half a year ahead nothing is offered.
    private static let farthest = 182

    public let openings: [Opening]
    /// `2026-11-24`; nil where nothing comes after it.
    public let nextDay: String?

    /// - Parameter found: what there is in so many `days` from `first` on.
    public init(_ found: Openings, from first: Day, days: Int, today: Day) {
        openings = found.openings
        let last = found.openings.last?.start.day
        if found.more, let last, found.openings.first?.start.day != last {
            nextDay = last
            return
        }
        let next =
            found.more ? last.flatMap { Day($0)?.daysSince1970 }.map { $0 + 1 } : first.daysSince1970.map { $0 + days }
        guard let next, let now = today.daysSince1970, (now...now + Self.farthest).contains(next) else {
            nextDay = nil
            return
        }
        nextDay = Day(daysSince1970: next).iso
    }
}
