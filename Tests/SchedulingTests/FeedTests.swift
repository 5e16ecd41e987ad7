import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Scheduling

/// Private calendars: good for one patient's visits, until they are ended or made anew.
@Suite struct FeedTests {
    private static let (first, second) = (Data(repeating: 1, count: 32), Data(repeating: 2, count: 32))

    private func follow(_ digest: Data, _ clinic: Clinic) async throws -> FollowedVisits? {
        try await clinic.bus.request(FollowVisitFeed(digest: digest), as: clinic.keys.gateway("portal")).reply
    }

    @Test func aFeedIsOfOnePatientAndOfTheLatestLink() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let openings = try await clinic.openings(of: practitioner, from: clinic.day(4), days: 1)
            let (patient, other) = (ID<Patient>(), ID<Patient>())
            let (kept, gone) = (ID<Appointment>(), ID<Appointment>())
            #expect(try await clinic.book(openings[1], for: patient, appointment: kept).reply != nil)
            #expect(try await clinic.book(openings[3], for: patient, appointment: gone).reply != nil)
            #expect(try await clinic.book(openings[5], for: other).reply != nil)
            #expect(try await clinic.hold(openings[7], for: patient).reply != nil)
            let token = try await clinic.keys.patient(patient)
            func keep(_ digest: Data) async throws {
                let command = KeepVisitFeed(patient: patient, digest: digest, language: "es", key: .v7())
                #expect(try await clinic.bus.request(command, as: token).reply != nil)
            }
            #expect(try await follow(Self.first, clinic) == nil)
            try await keep(Self.first)
            #expect(try await clinic.bus.ask(ReadVisitFeed(patient: patient), as: token).madeAt != nil)
            #expect(try await follow(Self.first, clinic)?.visits.map(\.appointment) == [kept, gone], "neither a hold nor another's")
            #expect(try await follow(Self.first, clinic)?.language == "es")
            #expect(try await clinic.bus.request(CancelAppointment(appointment: gone, patient: patient, key: .v7()), as: token).reply != nil)
            #expect(try await follow(Self.first, clinic)?.visits.map(\.status) == ["booked", "cancelled"], "a calendar must take it out")
            try await keep(Self.second)
            #expect(try await follow(Self.first, clinic) == nil, "the link before leads nowhere")
            #expect(try await follow(Self.second, clinic)?.visits.count == 2)
            #expect(try await clinic.bus.request(EndVisitFeed(patient: patient, key: .v7()), as: token).reply != nil)
            #expect(try await follow(Self.second, clinic) == nil)
            #expect(try await clinic.bus.ask(ReadVisitFeed(patient: patient), as: token).madeAt == nil)
        }
    }
}
