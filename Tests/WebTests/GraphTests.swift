import Foundation
import Testing
@testable import Web

@Suite struct GraphTests {
    let t: Wording
    let zone: Zone

    init() throws {
        t = try Texts(folders: []).wording(in: .english)
        zone = try #require(Zone("America/Chicago"))
    }

    func measurement(_ day: Int, _ text: String, _ unit: String = "mg/dL", was: String? = nil, below high: String? = nil) -> LabValue {
        LabValue(
            taken: Moment(Date(timeIntervalSince1970: 1_700_000_000 + Double(day) * 86_400), in: zone), value: Double(text) ?? .nan,
            text: text, unit: unit,
            was: was.map { (Double($0) ?? 0, $0) }, range: UsualRange(low: nil, high: high.flatMap { UsualRange.Limit($0) }))
    }

    @Test func unitsAreNeverMixed() {
        let graphs = LineGraph.graphs(
            id: "g", title: "Glucose",
            [Series("Glucose", [measurement(0, "99"), measurement(5, "5.6", "mmol/L"), measurement(9, "105"), measurement(11, "nan")])], t)
        #expect(graphs.map(\.unit) == ["mg/dL", "mmol/L"])
        #expect(graphs.map { $0.series.flatMap(\.values).map(\.text) } == [["99", "105"], ["5.6"]])
        #expect(Set(graphs.map(\.id)).count == 2)
    }

    @Test func timeIsToScaleAndDigitsStay() {
        let html = LineGraph.graphs(
            id: "g", title: "LDL", [Series("LDL", [measurement(100, "148.0", was: "162", below: "130"), measurement(0, "119", below: "130")])], t
        ).first?.html.markup ?? ""
        #expect(html.contains("148.0"))
        #expect(html.contains("pt-fixed"))
        #expect(html.contains("was-x"))
        #expect(html.contains("first reported as </span>162"))
        #expect(html.contains("usual range: below 130"))
        // Newest first in the table.
        let table = html.components(separatedBy: "<tbody>").last ?? ""
        #expect((table.range(of: "148.0")?.lowerBound ?? table.endIndex) < (table.range(of: "119")?.lowerBound ?? table.startIndex))
        #expect(html.contains("2 of 2"))
    }

    @Test func anAxisHasFourToSevenHairlinesAtRoundNumbers() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<3_000 {
            let scale = pow(10, Double.random(in: -4...6, using: &random))
            let values = (0..<Int.random(in: 1...9, using: &random)).map { _ in Double.random(in: -1...1, using: &random) * scale }
            let axis = NiceAxis(covering: values)
            #expect((4...7).contains(axis.ticks.count), "\(values)")
            for value in values { #expect((-1e-6...100.000_001).contains(axis.scale.share(value)), "\(values)") }
            #expect(Set(axis.ticks.map(\.text)).count == axis.ticks.count, "\(values) \(axis.ticks)")
        }
        #expect(NiceAxis(covering: [119, 162]).ticks.map(\.text).first == "110")
    }

    @Test func pointsStayOnThePlotAndPercentagesAreNumbers() throws {
        for values in [["5"], ["0", "0"], ["-3", "4"], ["0.001", "0.002"], ["1e12", "2"], ["99999", "1"]] {
            let graphs = LineGraph.graphs(id: "g", title: "x", [Series("x", values.enumerated().map { measurement($0 * 30, $1) })], t)
            let html = try #require(graphs.first).html.markup
            #expect(!html.contains("nan") && !html.contains("inf"))
            for match in html.matches(of: /cx="([0-9.\-]+)%"/) {
                let share = try #require(Double(match.1))
                #expect((3...97).contains(share))
            }
        }
    }

    @Test func aLongHistoryKeepsThePageSmallAndSaysSo() throws {
        let many = (0..<500).map { measurement($0, String($0 % 90 + 60), below: "130") }
        let html = try #require(LineGraph.graphs(id: "g", title: "Glucose", [Series("Glucose", many)], t).first).html.markup
        #expect(html.utf8.count < 60_000)
        #expect(html.contains("120 of 500"))
    }

    @Test func whatIsMeasuredAtHomeHasAMarkOfItsOwnAndIsSaid() throws {
        var home = measurement(9, "126")
        home.source = "From you"
        let html = try #require(
            LineGraph.graphs(id: "g", title: "x", [Series("x", [measurement(0, "131", below: "130"), home])], t).first).html.markup
        // A point, its sample in the key, and one circle for the clinic's.
        #expect(html.matches(of: /<path class="pt"/).count == 2 && html.matches(of: /<circle class="pt"/).count == 1)
        #expect(html.contains("126 <small>From you</small>") && html.contains("Of these, 1: From you."))
        // A value without a range is no disagreement about it.
        #expect(html.contains("usual range: below 130"))
    }

    @Test func aRangeBarSaysWhatItShows() throws {
        let range = try #require(UsualRange(low: .init("3.5"), high: .init("5.1")))
        let bar = RangeBar(value: 6.2, text: "6.20", unit: "mmol/L", range: range, t).html.markup
        #expect(bar.contains("aria-label=\"6.20 mmol/L. Usual range: 3.5 to 5.1.\""))
        #expect(bar.contains("dot-out"))
        #expect(range.reading(of: 3.5) == .inside && range.reading(of: 5.1) == .inside && range.reading(of: 3.49) == .below)
        #expect(UsualRange(low: .init("5"), high: .init("3")) == nil)
        #expect(UsualRange(low: .init("abc"), high: nil) == nil)
    }

    @Test func twoSeriesShareATable() throws {
        let graphs = LineGraph.graphs(
            id: "bp", title: "Blood pressure",
            [
                Series("Systolic", [measurement(0, "148", "mm[Hg]"), measurement(40, "102", "mm[Hg]")]),
                Series("Diastolic", [measurement(0, "92", "mm[Hg]")]),
            ], t)
        let html = try #require(graphs.first).html.markup
        #expect(graphs.count == 1)
        #expect(html.contains("path-2") || html.contains("pt-2"))
        #expect(html.contains("not measured"))
    }
}
