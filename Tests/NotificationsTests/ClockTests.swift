import Contracts
import Faults
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing
@testable import Notifications

#if DEBUG
    /// A clock that is wrong by a day moves no message.
    @Suite(.serialized) struct ClockTests {
        @Test func theDatabasesClockIsBelievedAndNotTheMachines() async throws {
            try await withScene { scene in
                let clock = DatabaseClock()
                try await clock.read(from: scene.ledger.database)
                try await clock.whenRead {}
                for jump in [Fault.clockDayAhead, .clockDayBehind] {
                    await jump.injected {
                        #expect(abs(clock.now().timeIntervalSinceNow) < 5)
                        await Fault.ownClockBelieved.injected { #expect(abs(clock.now().timeIntervalSinceNow) > 86_000) }
                    }
                }
            }
        }

        /// What is due tomorrow is not sent today by a machine that takes today for tomorrow; and is, where it is believed.
        @Test func nothingIsSentADayEarly() async throws {
            let outside = try Outside()
            defer { outside.stop() }
            try await withScene { scene in
                let event = try scene.visit(inHours: 24 * 5) { $0.zone = Scene.noon }
                try await scene.book(event)
                let clock = DatabaseClock()
                try await clock.read(from: scene.ledger.database)
                try await scene.ledger.database.transaction { tx in
                    _ = try await tx.run(
                        """
                        UPDATE intent SET next_at = CASE WHEN kind = 'reminder' THEN now() + interval '20 h' END,
                            state = CASE WHEN kind = 'reminder' AND rule = 'day-before' THEN 'scheduled' ELSE 'suppressed' END
                        """)
                }
                let sender = Sender(
                    channel: .sms, route: scene.textRoute(outside), ledger: scene.ledger, bus: scene.owners, clinics: Clinics(scene.owners),
                    catalogue: try Repository.catalogue(), portal: "https://portal.example", numbers: Scene.numbers, links: Scene.links,
                    logger: try scene.sender(.sms, scene.textRoute(outside)).logger, now: { clock.now() })
                try await Fault.clockDayAhead.injected {
                    #expect(try await sender.round() == 0)
                    #expect(try outside.texts().isEmpty)
                    _ = try await Fault.ownClockBelieved.injected { try await sender.round() }
                    #expect(try outside.texts().count == 1)
                }
            }
        }
    }
#endif
