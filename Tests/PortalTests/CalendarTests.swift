import Contracts
import Foundation
import Testing

@testable import Portal

/// A visit in a calendar.
@Suite struct CalendarTests {
    private func calendar(version: Int = 2, status: String = "booked", place: String = "Mill Street Clinic; 2nd floor") -> VisitCalendar {
        let start = Date(timeIntervalSince1970: 1_795_538_400)
        func zoned(_ instant: Date, _ local: String) -> ZonedTime { ZonedTime(instant, local: local, zone: "America/Chicago") }
        let visit = AppointmentLine(
            appointment: ID(UUID(uuidString: "019AB0D2-7C00-701F-80D9-4C1E0000001F") ?? UUID()), version: version, status: status, patient: ID(),
            practitioner: ID(), location: ID(), service: "dermatology", start: zoned(start, "2026-11-24T10:40"),
            end: zoned(start.addingTimeInterval(1_200), "2026-11-24T11:00"))
        return VisitCalendar(
            visit: visit, summary: "Visit at Mill Street", place: place, time: "Tuesday, 10:40 am Chicago time",
            base: "https://portal.example.org:8443", now: start)
    }

    @Test func itIsTheSameEventAtEveryVersion() {
        let (first, moved, gone) = (calendar().text, calendar(version: 3).text, calendar(version: 4, status: "cancelled").text)
        for text in [first, moved, gone] {
            #expect(text.contains("\r\nUID:019ab0d2-7c00-701f-80d9-4c1e0000001f@portal.example.org\r\n"))
            #expect(text.hasPrefix("BEGIN:VCALENDAR\r\n") && text.hasSuffix("END:VCALENDAR\r\n"))
            #expect(text.contains("\r\nDTSTART:20261124T164000Z\r\n") && text.contains("\r\nDTEND:20261124T170000Z\r\n"))
            #expect(!text.contains("dermatology"), "what it is about is nobody's who sees the calendar")
        }
        #expect(first.contains("SEQUENCE:2") && moved.contains("SEQUENCE:3") && gone.contains("SEQUENCE:4"))
        #expect(first.contains("STATUS:CONFIRMED") && gone.contains("STATUS:CANCELLED"))
    }

    @Test func linesAreShortAndNothingInThemEndsOne() {
        let text = calendar(place: String(repeating: "Clínica, ", count: 30) + "\nEND:VEVENT\r\nX").text
        #expect(text.components(separatedBy: "\r\n").allSatisfy { $0.utf8.count <= 75 && !$0.contains("\n") })
        #expect(text.components(separatedBy: "\r\nEND:VEVENT\r\n").count == 2)
        let unfolded = text.replacing("\r\n ", with: "")
        #expect(unfolded.contains(String(repeating: "Clínica\\, ", count: 30) + "\\nEND:VEVENT\\nX"))
        #expect(VisitCalendar.escaped("a\\b;c") == "a\\\\b\\;c")
    }
}
