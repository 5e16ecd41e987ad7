import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import Sealing
import TestSupport
import Testing

@testable import Identity

/// Asking for an account without a code, and what comes of it.
@Suite struct AccountRequestTests {
    private static let maria = RequestedAccount(
        given: "María José", family: "Álvarez", birthDate: "1961-03-14", email: "maria@example.org", phone: "312 555 0142", language: "es")

    private func ask(
        _ desk: Desk, _ details: RequestedAccount = Self.maria, source: String = "home", request: ID<AccountRequest> = .init()
    ) async throws -> Answer<RequestAccount> {
        try await desk.bus.request(RequestAccount(request: request, details: details, source: source, key: .v7()), as: desk.portal)
    }

    private func book(_ desk: Desk) -> AccountRequestBook {
        AccountRequestBook(
            sealer: desk.service.sealer, throttle: Throttle(key: desk.service.keys.auditKey), codes: OneTimeCodes(key: desk.service.keys.auditKey))
    }

    /// One round of the worker, with what the records would answer.
    private func match(_ desk: Desk, _ patient: ID<Patient>?) async throws {
        let book = book(desk)
        for asked in try await desk.service.pool.asWorker(of: "identity", { try await book.take(in: $0) }) {
            try await desk.service.pool.asWorker(of: "identity") { tx in try await book.settle(asked, patient, in: tx) }
        }
    }

    private func letters(_ desk: Desk) async throws -> [LetterView] {
        let worker = try await desk.service.keys.worker("notifications")
        var found: [LetterView] = []
        for event in try await desk.service.emitted(LetterWritten.self) {
            if let letter = try await desk.bus.ask(ReadLetter(letter: event.letter), as: worker).letter { found.append(letter) }
        }
        return found
    }

    private func waiting(_ desk: Desk) async throws -> [AccountRequestLine] {
        try await desk.bus.ask(ReadAccountRequests(), as: desk.nurse).requests
    }

    /// The code goes to the address on file, whatever was typed, and is good only with the birth date.
    @Test func whoFitsAChartIsInvitedAtTheAddressOnFile() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let patient = ID<Patient>()
            #expect(try await ask(desk) == .done(Done()))
            try await match(desk, patient)
            let letter = try #require(try await letters(desk).first)
            #expect(letter.kind == "invitation" && letter.patient == patient && letter.to == "" && letter.audience == .portal)
            let code = try #require(letter.code)
            #expect(try await waiting(desk) == [])
            #expect(try await desk.activate(code, birthDate: "1961-03-15", username: "new@example.org") == .refused(.codeNotGood))
            #expect(try await desk.activate(code, birthDate: "1961-03-14", username: "new@example.org").isDone)
            #expect(try await desk.read("SELECT patient FROM account", as: UUID.self) == [patient.uuid])
            // The letter is of no more use, and what was typed is gone.
            #expect(try await letters(desk) == [])
            #expect(try await desk.read("SELECT count(*) FROM account_request WHERE body IS NOT NULL", as: Int.self) == [0])
        }
    }

    @Test func whoHasAnAccountIsToldAtItsAddress() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let patient = ID<Patient>()
            try await desk.account("hers@example.org", patient: patient)
            #expect(try await ask(desk) == .done(Done()))
            try await match(desk, patient)
            #expect(try await letters(desk).map { "\($0.kind) \($0.to) \($0.code ?? "no code")" } == ["account-exists hers@example.org no code"])
            #expect(try await waiting(desk) == [])
            #expect(try await desk.read("SELECT count(*) FROM invitation", as: Int.self) == [0])
        }
    }

    @Test func whoFitsNoChartWaitsForTheDesk() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let request = ID<AccountRequest>()
            #expect(try await ask(desk, request: request) == .done(Done()))
            try await match(desk, nil)
            #expect(try await letters(desk).map { "\($0.kind) \($0.to) \($0.language ?? "")" } == ["account-requested maria@example.org es"])
            #expect(try await waiting(desk).map(\.details) == [Self.maria])
            let patient = ID<Patient>()
            func link() async throws -> Answer<LinkAccountRequest> {
                try await desk.bus.request(
                    LinkAccountRequest(request: request, patient: patient, birthDate: "1961-03-04", key: .v7()), as: desk.nurse)
            }
            #expect(try await link() == .done(Done()))
            let letter = try #require(try await letters(desk).last)
            #expect(letter.kind == "invitation" && letter.patient == patient)
            // With the birth date on file, not the one that was typed.
            #expect(try await desk.activate(try #require(letter.code), birthDate: "1961-03-04").isDone)
            #expect(try await link() == .refused(.notFound))
            #expect(try await desk.read("SELECT count(*) FROM account_request WHERE settled_by IS NOT NULL", as: Int.self) == [1])
        }
    }

    @Test func aRequestIsClosedWithAReasonOrGoesByItself() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let (first, second, third) = (ID<AccountRequest>(), ID<AccountRequest>(), ID<AccountRequest>())
            for request in [first, second, third] { #expect(try await ask(desk, source: "\(request)", request: request) == .done(Done())) }
            try await match(desk, nil)
            let close = CloseAccountRequest(request: first, reason: "not-genuine", key: .v7())
            #expect(try await desk.bus.request(close, as: desk.nurse) == .done(Done()))
            #expect(
                try await desk.bus.request(CloseAccountRequest(request: first, reason: "handled", key: .v7()), as: desk.nurse) == .refused(.notFound))
            #expect(
                try await desk.read("SELECT reason FROM account_request WHERE state = 'closed' AND body IS NULL", as: String.self) == ["not-genuine"])
            // Who has an account meanwhile cannot be invited: the request stays for another answer.
            let patient = ID<Patient>()
            try await desk.account("hers@example.org", patient: patient)
            let link = LinkAccountRequest(request: second, patient: patient, birthDate: "1961-03-14", key: .v7())
            #expect(try await desk.bus.request(link, as: desk.nurse) == .refused(.alreadyActive))
            #expect(try await waiting(desk).count == 2)
            try await desk.change("UPDATE account_request SET asked_at = now() - interval '31 days' WHERE id = \(third.uuid)")
            #expect(try await waiting(desk).map(\.id) == [second])
            try await desk.service.pool.asWorker(of: "identity") { try await forgetEnded(in: $0) }
            #expect(try await desk.read("SELECT count(*) FROM account_request", as: Int.self) == [2])
        }
    }

    /// Sealed in the tables, and nowhere in what travels.
    @Test func aDumpHoldsNothingOfWhatWasTyped() async throws {
        try await withIdentity { (desk: Desk) async throws in
            #expect(try await ask(desk) == .done(Done()))
            try await match(desk, nil)
            let rows = try await desk.read(
                """
                SELECT encode(body, 'escape') FROM account_request UNION ALL SELECT t::text FROM letter t
                UNION ALL SELECT convert_from(body, 'UTF8') FROM outbox
                UNION ALL SELECT convert_from(body, 'UTF8') FROM sent UNION ALL SELECT e::text FROM audit_entry e
                """, as: String.self)
            #expect(rows.count >= 3)
            for row in rows { for word in ["lvarez", "maria@", "1961-03-14", "312 555"] { #expect(!row.contains(word)) } }
        }
    }

    @Test func whatIsTypedIsLimitedAndSoIsHowOften() async throws {
        try await withIdentity { (desk: Desk) async throws in
            var details = Self.maria
            details.email = "no address"
            #expect(try await ask(desk, details) == .refused(.notAnAddress))
            details = Self.maria
            details.given = String(repeating: "x", count: 101)
            #expect(try await ask(desk, details) == .refused(.notUsable))
            details.given = " "
            #expect(try await ask(desk, details) == .refused(.notUsable))
            details = Self.maria
            details.phone = String(repeating: "5", count: 41)
            #expect(try await ask(desk, details) == .refused(.notUsable))
            func isThrottled(_ answer: Answer<RequestAccount>) -> Bool { if case .refused(.throttled) = answer { true } else { false } }
            for _ in 0..<3 { #expect(try await ask(desk, source: "bot") == .done(Done())) }
            #expect(isThrottled(try await ask(desk, source: "bot")))
            // Who asks from elsewhere is not held up by it; one place cannot name many.
            #expect(try await ask(desk, source: "home") == .done(Done()))
            var throttled = 0
            for name in 0..<12 {
                details = Self.maria
                details.email = "name\(name)@example.org"
                if isThrottled(try await ask(desk, details, source: "office")) { throttled += 1 }
            }
            #expect(throttled == 2)
        }
    }
}
