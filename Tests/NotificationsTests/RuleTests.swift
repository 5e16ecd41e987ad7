import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import Synchronization
import TestSupport
import Testing
@testable import Notifications

/// N1: which reminders a kind of visit has.
@Suite(.serialized) struct RuleTests {
    @Test(arguments: [
        // rules, booked at, which of them a visit on 24 November at 10:40 in Chicago gets
        ([Timing.dayBefore], "2026-11-01T12:00:00Z", [Timing.dayBefore]),
        ([.weekBefore, .twoHoursBefore], "2026-11-01T12:00:00Z", [.weekBefore, .twoHoursBefore]),
        ([.weekBefore, .twoHoursBefore], "2026-11-20T12:00:00Z", [.twoHoursBefore]),
        // Later than the last of them: the next there is, and that alone.
        ([.weekBefore], "2026-11-20T12:00:00Z", [.dayBefore]),
        ([.weekBefore], "2026-11-23T20:00:00Z", [.twoHoursBefore]),
        ([.weekBefore, .dayBefore], "2026-11-23T20:00:00Z", [.twoHoursBefore]),
        ([.dayBefore], "2026-11-24T15:00:00Z", []),
        ([.weekBefore, .dayBefore, .twoHoursBefore], "2026-11-01T12:00:00Z", [.weekBefore, .dayBefore, .twoHoursBefore]),
        ([], "2026-11-01T12:00:00Z", []),
    ])
    func lateBookingsGetTheNextOneOnly(_ row: ([Timing], String, [Timing])) throws {
        let (chicago, start, booked) = (try zone("America/Chicago"), try date("2026-11-24T16:40:00Z"), try date(row.1))
        let those = ReminderPlan.ladder.filter {
            ReminderPlan.applies($0, of: row.0, startsAt: start, zone: chicago, booked: booked)
                && ReminderPlan($0, startsAt: start, patientZone: chicago, now: booked).suppressed != .tooSoon
        }
        #expect(those == row.2)
    }

    @Test func rulesAreVersionedAndHoldForWhatIsNotSentYet() async throws {
        let outside = try Outside()
        defer { outside.stop() }
        try await withScene { scene in
            let officer = try await scene.service.keys.staff(.administrator)
            let bus = scene.service.bus
            let (often, never) = (try scene.visit(inHours: 400) { $0.zone = Scene.noon }, try scene.visit(inHours: 400) { $0.zone = Scene.noon })
            for event in [often, never] { try await scene.book(event) }
            scene.owners.facts.withLock { $0.lines[never.appointment]?.service = "no-reminders" }
            func keep(_ service: String, _ rules: [String], _ version: Int) async throws -> Answer<KeepReminderRules> {
                try await bus.request(KeepReminderRules(service: service, rules: rules, version: version, key: .v7()), as: officer)
            }
            #expect(try await keep("office-visit", ["week-before", "two-hours-before"], 0) == .done(SettingKept(version: 1)))
            #expect(try await keep("office-visit", ["day-before"], 0) == .refused(.changedMeanwhile(version: 1)))
            #expect(try await keep("no-reminders", [], 0) == .done(SettingKept(version: 1)))
            #expect(try await keep("office-visit", ["hourly"], 1) == .refused(.invalid))
            #expect(try await keep("Office Visit", [], 0) == .refused(.invalid))
            let all = try await bus.ask(ReadReminderRules(), as: officer)
            #expect(all.rules(of: "office-visit").rules == ["week-before", "two-hours-before"] && all.rules(of: "new").rules == ["day-before"])
            let history = try await bus.request(ReadReminderRuleHistory(service: "office-visit"), as: officer)
            guard case .done(let known) = history else { throw CocoaError(.featureUnsupported) }
            #expect(known.before == ["day-before"] && known.after == ["week-before", "two-hours-before"] && known.total == 1)

            let sender = try scene.sender(.sms, scene.textRoute(outside))
            while try await sender.round() > 0 {}
            try await scene.remindersAreDue(.weekBefore)
            while try await sender.round() > 0 {}
            #expect(try await scene.states(often, kind: .reminder, channel: .sms, reminder: .weekBefore) == ["v2 reminder sms sent"])
            #expect(try await scene.states(never, kind: .reminder, channel: .sms, reminder: .weekBefore) == ["v2 reminder sms suppressed not-set"])
            try await scene.remindersAreDue(.dayBefore)
            while try await sender.round() > 0 {}
            #expect(try await scene.states(often, kind: .reminder, channel: .sms) == ["v2 reminder sms suppressed not-set"])
        }
    }

    /// N9: what an outage held up is not sent beside the next, which is due as well.
    @Test func ofTwoThatAreDueTheLaterIsSent() async throws {
        let outside = try Outside()
        defer { outside.stop() }
        try await withScene { scene in
            let officer = try await scene.service.keys.staff(.administrator)
            let rules = KeepReminderRules(service: "office-visit", rules: ["week-before", "day-before"], version: 0, key: .v7())
            _ = try await scene.service.bus.request(rules, as: officer)
            let event = try scene.visit(inHours: 24 * 20)
            try await scene.book(event)
            let sms = scene.textRoute(outside)
            let today = try scene.sender(.sms, sms)
            while try await today.round() > 0 {}
            let sent = try outside.texts().count
            // The service was away until the morning of the day before the visit.
            let noon = WallClock(event.start.instant, in: try zone("America/Chicago")).instant(atMinute: 12 * 60, daysLater: -1)
            let sender = try scene.sender(.sms, sms, now: noon)
            while try await sender.round() > 0 {}
            #expect(try outside.texts().count == sent + 1)
            #expect(try await scene.states(event, kind: .reminder, channel: .sms, reminder: .weekBefore) == ["v2 reminder sms suppressed overtaken"])
            #expect(try await scene.states(event, kind: .reminder, channel: .sms) == ["v2 reminder sms sent"])
        }
    }
}

extension Scene {
    /// As if it were their time, long after the bookings were confirmed.
    func remindersAreDue(_ timing: Timing) async throws {
        try await ledger.database.transaction { tx in
            _ = try await tx.run("UPDATE intent SET sent_at = sent_at - interval '1 day' WHERE kind = 'confirmation'")
            _ = try await tx.run("UPDATE intent SET next_at = now() WHERE rule = \(timing) AND next_at IS NOT NULL")
        }
    }
}
