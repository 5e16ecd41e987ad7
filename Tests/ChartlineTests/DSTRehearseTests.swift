import Contracts
import Foundation
import Testing

@testable import Chartline

@Suite struct DSTRehearseTests {
    @Test func theReportNamesChangesAndVisits() {
        let start = ZonedTime(Date(timeIntervalSince1970: 1_805_000_000), local: "2027-03-14T03:00", zone: "America/Chicago")
        let changes = [
            ClockChange(zone: "America/Chicago", day: "2027-03-14", seconds: 3_600, skipped: ["02:00", "02:30"]),
            ClockChange(zone: "Australia/Lord_Howe", day: "2027-04-04", seconds: -1_800, skipped: []),
        ]
        let visit = MovedVisit(appointment: ID(), start: start, shown: "2027-03-14T02:00")
        let found = ClockRehearsal(
            zones: ["America/Chicago", "Australia/Lord_Howe"], changes: changes, moved: [visit], movedCount: 1, overlaps: 0, asOf: Date())
        #expect(
            DSTRehearse.report(found) == """
                2027-03-14  America/Chicago  60 minutes ahead; not offered: 02:00 02:30
                2027-04-04  Australia/Lord_Howe  30 minutes back; no time of the hours is skipped
                moved: \(visit.appointment)  agreed 2027-03-14T03:00 America/Chicago, clocks will show 2027-03-14T02:00
                2 zones, 2 changes of clocks, 1 visits that move, 0 times that overlap
                """)
    }
}
