import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Identity

@Suite struct ActivationTests {
    @Test func aCodeOpensThePatientsAccountOnce() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let patient = ID<Patient>()
            let code = try await desk.code(for: patient)
            #expect(code.wholeMatch(of: /[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}/) != nil)
            // As people type it.
            #expect(try await desk.activate(code.lowercased().replacing("-", with: " ")).isDone)
            #expect(try await desk.activate(code, username: "other@example.org") == .refused(.codeNotGood))
            let handle = Data.handle()
            #expect(try await desk.signIn("maria@example.org", handle: handle).isDone)
            #expect(try await desk.session(handle)?.patients == [patient])
            #expect(try await desk.invite(patient) == .refused(.alreadyActive))
            #expect(try await desk.service.emitted(AccountActivated.self).map(\.patient) == [patient])
            #expect(try await desk.service.emitted(AccountInvited.self).map(\.patient) == [patient])
        }
    }

    @Test func whateverIsWrongWithTheCodeIsTheSameAnswer() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let patient = ID<Patient>()
            let replaced = try await desk.code(for: patient)
            let good = try await desk.code(for: patient)
            let expired = try await desk.code()
            try await desk.change(
                """
                UPDATE invitation SET expires_at = now() - interval '1 s'
                WHERE id = (SELECT id FROM invitation WHERE patient <> \(patient.uuid) LIMIT 1)
                """)
            #expect(try await desk.activate(replaced) == .refused(.codeNotGood))
            #expect(try await desk.activate(expired) == .refused(.codeNotGood))
            #expect(try await desk.activate("AAAA-BBBB-CCCC") == .refused(.codeNotGood))
            #expect(try await desk.activate("") == .refused(.codeNotGood))
            #expect(try await desk.activate(good, birthDate: "1970-05-24") == .refused(.codeNotGood))
            #expect(try await desk.activate(good, birthDate: nil) == .refused(.codeNotGood))
            // A patient's account is opened at the portal.
            #expect(try await desk.activate(good, at: .clinic) == .refused(.codeNotGood))
            #expect(try await desk.activate(good).isDone)
        }
    }

    @Test func fiveWrongBirthDatesEndTheInvitation() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let code = try await desk.code()
            for guess in 1...5 {
                #expect(try await desk.activate(code, birthDate: "1970-01-0\(guess)", source: "s\(guess)") == .refused(.codeNotGood))
            }
            #expect(try await desk.activate(code, source: "s6") == .refused(.codeNotGood))
            #expect(try await desk.read("SELECT closed FROM invitation", as: String?.self) == ["guessed"])
        }
    }

    /// Staff see how far a code has come, and why it is no good any more.
    @Test func anInvitationHasAState() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let patient = ID<Patient>()
            func states() async throws -> [String] {
                try await desk.bus.ask(ReadInvitations(patient: patient), as: desk.nurse).invitations.map {
                    [$0.state.rawValue, $0.reason].compactMap(\.self).joined(separator: " ")
                }
            }
            #expect(try await states() == [])
            _ = try await desk.code(for: patient)
            #expect(try await states() == ["sent"])
            let second = try await desk.code(for: patient)
            #expect(try await states() == ["sent", "failed replaced"])
            _ = try await desk.activate(second, birthDate: "1970-01-01")
            #expect(try await states() == ["opened", "failed replaced"])
            try await desk.account("taken@example.org")
            #expect(try await desk.activate(second, username: "taken@example.org") == .refused(.usernameTaken))
            #expect(try await states() == ["verified", "failed replaced"])
            #expect(try await desk.activate(second).isDone)
            #expect(try await states() == ["verified", "failed replaced"])
            try await desk.change("UPDATE invitation SET closed_at = NULL, closed = NULL, expires_at = now() - interval '1 s' WHERE closed = 'used'")
            #expect(try await states().first == "failed expired")
            try await desk.change("UPDATE invitation SET closed_at = now(), closed = 'guessed' WHERE closed IS NULL")
            #expect(try await states().first == "failed guessed")
            await #expect(throws: BusError.notAllowed) { try await desk.bus.ask(ReadInvitations(patient: patient), as: desk.portal) }
        }
    }

    @Test func codesCannotBeTriedFromOneSource() async throws {
        try await withIdentity { (desk: Desk) async throws in
            for _ in 0..<10 { #expect(try await desk.activate("AAAA-BBBB-CCCC") == .refused(.codeNotGood)) }
            guard case .refused(.throttled(let until)) = try await desk.activate(try await desk.code()) else {
                Issue.record("not throttled")
                return
            }
            #expect(until > Date())
        }
    }

    /// Many submit one code at once: one account.
    @Test func oneCodeIsOneAccount() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let code = try await desk.code()
            let done = try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<8 { group.addTask { try await desk.activate(code, username: "a\(index)@example.org", source: "s\(index)").isDone } }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(done == 1)
            #expect(try await desk.read("SELECT count(*) FROM account", as: Int.self) == [1])
        }
    }

    /// Two members of staff invite one patient at once: one code is good, and nobody sees an error.
    @Test func oneCodeIsGoodAtATime() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let patient = ID<Patient>()
            let done = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<6 { group.addTask { try await desk.invite(patient).isDone } }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(done == 6)
            #expect(try await desk.read("SELECT count(*) FROM invitation WHERE closed_at IS NULL", as: Int.self) == [1])
        }
    }

    @Test func aTakenNameLeavesTheCodeGood() async throws {
        try await withIdentity { (desk: Desk) async throws in
            try await desk.account("maria@example.org")
            let code = try await desk.code()
            #expect(try await desk.activate("AAAA-BBBB-CCCC") == .refused(.codeNotGood))
            #expect(try await desk.activate(code) == .refused(.usernameTaken))
            #expect(try await desk.activate(code, username: "maria2@example.org").isDone)
        }
    }

    @Test func theFirstAdministrator() async throws {
        try await withIdentity(isDemo: false) { (desk: Desk) async throws in
            #expect(try await desk.bus.ask(ReadClinic(), as: desk.portal) == ClinicSettings())
            func create(zone: String = "America/Chicago") async throws -> Answer<CreateClinic> {
                try await desk.bus.request(
                    CreateClinic(name: "Elm Street Clinic", zone: zone, invitation: .init(), key: .v7()), as: desk.operatorToken)
            }
            #expect(try await create(zone: "Mars/Olympus") == .refused(.unknownZone))
            guard case .done(let lost) = try await create(), case .done(let invited) = try await create() else {
                Issue.record("no clinic")
                return
            }
            #expect(try await desk.bus.ask(ReadClinic(), as: desk.portal) == ClinicSettings(name: "Elm Street Clinic", zone: "America/Chicago"))
            #expect(try await desk.bus.ask(ReadClinic(), as: desk.nurse).name == "Elm Street Clinic")
            #expect(try await desk.bus.ask(ReadClinic(), as: try await desk.service.keys.patient(.init())).name == "Elm Street Clinic")
            #expect(try await desk.activate(lost.code, birthDate: nil, at: .clinic) == .refused(.codeNotGood))
            #expect(try await desk.activate(invited.code, birthDate: nil, at: .portal) == .refused(.codeNotGood))
            #expect(
                try await desk.activate(invited.code, birthDate: nil, password: "elm street clinic 1", at: .clinic) == .refused(.passwordTooCommon))
            #expect(try await desk.activate(invited.code, birthDate: nil, username: "ada@elm.example", at: .clinic).isDone)
            let handle = Data.handle()
            #expect(try await desk.signIn("ada@elm.example", goodPassword, .clinic, handle: handle).isDone)
            let (secret, whole) = (try #require(try await desk.offer(handle)), Data.handle())
            #expect(try await desk.enrol(secret.now(), handle, to: whole).isDone)
            #expect(try await desk.session(whole, .clinic)?.role == "administrator")
            #expect(try await create() == .refused(.alreadyCreated))
            // Known passwords are for demos.
            #expect(try await desk.account("demo@example.org") == .refused(.notADemo))
        }
    }

    @Test func demoAccountsAreMadeOnce() async throws {
        try await withIdentity { (desk: Desk) async throws in
            #expect(try await desk.account("demo@example.org").isDone)
            #expect(try await desk.account("Demo@example.org") == .refused(.usernameTaken))
        }
    }
}
