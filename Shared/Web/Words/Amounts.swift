public import Contracts

extension Money {
    private static let withoutDecimals: Set<String> = ["CLP", "ISK", "JPY", "KRW", "PYG", "VND"]

    /// Digits behind the point.
    public var decimals: Int { Self.withoutDecimals.contains(currency) ? 0 : 2 }

    /// `1234.50`, as it is typed.
    public var digits: String {
        guard decimals > 0 else { return String(amount) }
        let (sign, magnitude) = (amount < 0 ? "-" : "", amount.magnitude)
        let rest = magnitude % 100
        return "\(sign)\(magnitude / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// What somebody typed: `35`, `35.2`, `$1,035.20`, `35,20`. Nil for what is no amount, or more than anybody owes.
    public init?(typed: String, currency: String) {
        self.init(0, currency)
        let text = typed.filter { !" $".contains($0) }
        // A comma before one or two last digits parts no thousands: many who read Spanish write the decimals so.
        let byComma = text.split(separator: ",", omittingEmptySubsequences: false)
        let isDecimalComma = byComma.count == 2 && !text.contains(".") && (1...2).contains(byComma[1].count)
        let sign: Character = isDecimalComma ? "," : "."
        let parts = text.split(separator: sign, omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = parts.first.flatMap(Self.ungrouped), (1...12).contains(whole.count) else { return nil }
        let behind = parts.count == 2 ? String(parts[1]) : ""
        guard (whole + behind).allSatisfy({ $0.isASCII && $0.isNumber }), let units = Int(whole) else { return nil }
        guard behind.count <= decimals else { return nil }
        let scale = decimals == 0 ? 1 : 100
        amount = units * scale + (Int(behind.padding(to: decimals)) ?? 0)
    }

    /// Without the commas between thousands; nil where one stands elsewhere, so that nothing is read as a hundred times what was meant.
    private static func ungrouped(_ whole: Substring) -> String? {
        let groups = whole.split(separator: ",", omittingEmptySubsequences: false)
        guard groups.count > 1 else { return String(whole) }
        guard (1...3).contains(groups[0].count), groups[0].first != "0", groups.dropFirst().allSatisfy({ $0.count == 3 }) else { return nil }
        return groups.joined()
    }
}

extension String {
    fileprivate func padding(to count: Int) -> String { self + String(repeating: "0", count: max(0, count - self.count)) }
}

extension Wording {
    /// "$1,035.20"; "1,035.20 EUR" in another currency.
    public func money(_ money: Money) -> HTML {
        let digits = money.digits.drop { $0 == "-" }
        let whole = digits.prefix { $0 != "." }
        let grouped = whole.enumerated().reduce(into: "") { text, next in
            if next.offset > 0, (whole.count - next.offset) % 3 == 0 { text.append(",") }
            text.append(next.element)
        }
        let number = grouped + digits.dropFirst(whole.count)
        let sign = money.amount < 0 ? "−" : ""
        return HTML(text: money.currency == "USD" ? "\(sign)$\(number)" : "\(sign)\(number) \(money.currency)")
    }
}
