import Foundation

/// One measurement in time.
public struct LabValue: Sendable {
    /// When the sample was taken.
    public var taken: Moment
    public var value: Double
    /// The digits as the laboratory wrote them: 1.10 stays 1.10.
    public var text: String
    /// UCUM or the laboratory's own; measurements of different units never share a graph.
    public var unit: String
    /// The value that was first reported, when this one corrects it.
    public var was: (value: Double, text: String)?
    public var range: UsualRange?
    /// Who measured it, in words, where that was not the clinic: drawn in another mark, and said in the table.
    public var source: HTML?

    public init(
        taken: Moment, value: Double, text: String, unit: String, was: (value: Double, text: String)? = nil, range: UsualRange? = nil,
        source: HTML? = nil
    ) {
        self.taken = taken
        self.value = value
        self.text = text
        self.unit = unit
        self.was = was
        self.range = range
        self.source = source
    }
}

/// A named row of measurements, for instance systolic blood pressure.
public struct Series: Sendable {
    public var name: HTML
    public var values: [LabValue]
    public init(_ name: HTML, _ values: [LabValue]) {
        self.name = name
        self.values = values
    }
}

/// One or two series of one unit over time: server-drawn SVG, its story in words, a key, and the same numbers as a table below.
public struct LineGraph: Part {
    /// Prefix of the ids inside; unique on the page.
    let id: String
    let title: HTML
    let unit: String
    /// Each oldest first, none empty, at most two.
    let series: [Series]
    /// Drawn only when every measurement agrees on it.
    let band: UsualRange?
    /// Instants there are values of, drawn or not.
    let total: Int
    let t: Wording

    /// Values a series shows at most: the newest. More are no longer told apart, and the page stays small.
    static let maximumPoints = 120

    /// One graph a unit: measurements of different units are never drawn on one axis.
    ///
    /// - Parameters:
    ///   - series: one or two; further ones are left out. Values that are no finite number are left out.
    /// - Returns: a graph for each unit, the most used first; none without measurements.
    public static func graphs(id: String, title: HTML, _ series: [Series], _ t: Wording) -> [LineGraph] {
        let drawn = series.prefix(2).map { one in
            Series(one.name, one.values.filter { $0.value.isFinite }.sorted { $0.taken.instant < $1.taken.instant })
        }
        var used: [String: Int] = [:]
        for measurement in drawn.flatMap(\.values) { used[measurement.unit, default: 0] += 1 }
        let units = used.keys.sorted { (used[$0, default: 0], $1) > (used[$1, default: 0], $0) }
        return units.enumerated().map { place, unit in
            let ofUnit = drawn.compactMap { one in
                let kept = one.values.filter { $0.unit == unit }
                return kept.isEmpty ? nil : Series(one.name, kept)
            }
            let total = Set(ofUnit.flatMap(\.values).map(\.taken.instant)).count
            let newest = ofUnit.map { Series($0.name, $0.values.suffix(maximumPoints)) }
            // What is measured at home comes without a range; that is no disagreement.
            let ranges = Set(newest.flatMap(\.values).filter { $0.source == nil }.map(\.range))
            return LineGraph(
                id: place == 0 ? id : "\(id)-\(place + 1)", title: title, unit: unit, series: newest,
                band: ranges.count == 1 ? ranges.first ?? nil : nil, total: total, t: t)
        }
    }

    public var html: HTML { "<figure class=\"stack-s\">\(plot)\(key)</figure>\(table)" }

    // MARK: the drawing

    private static let height = 230.0

    private var all: [LabValue] { series.flatMap(\.values) }

    private var plot: HTML {
        let axis = NiceAxis(covering: all.flatMap { [$0.value, $0.was?.value ?? $0.value] } + limitsWithinReach)
        let time = TimeAxis(all.map(\.taken))
        func y(_ value: Double) -> Double { Self.height * (1 - axis.scale.share(value) / 100) }
        return """
            <div class="plot"><svg height="230" role="img" aria-labelledby="\(id)-title \(id)-story">\
            <title id="\(id)-title">\(headline)</title><desc id="\(id)-story">\(story)</desc>\
            \(bandShape(y))\(each: axis.ticks, { gridLine(at: y($0.value), $0.text, isBase: $0.value <= axis.scale.from) })\(bandEdges(y))\
            \(each: time.labels(t), { label in
                "<text\(when: !label.fitsPhone, " class=\"wide\"") x=\"\(percent(label.x))\" y=\"251\" text-anchor=\"middle\">\(label.text)</text>"
            })\
            \(each: series.enumerated(), { place, one in line(one, isSecond: place == 1, time, y) })</svg></div>
            """
    }

    /// Limits are on the axis unless that would press the measurements into a corner.
    private var limitsWithinReach: [Double] {
        let values = all.map(\.value)
        guard let least = values.min(), let most = values.max() else { return [] }
        let reach = max(most - least, abs(most) * 0.5, 0.001)
        return [band?.low?.value, band?.high?.value].compactMap { $0 }.filter { $0 >= least - reach && $0 <= most + reach }
    }

    private func gridLine(at y: Double, _ text: String, isBase: Bool) -> HTML {
        """
        <line class="\(isBase ? "axis" : "grid-line")" x1="0" x2="100%" y1="\(pixels(y))" y2="\(pixels(y))"/>\
        <text x="-10" y="\(pixels(y + 4.5))" text-anchor="end">\(text)</text>
        """
    }

    private func bandShape(_ y: (Double) -> Double) -> HTML? {
        guard let band else { return nil }
        let top = clamped(band.high.map { y($0.value) } ?? 0)
        let bottom = clamped(band.low.map { y($0.value) } ?? Self.height)
        return "<rect class=\"band\" x=\"0\" y=\"\(pixels(top))\" width=\"100%\" height=\"\(pixels(bottom - top))\"/>"
    }

    private func bandEdges(_ y: (Double) -> Double) -> HTML? {
        guard let band else { return nil }
        let edges = [band.high, band.low].compactMap { $0.map { y($0.value) } }.filter { (0...Self.height).contains($0) }
        let bottom = clamped(band.low.map { y($0.value) } ?? Self.height)
        return """
            \(each: edges, { "<line class=\"band-edge\" x1=\"0\" x2=\"100%\" y1=\"\(pixels($0))\" y2=\"\(pixels($0))\"/>" })\
            <text class="band-label" x="6" y="\(pixels(max(bottom - 9, 14)))">\(t("range.named", ["range": band.words(t)]))</text>
            """
    }

    private func clamped(_ y: Double) -> Double { min(max(y, 0), Self.height) }

    private func line(_ one: Series, isSecond: Bool, _ time: TimeAxis, _ y: (Double) -> Double) -> HTML {
        let places = one.values.map { (x: time.share($0.taken), y: y($0.value), measurement: $0) }
        let path = places.map { "\(pixels($0.x)),\(pixels($0.y))" }.joined(separator: " ")
        var out: HTML = ""
        if places.count > 1 {
            out += """
                <svg x="0" y="0" width="100%" height="230" viewBox="0 0 100 230" preserveAspectRatio="none">\
                <polyline class="path\(when: isSecond, " path-2")" points="\(path)" vector-effect="non-scaling-stroke"/></svg>
                """
        }
        for place in places {
            if let was = place.measurement.was { out += formerValue(was, x: place.x, from: place.y, to: y(was.value)) }
            if place.measurement.source != nil {
                out += "<svg x=\"\(percent(place.x))\" y=\"\(pixels(place.y))\" overflow=\"visible\">\(Self.diamond(isSecond))</svg>"
            } else if place.measurement.was != nil {
                out += "<circle class=\"pt-fixed\" cx=\"\(percent(place.x))\" cy=\"\(pixels(place.y))\" r=\"6\"/>"
            } else {
                out += "<circle class=\"pt\(when: isSecond, " pt-2")\" cx=\"\(percent(place.x))\" cy=\"\(pixels(place.y))\" r=\"5\"/>"
            }
        }
        if let last = places.last {
            // The last number goes to the side where the former value and the other series are not.
            let goesBelow = isSecond || last.measurement.was.map { $0.value > last.measurement.value } ?? (last.y < 24)
            let labelY = goesBelow ? last.y + 22 : last.y - 12
            out += "<text class=\"label\" x=\"\(percent(last.x))\" y=\"\(pixels(labelY))\" text-anchor=\"middle\">\(last.measurement.text)</text>"
        }
        return out
    }

    /// The mark of what was not measured at the clinic.
    private static func diamond(_ isSecond: Bool) -> HTML { "<path class=\"pt\(when: isSecond, " pt-2")\" d=\"M0-7 7 0 0 7-7 0z\"/>" }

    /// A cross where the first reported value was, with a dotted stem to the corrected one.
    private func formerValue(_ was: (value: Double, text: String), x: Double, from y: Double, to wasY: Double) -> HTML {
        let textY = wasY < y ? wasY - 10 : wasY + 20
        return """
            <line class="was" x1="\(percent(x))" x2="\(percent(x))" y1="\(pixels(wasY))" y2="\(pixels(wasY < y ? y - 7 : y + 7))"/>\
            <svg x="\(percent(x))" y="\(pixels(wasY))" overflow="visible"><path class="was-x" d="M-5-5 5 5M5-5-5 5"/></svg>\
            <text x="\(percent(x))" y="\(pixels(textY))" text-anchor="middle">\(was.text)</text>
            """
    }

    // MARK: the words

    /// "LDL cholesterol, March 2024 to November 2026".
    private var headline: HTML {
        let days = all.map(\.taken).sorted { $0.instant < $1.instant }.map(\.day)
        guard let first = days.first, let last = days.last else { return title }
        return first == last
            ? t("graph.title-one-day", ["title": title, "day": t.date(first, .long)])
            : t("graph.title", ["title": title, "from": t.date(first, .short), "to": t.date(last, .short)])
    }

    /// The graph in two or three sentences, for people who cannot see it.
    private var story: HTML {
        var sentences: [HTML] = series.map { one in
            let values = one.values
            let least = values.min { $0.value < $1.value }?.text ?? ""
            let most = values.max { $0.value < $1.value }?.text ?? ""
            return t(
                "graph.story", count: values.count,
                [
                    "name": one.name, "unit": shownUnit, "first": values.first?.text ?? "", "least": least, "most": most,
                    "last": values.last?.text ?? "",
                ])
        }
        if let band { sentences.append(t("graph.story-range", ["range": band.words(t)])) }
        let told = all.filter { $0.source != nil }
        if let source = told.first?.source { sentences.append(t("graph.story-source", ["number": told.count, "source": source])) }
        for measurement in all {
            guard let was = measurement.was else { continue }
            sentences.append(t(
                "graph.story-corrected", ["day": t.date(measurement.taken.day, .short), "was": was.text, "now": measurement.text]))
        }
        return sentences.dropFirst().reduce(sentences.first ?? "") { "\($0) \($1)" }
    }

    private var shownUnit: HTML { unit.isEmpty ? t("graph.no-unit") : HTML(text: unit) }

    private var key: HTML {
        func sample(_ drawing: HTML, _ words: HTML) -> HTML {
            "<span><svg viewBox=\"0 0 24 14\" aria-hidden=\"true\">\(drawing)</svg>\(words)</span>"
        }
        let isCorrected = all.contains { $0.was != nil }
        let source = all.lazy.compactMap(\.source).first
        let lines = series.enumerated().map { place, one in
            sample(
                "<path class=\"path\(when: place == 1, " path-2")\" d=\"M0 7h24\"/>",
                t("graph.key-line", ["name": one.name, "unit": shownUnit]))
        }
        return """
            <figcaption class="key">\(each: lines, { $0 })\
            \(when: band != nil, sample("<rect class=\"band\" y=\"1\" width=\"24\" height=\"12\"/>", t("range.name")))\
            \(source.map { sample("<g transform=\"translate(12 7)\">\(Self.diamond(false))</g>", $0) })\
            \(when: isCorrected, sample("<circle class=\"pt-fixed\" cx=\"12\" cy=\"7\" r=\"5\"/>", t("graph.key-corrected")))\
            \(when: isCorrected, sample("<path class=\"was-x\" d=\"M7 2l10 10M17 2 7 12\"/>", t("graph.key-was")))</figcaption>
            """
    }

    // MARK: the table twin

    /// A row: what was taken at one instant, a cell for each series.
    private var rows: [(taken: Moment, cells: [LabValue?])] {
        var byInstant: [Date: (taken: Moment, cells: [LabValue?])] = [:]
        var extra: [(taken: Moment, cells: [LabValue?])] = []
        for (place, one) in series.enumerated() {
            for measurement in one.values {
                let empty = [LabValue?](repeating: nil, count: series.count)
                var row = byInstant[measurement.taken.instant] ?? (measurement.taken, empty)
                if row.cells[place] == nil {
                    row.cells[place] = measurement
                    byInstant[measurement.taken.instant] = row
                } else {
                    // Two values of one series at one instant: each keeps a row of its own.
                    row.cells = empty
                    row.cells[place] = measurement
                    extra.append(row)
                }
            }
        }
        return (byInstant.values + extra).sorted { $0.taken.instant > $1.taken.instant }
    }

    private var table: HTML {
        let rows = rows
        let count = ShownOf(rows.count, of: max(total, rows.count), t)
        let hasRange = all.contains { $0.range != nil }
        let headings = series.map { series.count > 1 ? t("graph.key-line", ["name": $0.name, "unit": shownUnit]) : shownUnit }
        return """
            <details open><summary>\(t("graph.as-table"))</summary>\
            <div class="scroll" tabindex="0" role="region" aria-labelledby="\(id)-table"><table>\
            <caption id="\(id)-table">\(t("graph.table", ["title": title])) \(count)</caption>\
            <thead><tr><th scope="col">\(t("graph.taken"))</th>\
            \(each: headings, { "<th scope=\"col\" class=\"num\">\($0)</th>" })\
            \(when: hasRange, "<th scope=\"col\">\(t("graph.range-column"))</th><th scope=\"col\">\(t("graph.reading-column"))</th>")</tr></thead>\
            <tbody>\(each: rows, { tableRow($0.taken, $0.cells, hasRange: hasRange) })</tbody></table></div></details>
            """
    }

    private func tableRow(_ taken: Moment, _ cells: [LabValue?], hasRange: Bool) -> HTML {
        let measurements = cells.compactMap { $0 }
        let ranges = measurements.compactMap { measurement in measurement.range.map { (range: $0, value: measurement.value) } }
        let readings = ranges.map { $0.range.reading(of: $0.value) }
        let worst = readings.first { $0 != .inside } ?? readings.first
        let rangeCell = ranges.first.map { $0.range.words(t) } ?? t("range.none")
        let readingCell = worst.map { $0.cell(t) } ?? t("range.not-judged")
        let corrected: HTML = measurements.contains { $0.was != nil } ? ", \(t("graph.corrected"))" : ""
        return """
            <tr><th scope="row" class="nowrap">\(t.date(taken.day, .short))</th>\
            \(each: cells, { "<td class=\"num\">\($0.map(valueCell) ?? t("graph.not-measured"))</td>" })\
            \(when: hasRange, "<td>\(rangeCell)</td><td>\(readingCell)\(corrected)</td>")</tr>
            """
    }

    private func valueCell(_ measurement: LabValue) -> HTML {
        if let source = measurement.source { return "\(measurement.text) <small>\(source)</small>" }
        guard let was = measurement.was else { return HTML(text: measurement.text) }
        return "\(measurement.text) <span class=\"old\"><span class=\"hide\">\(t("graph.first-reported")) </span>\(was.text)</span>"
    }
}

/// Four to seven hairlines at round numbers that take in every value.
struct NiceAxis: Sendable {
    var ticks: [(value: Double, text: String)]
    var scale: Scale

    init(covering values: [Double]) {
        let least = values.min() ?? 0
        let most = values.max() ?? 1
        let span = most > least ? most - least : max(abs(most) * 0.2, 1)
        let low = most > least ? least : least - span / 2
        let high = most > least ? most : most + span / 2
        // The smallest round step that needs at most six stretches.
        let magnitude = pow(10, (log10(span / 6)).rounded(.down))
        let steps = [1, 2, 2.5, 5, 10, 20, 25, 50].map { $0 * magnitude }
        var chosen: (from: Double, count: Int, step: Double) = (low, 1, span)
        for step in steps {
            // A hair above or below a round number is rounding, not a value beyond it.
            let first = (low / step + 1e-9).rounded(.down)
            let last = (high / step - 1e-9).rounded(.up)
            if last - first <= 6 {
                chosen = (first * step, max(Int(last - first), 1), step)
                break
            }
        }
        let decimals = max(0, Int((-log10(chosen.step)).rounded(.up)) + (Self.isQuarter(chosen.step) ? 1 : 0))
        ticks = (0...chosen.count).map { place in
            let value = chosen.from + Double(place) * chosen.step
            return (value, Self.written(value, decimals))
        }
        scale = Scale(from: chosen.from, to: chosen.from + Double(chosen.count) * chosen.step)
    }

    /// 2.5, 0.25, …: needs a decimal more than its size suggests.
    private static func isQuarter(_ step: Double) -> Bool {
        let leading = step / pow(10, log10(step).rounded(.down))
        return abs(leading - 2.5) < 0.01 && step < 10
    }

    private static func written(_ value: Double, _ decimals: Int) -> String {
        guard decimals > 0 else { return abs(value) < 1e15 ? String(Int(value.rounded())) : String(value) }
        let factor = pow(10, Double(min(decimals, 9)))
        guard abs(value) < 1e9 else { return String(value) }
        let scaled = Int((value * factor).rounded())
        let digits = String(abs(scaled) % Int(factor))
        let fraction = String(repeating: "0", count: max(0, min(decimals, 9) - digits.count)) + digits
        return "\(scaled < 0 ? "-" : "")\(abs(scaled) / Int(factor)).\(fraction)"
    }
}

/// Time to scale between 3 and 97 per cent of the width.
struct TimeAxis: Sendable {
    private let moments: [Moment]
    private let scale: Scale

    init(_ moments: [Moment]) {
        self.moments = moments.sorted { $0.instant < $1.instant }
        scale = Scale(
            from: self.moments.first?.instant.timeIntervalSince1970 ?? 0, to: self.moments.last?.instant.timeIntervalSince1970 ?? 0)
    }

    func share(_ moment: Moment) -> Double {
        scale.to > scale.from ? 3 + scale.share(moment.instant.timeIntervalSince1970) * 0.94 : 50
    }

    struct Label: Sendable {
        var x: Double
        var text: HTML
        /// Whether there is room for it at 320 px.
        var fitsPhone: Bool
    }

    /// The first, the last, and those between that have room.
    func labels(_ t: Wording) -> [Label] {
        guard let first = moments.first, let last = moments.last else { return [] }
        guard scale.to > scale.from else { return [Label(x: share(first), text: t.date(first.day, .short), fitsPhone: true)] }
        let days = (scale.to - scale.from) / 86_400
        func words(_ moment: Moment) -> HTML {
            days < 2 ? t.clock(moment) : t.date(moment.day, days < 200 && first.day.year == last.day.year ? .dayOfMonth : .month)
        }
        var labels = [Label(x: share(first), text: words(first), fitsPhone: true)]
        var lastOnPhone = share(first)
        for moment in moments.dropFirst().dropLast() {
            let x = share(moment)
            guard let before = labels.last, x - before.x >= 15, 97 - x >= 15 else { continue }
            guard words(moment) != before.text, words(moment) != words(last) else { continue }
            let fitsPhone = x - lastOnPhone >= 30 && 97 - x >= 30
            if fitsPhone { lastOnPhone = x }
            labels.append(Label(x: x, text: words(moment), fitsPhone: fitsPhone))
        }
        labels.append(Label(x: share(last), text: words(last), fitsPhone: true))
        return labels
    }
}
