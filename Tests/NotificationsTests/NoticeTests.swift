import Contracts
import Foundation
import MessageBus
import TestSupport
import Testing
@testable import Notifications

/// N6: what anybody who may ask is told about the messages of a visit.
@Suite(.serialized) struct NoticeTests {
    @Test func theProofSaysWhatWasSentWhatCameOfItAndWhyNot() async throws {
        let outside = try Outside()
        defer { outside.stop() }
        try await withScene { scene in
            let event = try scene.visit(inHours: 72)
            try await scene.book(event)
            try await scene.sender(.sms, scene.textRoute(outside, callbacks: "https://portal.example")).round()
            let text = try #require(outside.texts().first)
            let path = String(try #require(text["status_callback"]).dropFirst("https://portal.example".count))
            _ = try await scene.receipt(path, try #require(text["sid"]), "delivered")
            _ = try await scene.text("C", from: "+13125550142")
            let own = try await scene.service.keys.patient(event.patient)
            let query = ReadNotices(appointment: event.appointment, patient: event.patient, service: "office-visit")
            let told = try await scene.service.bus.ask(query, as: own)
            func notice(_ rule: String, _ channel: String) throws -> Notice {
                try #require(told.notices.first { $0.rule == rule && $0.channel == channel })
            }
            #expect(told.notices.count == 8)
            let sent = try notice("at-once", "sms")
            #expect(sent.state == "delivered" && sent.receipt == "delivered" && sent.receiptAt != nil && sent.sent != nil)
            #expect(try notice("day-before", "email").state == "scheduled")
            #expect(try notice("week-before", "email").reason == "too-soon")
            // Not due yet, and known already not to be one of this kind of visit's: as soon as people may be written to at its time.
            let later = try notice("two-hours-before", "email")
            #expect(later.state == "suppressed" && ["not-set", "outside-hours"].contains(later.reason))
            #expect(told.answers?.map(\.accepts) == [true] && told.answers?.map(\.means) == ["text"])

            // Row-level security: another patient's question finds nothing, whatever it names.
            let other = ID<Patient>()
            let stranger = try await scene.service.keys.patient(other)
            let empty = try await scene.service.bus.ask(ReadNotices(appointment: event.appointment, patient: other), as: stranger)
            #expect(empty.notices == [] && empty.answers == [])
            await #expect(throws: BusError.notAllowed) { _ = try await scene.service.bus.ask(query, as: stranger) }
            await #expect(throws: BusError.notAllowed) {
                _ = try await scene.service.bus.ask(ReadNotices(appointment: event.appointment), as: stranger)
            }
        }
    }
}
