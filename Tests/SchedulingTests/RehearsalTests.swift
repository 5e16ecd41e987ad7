import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Scheduling

/// What the next changes of clocks will do, told before they do it.
@Suite struct RehearsalTests {
    private func rehearse(_ clinic: Clinic) async throws -> ClockRehearsal {
        try await clinic.bus.ask(RehearseClockChanges(days: 800), as: clinic.keys.operator())
    }

    @Test func whatIsSkippedAndWhatMovesIsNamed() async throws {
        try await Clinic.open { clinic in
            let night = (1...7).map { WeeklyHours(weekday: $0, from: "01:00", until: "04:00") }
            let practitioner = ID<Practitioner>()
            let publication = clinic.publication(practitioner, hours: night, until: clinic.day(800))
            _ = try await clinic.bus.request(publication, as: clinic.keys.operator())
            let before = try await rehearse(clinic)
            #expect(before.zones == ["America/Chicago"] && before.movedCount == 0 && before.overlaps == 0)
            // Two a year, one each way; in spring an hour of the night does not exist.
            #expect((4...5).contains(before.changes.count))
            for change in before.changes {
                #expect(change.skipped == (change.seconds > 0 ? ["02:00", "02:20", "02:40"] : []) && abs(change.seconds) == 3_600)
            }
            // The zone's rules changed after somebody had booked: as if an hour were agreed that clocks do not show any more.
            let opening = try #require(try await clinic.openings(of: practitioner, from: clinic.day(3)).first)
            let visit = ID<Appointment>()
            #expect(try await clinic.book(opening, appointment: visit).reply != nil)
            let pool = clinic.test.database.pool(clinic.test.database.superuser)
            try await pool.run("UPDATE appointment SET wall_start = wall_start + interval '1 hour'")
            await pool.close()
            let after = try await rehearse(clinic)
            #expect(after.movedCount == 1 && after.moved.map(\.appointment) == [visit] && after.moved.first?.shown == opening.start.local)
            await #expect(throws: BusError.notAllowed) { try await clinic.bus.ask(RehearseClockChanges(), as: clinic.keys.staff(.administrator)) }
        }
    }
}
