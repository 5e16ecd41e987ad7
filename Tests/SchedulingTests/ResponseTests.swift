import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Scheduling

/// What patients answered to messages about their visits.
@Suite struct ResponseTests {
    @Test func comingIsKeptAndNotComingCancelsAsTheirOwnDoing() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let opening = try #require(try await clinic.openings(of: practitioner, from: clinic.day(3)).first)
            let (patient, appointment) = (ID<Patient>(), ID<Appointment>())
            #expect(try await clinic.book(opening, for: patient, appointment: appointment).reply != nil)
            func respond(_ accepts: Bool, start: Date? = nil, patient other: ID<Patient>? = nil) async throws -> Answer<RespondToAppointment> {
                try await clinic.bus.request(
                    RespondToAppointment(
                        appointment: appointment, patient: other ?? patient, start: start ?? opening.start.instant, accepts: accepts, key: .v7()),
                    as: clinic.keys.worker("notifications"))
            }
            #expect(try await respond(true) == .done(Done()))
            // Of another time, or another patient's.
            #expect(try await respond(false, start: opening.start.instant + 1_200) == .refused(.tooLate))
            #expect(try await respond(false, patient: .init()) == .refused(.notFound))
            #expect(try await clinic.test.emitted(AppointmentCancelled.self) == [])
            #expect(try await respond(false) == .done(Done()))
            #expect(try await clinic.test.emitted(AppointmentCancelled.self).map(\.reason) == ["by-patient"])
            #expect(try await respond(true) == .refused(.tooLate))
        }
    }
}
