import Contracts
import FHIR
import Foundation
import Testing

@testable import Chartline

/// Row 25: what is exported has the shape of FHIR's AuditEvent.
@Suite struct AuditEventTests {
    private func line(_ entry: TrailEntry) throws -> [String: Any] {
        let line = try AuditEvent(entry).line
        #expect(line.last == 10 && line.filter { $0 == 10 }.count == 1)
        return try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
    }

    private func entry(_ role: String = "nurse", _ outcome: String = "done", basis: String? = nil) -> TrailEntry {
        TrailEntry(
            place: TrailPlace(service: "records", position: 41), id: UUID(), at: Date(timeIntervalSince1970: 1_795_538_400.25), issuer: "identity",
            role: role, account: ID(), name: "Dana Byrne", session: ID(), purpose: "treatment", basis: basis, action: "records.read-chart.v1",
            patients: [ID(), ID()], outcome: outcome, reason: outcome == "done" ? nil : "not-allowed", trace: "4bf92f3577b34da6a3ce929d0e0e4736")
    }

    @Test func allThatIsRequiredIsThere() throws {
        let event = try line(entry())
        #expect(event["resourceType"] as? String == "AuditEvent")
        #expect(event["action"] as? String == "R")
        #expect(event["outcome"] as? String == "0")
        #expect((event["recorded"] as? String)?.wholeMatch(of: /2026-11-24T\d\d:\d\d:00\.250Z/) != nil)
        #expect((event["agent"] as? [[String: Any]])?.first?["requestor"] as? Bool == true)
        #expect((event["entity"] as? [[String: Any]])?.count == 3)
        #expect(((event["source"] as? [String: Any])?["observer"]) != nil)
        #expect(try line(entry("nurse", "denied"))["outcome"] as? String == "4")
        #expect(String(describing: try line(entry(basis: "break-glass"))).contains("BTG"))
    }

    /// As an import would take it.
    @Test func itIsValid() throws {
        for entry in [entry(), entry("worker", "failed"), entry(basis: "break-glass")] {
            let text = String(decoding: try AuditEvent(entry).line.dropLast(), as: UTF8.self)
            #expect(Validation.problems(of: try JSONDocument(text).root).isEmpty)
        }
    }
}
