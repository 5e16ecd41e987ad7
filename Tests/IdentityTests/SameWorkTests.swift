import Access
import Contracts
import Faults
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Identity

/// Whatever is wrong with a sign-in, the same is done: as many hashes, transactions and round trips, and to the byte the same statements and values
/// sent to the database. Who measures learns nothing about who has an account.
@Suite(.serialized) struct SameWorkTests {
    struct Work: Equatable, CustomStringConvertible {
        var hashes: Int
        var transactions: Int
        var roundTrips: Int
        var bytes: Int

        var description: String { "\(hashes) hashes, \(transactions) transactions, \(roundTrips) round trips, \(bytes) bytes" }
    }

    private func work(_ desk: Desk, _ proxy: FaultProxy, _ act: () async throws -> Void) async throws -> Work {
        func now() async throws -> Work {
            let statistics = desk.service.pool.statistics
            return Work(
                hashes: desk.passwords.hasher.made, transactions: statistics.transactions, roundTrips: statistics.roundTrips,
                bytes: try await proxy.status().toServer)
        }
        let before = try await now()
        try await act()
        let after = try await now()
        return Work(
            hashes: after.hashes - before.hashes, transactions: after.transactions - before.transactions,
            roundTrips: after.roundTrips - before.roundTrips, bytes: after.bytes - before.bytes)
    }

    /// Names, passwords and sources of one length each, so that bytes can be compared.
    private func signInWork(_ desk: Desk, _ proxy: FaultProxy) async throws -> [String: Set<String>] {
        let tries: [(String, Audience, String)] = [
            ("nobody00@example.org", .portal, goodPassword), ("wrong000@example.org", .portal, String(goodPassword.reversed())),
            ("closed00@example.org", .portal, goodPassword), ("suspende@example.org", .portal, goodPassword),
            ("nopasswd@example.org", .portal, goodPassword), ("nurse000@example.org", .portal, goodPassword),
        ]
        // Statements are prepared the first time a connection meets them.
        for round in 0..<4 { _ = try await desk.signIn("warmup\(round)0@example.org", source: "w\(round)") }
        var found: [String: Set<String>] = [:]
        for round in 0..<3 {
            for (place, (name, audience, password)) in tries.enumerated() {
                let work = try await work(desk, proxy) { () async throws in
                    #expect(try await desk.signIn(name, password, audience, source: "\(round)\(place)") == .refused(.failed))
                }
                found[name, default: []].insert("\(work)")
            }
        }
        return found
    }

    /// The same of what is asked for by a name, without a password.
    private func askingWork(
        _ desk: Desk, _ proxy: FaultProxy, _ ask: (_ name: String, _ source: String) async throws -> Void
    ) async throws -> [String: Set<String>] {
        for round in 0..<4 { try await ask("warmup\(round)0@example.org", "w\(round)") }
        var found: [String: Set<String>] = [:]
        // The third letter to one name is the last for a while.
        for round in 0..<2 {
            for (place, name) in ["nobody00", "wrong000", "closed00", "nurse000"].enumerated() {
                let work = try await work(desk, proxy) { try await ask("\(name)@example.org", "\(round)\(place)") }
                found[name, default: []].insert("\(work)")
            }
        }
        return found
    }

    private func withPeople(_ body: (Desk, FaultProxy) async throws -> Void) async throws {
        let server = try await PrivatePostgres.shared()
        let proxy = try await FaultProxy(to: server.port)
        // One connection: then every statement is prepared after it has been used once.
        try await withIdentity(port: proxy.port, connections: 1) { (desk: Desk) async throws in
            for name in ["wrong000", "closed00", "suspende", "nopasswd"] { try await desk.account("\(name)@example.org") }
            try await desk.account("nurse000@example.org", role: .nurse)
            try await desk.change("UPDATE account SET state = 'closed' WHERE username LIKE 'closed%'")
            try await desk.change("UPDATE account SET state = 'suspended' WHERE username LIKE 'suspende%'")
            try await desk.change("UPDATE account SET credential = NULL WHERE username LIKE 'nopasswd%'")
            try await body(desk, proxy)
        }
    }

    @Test func everyFailedSignInIsTheSameWork() async throws {
        try await withPeople { desk, proxy in
            let found = try await signInWork(desk, proxy)
            let all = found.values.reduce(Set()) { $0.union($1) }
            #expect(all.count == 1, "\(found)")
            #expect(all.first?.hasPrefix("1 hashes") == true)
        }
    }

    /// Asking for a new password: for somebody, for nobody, for somebody who may not.
    @Test func askingForACodeIsTheSameWork() async throws {
        try await withPeople { desk, proxy in
            func ask(_ name: String, _ source: String) async throws {
                let command = RequestReset(audience: .portal, username: name, source: source, key: .v7())
                #expect(try await desk.bus.request(command, as: desk.portal) == .done(Done()))
            }
            let found = try await askingWork(desk, proxy, ask)
            #expect(found.values.reduce(Set()) { $0.union($1) }.count == 1, "\(found)")
        }
    }

    /// Asking for an account: with an address somebody signs in with, with one nobody does, with one that is no longer good.
    @Test func askingForAnAccountIsTheSameWork() async throws {
        try await withPeople { desk, proxy in
            func ask(_ name: String, _ source: String) async throws {
                let details = RequestedAccount(given: "Ana", family: "Doe", birthDate: "1980-02-29", email: name)
                let command = RequestAccount(request: .init(), details: details, source: source, key: .v7())
                #expect(try await desk.bus.request(command, as: desk.portal) == .done(Done()))
            }
            let found = try await askingWork(desk, proxy, ask)
            #expect(found.values.reduce(Set()) { $0.union($1) }.count == 1, "\(found)")
        }
    }

    /// Without the hash that stands for the password of nobody, this test would see it.
    @Test func aMissingHashIsNoticed() async throws {
        try await withPeople { desk, proxy in
            let found = try await Fault.strangersUnhashed.injected { try await signInWork(desk, proxy) }
            #expect(found["nobody00@example.org"] != found["wrong000@example.org"])
        }
    }
}
