import Contracts
import Testing

@testable import Clinic

@Suite struct OpenChartsTests {
    private let patients = (0..<3).map { _ in ID<Patient>() }

    /// Which of the two colours each has that is opened in turn, as a browser that keeps the cookie sees them.
    private func colours(of order: [Int]) -> [Bool] {
        var cookie: String?
        return order.map { which in
            var charts = OpenCharts(cookie)
            charts.open(patients[which])
            cookie = charts.stored
            return charts.isSecond
        }
    }

    @Test func twoChartsNeverHaveOneColour() {
        #expect(colours(of: [0, 0]) == [false, false])
        #expect(colours(of: [0, 1, 0, 1]) == [false, true, false, true])
        // A third takes the colour of the one that was looked at longest ago.
        #expect(colours(of: [0, 1, 2, 1]) == [false, true, false, true])
        #expect(colours(of: [0, 1, 0, 2, 0]) == [false, true, false, true, false])
    }

    @Test func aCookieThatIsNotOursIsTakenForNone() {
        for stored in ["", ".", "a.b", "1.2.3.4", String(repeating: "x", count: 200)] {
            var charts = OpenCharts(stored)
            charts.open(patients[0])
            #expect(!charts.isSecond && charts.stored.utf8.count <= 20)
        }
    }
}

@Suite struct PhraseTests {
    private let phrases = [Phrase("ros", "No fever."), Phrase("niño", "Acompañado.")]

    @Test(arguments: [
        (".ros", "No fever."), ("Seen. .ros\n.ROS ", "Seen. No fever.\nNo fever. "), (".niño x", "Acompañado. x"),
        ("x.ros", "x.ros"), (".rosy", ".rosy"), (".other", ".other"), ("..ros", "..ros"), ("3 .5 ml", "3 .5 ml"),
    ])
    func aFullStopAndANameStandForTheWords(_ typed: String, _ written: String) {
        #expect(NoteText(history: typed, plan: typed).expanding(phrases) == NoteText(history: written, plan: written))
    }
}
