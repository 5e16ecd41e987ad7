import Foundation
import MessageBus
import Testing
@testable import Chartline

/// What an operator reads of a trail.
@Suite struct AuditVerifyTests {
    @Test func whatACopyLacksIsNotSaidToBeGone() {
        var copy = TrailReport(service: "records", kept: "copy", entries: 8)
        #expect(AuditVerify.line(copy) == "records (copy): whole, 8 entries")
        copy.waiting = 5
        #expect(AuditVerify.line(copy) == "records (copy): whole, 8 entries, 5 of them came and wait to be copied")
        copy.finding = TrailFinding(.removed, 3)
        #expect(AuditVerify.line(copy).hasPrefix("records (copy): entry 3: is not in the copy: it is on its way"))
        let own = TrailReport(service: "records", kept: "own", entries: 2, finding: TrailFinding(.removed, 3))
        #expect(AuditVerify.line(own) == "records: entry 3: is gone")
    }
}
