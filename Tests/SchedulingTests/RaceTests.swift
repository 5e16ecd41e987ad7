import Contracts
import Foundation
import MessageBus
import TestSupport
import Testing

@testable import Scheduling

@Suite struct RaceTests {
    @Test func ofTwoHundredOneGetsTheTimeAndTheOthersGetTimesTheyCanBook() async throws {
        try await Clinic.open { clinic in
            for _ in 0..<(isLong ? 50 : 3) {
                let practitioner = try await clinic.practitioner()
                let wanted = try #require(try await clinic.openings(of: practitioner, from: clinic.day(5), limit: 1).first)
                let answers = try await withThrowingTaskGroup(of: Answer<BookAppointment>.self) { group in
                    for _ in 0..<200 { group.addTask { try await clinic.book(wanted) } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(answers.compactMap(\.reply).count == 1)
                let alternatives = answers.compactMap { answer -> [Opening]? in
                    guard case .refused(.taken(let alternatives)) = answer else { return nil }
                    return alternatives
                }
                #expect(alternatives.count == 199)
                #expect(alternatives.allSatisfy { Set($0.map(\.start)).count == 3 && $0.allSatisfy { $0.practitioner == practitioner } })
                let spread = Dictionary(grouping: alternatives.flatMap(\.self), by: \.start).compactMap(\.value.first)
                #expect(spread.count > 12)
                for alternative in spread { #expect(try await clinic.book(alternative).reply != nil) }
            }
            #expect(try await clinic.doubleBookings() == 0)
        }
    }

    @Test func aDayInDemandIsBookedOutWithoutOneCollision() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let day = clinic.day(4)
            let openings = try await clinic.openings(of: practitioner, from: day, days: 1)
            #expect(openings.count == 24)
            // Each wants a time of that day and, when it is taken, tries what it is offered instead.
            let booked = try await withThrowingTaskGroup(of: ZonedTime?.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        var wanted = openings[number % openings.count]
                        for _ in 0..<20 {
                            switch try await clinic.book(wanted) {
                            case .done(let booked): return booked.start
                            case .refused(.taken(let alternatives)): wanted = try #require(alternatives.randomElement())
                            case .refused(let other): Issue.record("\(other)")
                            }
                        }
                        return nil
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(booked.compactMap(\.self).count == 60)
            #expect(Set(booked.compactMap(\.self)).count == 60)
            #expect(try await clinic.doubleBookings() == 0)
        }
    }

    @Test func oneSetOfClicksBooksOnce() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let opening = try #require(try await clinic.openings(of: practitioner, from: clinic.day(2)).first)
            let patient = ID<Patient>()
            let token = try await clinic.keys.patient(patient, account: .init())
            let command = clinic.command(opening, for: patient)
            let answers = try await withThrowingTaskGroup(of: Answer<BookAppointment>.self) { group in
                for _ in 0..<20 { group.addTask { try await clinic.bus.request(command, as: token, within: .seconds(10)) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count == 20)
            #expect(answers.allSatisfy { $0 == answers.first && $0.reply?.version == 1 })
            #expect(try await clinic.test.emitted(AppointmentBooked.self).map(\.appointment) == [command.appointment])

            // The same id with a new key is the same booking; nothing new is told.
            var again = command
            again.key = .v7()
            #expect(try await clinic.bus.request(again, as: token).reply == answers.first?.reply)
            #expect(try await clinic.test.emitted(AppointmentBooked.self).count == 1)
        }
    }
}
