public import Contracts

extension ResultLine {
    /// The usual range that came with the result.
    public var usualRange: UsualRange? {
        UsualRange(low: low.flatMap { UsualRange.Limit($0) }, high: high.flatMap { UsualRange.Limit($0) })
    }

    /// Where the value lies; nil when it is no number or came without a range.
    public var reading: UsualRange.Reading? {
        guard let number, let usualRange else { return nil }
        return usualRange.reading(of: number)
    }

    /// The value with its unit as it was sent; several parts ("120 / 80 mmHg") when it has components.
    public func shownValue(_ t: Wording) -> HTML {
        if let value { return "\(value)\(unit.map { " <small>\($0)</small>" as HTML })" }
        let parts = components.filter { $0.value != nil }
        guard !parts.isEmpty else { return t("result.no-value") }
        let units = Set(parts.map(\.unit))
        if units.count == 1, parts.allSatisfy({ $0.number != nil }) {
            let values = parts.compactMap(\.value).joined(separator: " / ")
            return "\(values)\(units.first.flatMap { $0 }.map { " <small>\($0)</small>" as HTML })"
        }
        let words = parts.map { part in "\(part.display): \(part.value)\(part.unit.map { " \($0)" as HTML })" as HTML }
        return words.dropFirst().reduce(words.first ?? "") { "\($0); \($1)" }
    }

    /// Its code, as clinicians look it up; nil for one that is only ours.
    public var loinc: HTML? { code.wholeMatch(of: /[0-9]{1,7}-[0-9]/) == nil ? nil : "<span translate=\"no\">LOINC \(code)</span>" }

    /// What a corrected result said before, struck through.
    public func formerValue(_ t: Wording) -> HTML? {
        guard corrected, let previousValue else { return nil }
        return "<span class=\"old\"><span class=\"hide\">\(t("graph.first-reported")) </span>\(previousValue)</span>"
    }

    /// The range bar, for a number that came with a range.
    public func rangeBar(_ t: Wording) -> RangeBar? {
        guard let number, let value, let usualRange, number.isFinite else { return nil }
        return RangeBar(value: number, text: value, unit: unit ?? "", range: usualRange, t)
    }
}

extension ResultSeries {
    /// The values over time, a graph for each unit; values of several parts (blood pressure) as several lines.
    /// - Parameter home: what is said of those the patient measured.
    public func graphs(id: String, in zone: Zone, home: HTML, _ t: Wording) -> [LineGraph] {
        let whole = points.compactMap { point -> LabValue? in
            guard let at = point.at, let number = point.number, let value = point.value else { return nil }
            let was = point.corrected ? point.previousValue.flatMap { text in Double(text).map { (value: $0, text: text) } } : nil
            return LabValue(
                taken: Moment(at, in: zone), value: number, text: value, unit: point.unit ?? "", was: was, range: point.usualRange,
                source: point.fromPatient == true ? home : nil)
        }
        if !whole.isEmpty { return LineGraph.graphs(id: id, title: HTML(text: display), [Series(HTML(text: display), whole)], t) }
        return LineGraph.graphs(id: id, title: HTML(text: display), parts(in: zone, home), t)
    }

    private func parts(in zone: Zone, _ home: HTML) -> [Series] {
        var order: [String] = []
        var series: [String: Series] = [:]
        for point in points {
            guard let at = point.at else { continue }
            for part in point.components {
                guard let number = part.number, let value = part.value else { continue }
                if series[part.code] == nil { order.append(part.code) }
                let measured = LabValue(
                    taken: Moment(at, in: zone), value: number, text: value, unit: part.unit ?? "", source: point.fromPatient == true ? home : nil)
                series[part.code, default: Series(HTML(text: part.display), [])].values.append(measured)
            }
        }
        return order.compactMap { series[$0] }
    }
}
