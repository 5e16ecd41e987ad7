import Contracts
import Foundation
import Testing
import Web

/// Every free time is on some page, and every page leads to the next.
@Suite struct DaysOfOpeningsTests {
    private let today = Day(daysSince1970: 20_780)

    /// - Parameter times: so many on each day after the first, in their order.
    private func found(_ times: [Int: Int], more: Bool) -> Openings {
        let openings = times.sorted { $0.key < $1.key }.flatMap { ahead, count in
            (0..<count).map { number in
                let day = Day(daysSince1970: 20_780 + ahead).iso
                let instant = Date(timeIntervalSince1970: Double((20_780 + ahead) * 86_400 + number * 600))
                let start = ZonedTime(instant, local: "\(day)T09:00", zone: "UTC")
                return Opening(practitioner: .init(), location: .init(), service: "check-up", start: start, end: start)
            }
        }
        return Openings(openings: openings, services: [], more: more)
    }

    private func page(_ found: Openings, from ahead: Int = 0) -> DaysOfOpenings {
        DaysOfOpenings(found, from: Day(daysSince1970: 20_780 + ahead), days: 14, today: today)
    }

    @Test func aDayThatIsCutBeginsTheNextPage() {
        let page = page(found([0: 3, 1: 2, 4: 1], more: true))
        #expect(page.openings.count == 6 && page.nextDay == Day(daysSince1970: 20_784).iso)
    }

    @Test func aPageOfOneDayIsShownAndGoneOnFrom() {
        let page = page(found([3: 4], more: true))
        #expect(page.openings.count == 4 && page.nextDay == Day(daysSince1970: 20_784).iso)
    }

    @Test func afterAllOfThemLaterDaysCome() {
        #expect(page(found([0: 3, 13: 2], more: false)).nextDay == Day(daysSince1970: 20_794).iso)
        // Also where these days have none.
        #expect(page(found([:], more: false), from: 14).nextDay == Day(daysSince1970: 20_808).iso)
        #expect(page(found([:], more: false), from: 180).nextDay == nil)
    }
}
