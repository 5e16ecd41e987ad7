import Testing

@testable import Chartline

@Suite struct StatusTests {
    @Test func aClockThatDiffersIsAnAlarm() {
        func line(_ clocks: [Double]) -> Status.Line {
            let text = clocks.enumerated().map { "chartline_clock_ahead_seconds{of=\"\($0.offset)\"} \($0.element)" }.joined(separator: "\n")
            return Status.line(
                "records", (true, "ready\n"), "# TYPE chartline_clock_ahead_seconds gauge\n\(text)\nchartline_dead_letters_total 2.0\n")
        }
        #expect(!line([]).clocksDiffer && !line([0.2, -5]).clocksDiffer)
        #expect(line([0.2, -119.9]).clocksDiffer && line([0.2, -119.9]).clockAheadSeconds == -119.9)
        #expect(line([5.1, 0]).clocksDiffer && line([5.1, 0]).deadLetters == 2)
    }
}
