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

    /// What somebody typed: `35`, `35.2`, `$1,035.20`. Nil for what is no amount, or more than anybody owes.
    public init?(typed: String, currency: String) {
        self.init(0, currency)
        let text = typed.filter { !" $,".contains($0) }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = parts.first, (1...12).contains(whole.count), parts.count <= 2, parts.joined().allSatisfy({ $0.isASCII && $0.isNumber }),
            let units = Int(whole)
        else { return nil }
        let behind = parts.count == 2 ? String(parts[1]) : ""
        guard behind.count <= decimals else { return nil }
        let scale = decimals == 0 ? 1 : 100
        amount = units * scale + (Int(behind.padding(to: decimals)) ?? 0)
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
