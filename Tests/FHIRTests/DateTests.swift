import Foundation
import Testing

@testable import FHIR

struct DateTests {
    static let chicago = TimeZone(identifier: "America/Chicago") ?? .gmt

    static func iso(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

    @Test(arguments: [
        ("2024", "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"), ("2024-02", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"),
        ("2023-12", "2023-12-01T00:00:00Z", "2024-01-01T00:00:00Z"), ("2024-02-29", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"),
        ("2024-02-29T23:30:00-05:00", "2024-03-01T04:30:00Z", "2024-03-01T04:30:01Z"),
        ("1900-03-01T00:00:00+14:00", "1900-02-28T10:00:00Z", "1900-02-28T10:00:01Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", "2017-01-01T00:00:01Z"),
    ])
    func aDateIsARangeOfItsPrecision(_ text: String, _ low: String, _ high: String) throws {
        let range = try #require(FHIRDate(text)).range(in: .gmt)
        #expect(range.lowerBound == (try Self.iso(low)))
        #expect(range.upperBound == (try Self.iso(high)))
    }

    @Test func fractionsNarrowTheRange() throws {
        let range = try #require(FHIRDate("2024-01-01T00:00:00.25Z")).range(in: .gmt)
        #expect(abs(range.lowerBound.timeIntervalSince(try Self.iso("2024-01-01T00:00:00Z")) - 0.25) < 1e-6)
        #expect(abs(range.upperBound.timeIntervalSince(range.lowerBound) - 0.01) < 1e-6)
    }

    @Test(arguments: [
        ("2024-03-10", 23.0), ("2024-11-03", 25.0), ("2024-07-01", 24.0),
    ])
    func aDayIsTheDayOfItsZone(_ text: String, _ hours: Double) throws {
        let range = try #require(FHIRDate(text)).range(in: Self.chicago)
        #expect(range.upperBound.timeIntervalSince(range.lowerBound) == hours * 3600)
    }

    @Test func daysAgreeWithFoundation() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        for step in stride(from: -40_000, through: 40_000, by: 137) {
            let date = Date(timeIntervalSince1970: Double(step) * 86_400)
            let parts = calendar.dateComponents([.year, .month, .day], from: date)
            #expect(FHIRDate.dayNumber(parts.year ?? 0, parts.month ?? 0, parts.day ?? 0) == step)
        }
    }

    @Test(arguments: [
        "0000", "0000-01-01", "24", "2024-13", "2024-00", "2024-1", "2024-02-30", "2023-02-29", "1900-02-29", "2024-01-01T10:00",
        "2024-01-01T10:00:00",
        "2024-01-01T24:00:00Z", "2024-01-01T10:60:00Z", "2024-01-01T10:00:61Z", "2024-01-01T10:00:00+14:01", "2024-01-01T10:00:00+15:00",
        "2024-01-01T10:00:00.Z", "2024-01-01 10:00:00Z", "2024-01-01T10:00:00z", "2024-01-01T10:00:00Z ", " 2024", "2024-", "-2024", "", "٢٠٢٤",
    ])
    func isNoDate(_ text: String) {
        #expect(FHIRDate(text) == nil)
    }

    @Test func theThreeFormsDiffer() {
        #expect(FHIRDate.isDate("2024-01") && !FHIRDate.isDate("2024-01-01T00:00:00Z"))
        #expect(FHIRDate.isInstant("2024-01-01T00:00:00.123456789Z") && !FHIRDate.isInstant("2024-01-01"))
        #expect(Primitive.isTime("23:59:59.5") && !Primitive.isTime("24:00:00") && !Primitive.isTime("10:00"))
    }

    @Test func zonesAreNamesOfTheDatabase() {
        for zone in ["America/Chicago", "Europe/Berlin", "America/Argentina/Buenos_Aires", "UTC", "US/Central"] {
            #expect(ZoneNames.isKnown(zone), "\(zone)")
        }
        for zone in ["America/Chigaco", "CST", "GMT+1", "", "Mars/Olympus", "../etc/passwd", "America/"] {
            #expect(!ZoneNames.isKnown(zone), "\(zone)")
        }
    }
}
