import Contracts
import Testing

@testable import Web

@Suite struct AmountTests {
    @Test(arguments: [
        ("35", 3_500), ("35.2", 3_520), ("$1,035.20", 103_520), ("0.01", 1), ("0", 0), (" 7.00 ", 700),
        ("35,20", 3_520), ("35,2", 3_520), ("0,50", 50), ("1035,20", 103_520), ("1,035", 103_500), ("12,000", 1_200_000),
        ("1,234,567.89", 123_456_789),
    ]) func whatIsTypedIsAnAmount(_ typed: String, _ cents: Int) {
        #expect(Money(typed: typed, currency: "USD") == Money(cents, "USD"))
    }

    @Test(arguments: [
        "", ".", "-1", "1.234", "1e3", "one", "99999999999999999999", "1.2.3", "٣",
        ",", "35,", ",50", "0,500", "35,2000", "1234,567", "12,34,567", "1,035,20", "1.035,20", "1,23.45", "1.2,3", "1.234,567",
    ]) func whatIsNoneIsNone(_ typed: String) {
        #expect(Money(typed: typed, currency: "USD") == nil)
    }

    @Test func aCurrencyWithoutSmallerUnitsHasNone() {
        #expect(Money(typed: "1200", currency: "JPY") == Money(1_200, "JPY"))
        #expect(Money(typed: "1,200", currency: "JPY") == Money(1_200, "JPY"))
        #expect(Money(typed: "12.00", currency: "JPY") == nil && Money(typed: "12,00", currency: "JPY") == nil)
        #expect(Money(1_200, "JPY").digits == "1200" && Money(-1_205, "USD").digits == "-12.05")
    }

    @Test(arguments: [
        (Money(3_520, "USD"), "$35.20"), (Money(-103_520, "USD"), "−$1,035.20"), (Money(5, "USD"), "$0.05"),
        (Money(123_456_789, "USD"), "$1,234,567.89"),
        (Money(1_200, "JPY"), "1,200 JPY"), (Money(0, "EUR"), "0.00 EUR"),
    ]) func anAmountIsWrittenForPeople(_ money: Money, _ words: String) {
        #expect(Wording(language: .english, entries: [:]).money(money).markup == words)
    }
}
