/// The usual range of a measurement, in its own unit. At least one limit is known.
public struct UsualRange: Sendable, Hashable {
    /// A limit: where it lies, and the digits the laboratory wrote.
    public struct Limit: Sendable, Hashable {
        public var value: Double
        public var text: String
        public init?(_ text: String) {
            guard let value = Double(text), value.isFinite else { return nil }
            self.value = value
            self.text = text
        }

        /// A limit whose digits were not kept: 130.0 is written 130.
        public init?(_ value: Double) {
            guard value.isFinite else { return nil }
            self.value = value
            let digits = String(value)
            text = digits.hasSuffix(".0") ? String(digits.dropLast(2)) : digits
        }
    }

    public let low: Limit?
    public let high: Limit?

    /// - Returns: nil without any limit, or when low is above high.
    public init?(low: Limit?, high: Limit?) {
        if low == nil && high == nil { return nil }
        if let low, let high, low.value > high.value { return nil }
        self.low = low
        self.high = high
    }

    /// Where a value lies; the limits themselves are inside.
    public func reading(of value: Double) -> Reading {
        if let low, value < low.value { return .below }
        if let high, value > high.value { return .above }
        return .inside
    }

    public enum Reading: Sendable, Hashable { case below, inside, above }

    /// "below 130", "above 40", "3.5 to 5.1".
    public func words(_ t: Wording) -> HTML {
        switch (low, high) {
        case (let low?, let high?): t("range.between", ["low": low.text, "high": high.text])
        case (let low?, nil): t("range.above", ["low": low.text])
        case (nil, let high?): t("range.below", ["high": high.text])
        case (nil, nil): HTML()
        }
    }
}

extension UsualRange.Reading {
    /// The verdict as a word on its colour.
    public func tag(_ t: Wording) -> Tag {
        switch self {
        case .below: Tag(.bad, t("range.is-below"))
        case .inside: Tag(.ok, t("range.is-inside"))
        case .above: Tag(.bad, t("range.is-above"))
        }
    }

    /// The verdict as a short tag, where the column's heading says what it is about.
    public func shortTag(_ t: Wording) -> Tag {
        Tag(self == .inside ? .ok : .bad, cell(t))
    }

    /// The verdict in a cell of a table.
    public func cell(_ t: Wording) -> HTML {
        switch self {
        case .below: t("range.cell-below")
        case .inside: t("range.cell-inside")
        case .above: t("range.cell-above")
        }
    }
}

/// A track with the usual range as a band and one dot; the verdict stands beside it as a tag.
public struct RangeBar: Part {
    public let html: HTML

    /// - Parameters:
    ///   - text: the value's digits as the laboratory wrote them.
    ///   - unit: as written by the laboratory.
    public init(value: Double, text: String, unit: String, range: UsualRange, _ t: Wording) {
        let scale = Self.scale(value: value, range: range)
        let left = range.low.map { scale.share($0.value) } ?? 0
        let right = range.high.map { scale.share($0.value) } ?? 100
        let isOut = range.reading(of: value) != .inside
        func limit(_ limit: UsualRange.Limit?, at share: Double) -> HTML? {
            limit.map { "<text x=\"\(percent(share))\" y=\"47\" text-anchor=\"middle\">\($0.text)</text>" }
        }
        html = """
            <svg class="range" role="img" aria-label="\(t("range.label", ["value": text, "unit": unit, "range": range.words(t)]))">\
            <rect class="track" x="0" y="17" width="100%" height="12" rx="6"/>\
            <rect class="band" x="\(percent(left))" y="17" width="\(percent(right - left))" height="12" rx="6"/>\
            <text x="\(percent(min(max((left + right) / 2, 14), 86)))" y="11" text-anchor="middle">\(t("range.name"))</text>\
            \(limit(range.low, at: left))\(limit(range.high, at: right))\
            <circle class="dot\(when: isOut, " dot-out")" cx="\(percent(min(max(scale.share(value), 3), 97)))" cy="23" r="9"/></svg>
            """
    }

    /// The stretch of numbers the track shows: the range with room on both sides, and the value where it lies beyond.
    private static func scale(value: Double, range: UsualRange) -> Scale {
        let span: Double =
            switch (range.low?.value, range.high?.value) {
            case (let low?, let high?): max(high - low, abs(high) * 0.1, 0.001)
            case (let limit?, nil), (nil, let limit?): max(abs(limit) * 0.8, 0.001)
            case (nil, nil): 1
            }
        let low = range.low.map { $0.value - span * 0.5 } ?? min(0, range.high.map { $0.value - span } ?? 0)
        let high = range.high.map { $0.value + span * (range.low == nil ? 0.9 : 0.5) } ?? (range.low?.value ?? 0) + span * 2.5
        return Scale(from: min(low, value - span * 0.1), to: max(high, value + span * 0.1))
    }
}

/// A straight scale of numbers on 0…100 per cent.
struct Scale: Sendable {
    var from: Double
    var to: Double

    func share(_ value: Double) -> Double {
        to > from ? (value - from) / (to - from) * 100 : 50
    }
}

/// "53.3%": one decimal is finer than a pixel.
func percent(_ share: Double) -> String { pixels(share) + "%" }

/// A coordinate with one decimal.
func pixels(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? String(tenths / 10) : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
}
