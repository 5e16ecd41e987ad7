import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import Sealing
import TestSupport

@testable import Identity

let goodPassword = "correct horse battery staple"

/// Identity over a real database, with the tokens of those who ask it.
struct Desk: Sendable {
    let service: ServiceUnderTest
    let passwords: Passwords
    let portal: ActorToken
    let clinic: ActorToken
    let nurse: ActorToken
    let operatorToken: ActorToken

    var bus: InMemoryBus { service.bus }

    func gateway(_ audience: Audience) -> ActorToken { audience == .portal ? portal : clinic }

    func signIn(
        _ username: String, _ password: String = goodPassword, _ audience: Audience = .portal, source: String = "home", handle: Data = .handle(),
        device: Data? = nil
    ) async throws -> Answer<SignIn> {
        try await bus.request(
            SignIn(audience: audience, username: username, password: password, handle: handle, source: source, attempt: .v7(), device: device),
            as: gateway(audience), within: .seconds(20))
    }

    /// The same with `change` made while the password is hashed: what is looked at before does not show it, what comes after does.
    func signIn(
        _ username: String, _ audience: Audience = .portal, device: Data? = nil, during change: SQL
    ) async throws -> Answer<SignIn> {
        let pool = service.database.pool(service.database.superuser)
        let hashes = passwords.hasher.made
        let signingIn = try await pool.transaction { tx in
            _ = try await tx.run(change)
            let task = Task { try await signIn(username, goodPassword, audience, device: device) }
            for _ in 0..<5_000 where passwords.hasher.made == hashes { try await Task.sleep(for: .milliseconds(2)) }
            return task
        }
        let answer = try await signingIn.value
        await pool.close()
        return answer
    }

    func session(_ handle: Data, _ audience: Audience = .portal) async throws -> SessionView? {
        try await bus.ask(ReadSession(audience: audience, handle: handle), as: gateway(audience)).session
    }

    @discardableResult
    func account(
        _ username: String, role: Role = .patient, password: String = goodPassword, patient: ID<Patient>? = .init(), secret: TimeCodes? = nil
    ) async throws -> Answer<CreateDemoAccount> {
        try await bus.request(
            CreateDemoAccount(
                account: .init(), username: username, password: password, role: role.rawValue, displayName: role == .patient ? nil : "Ada Bell",
                patient: role == .patient ? patient : nil, language: "es",
                totpSecret: secret?.base32, key: .v7()),
            as: operatorToken, within: .seconds(20))
    }

    /// What the session of `handle` still needs.
    func unfinished(_ handle: Data, _ audience: Audience = .portal) async throws -> SignInStep? {
        try await bus.ask(ReadSession(audience: audience, handle: handle), as: gateway(audience)).unfinished?.needs
    }

    func verify(
        _ code: String, _ handle: Data, to newHandle: Data = .handle(), _ audience: Audience = .clinic, source: String = "home",
        device: Data? = nil
    ) async throws -> Answer<VerifyCode> {
        try await bus.request(
            VerifyCode(audience: audience, handle: handle, newHandle: newHandle, code: code, source: source, key: .v7(), device: device),
            as: gateway(audience))
    }

    func offer(_ handle: Data, _ audience: Audience = .clinic) async throws -> TimeCodes? {
        try await bus.ask(ReadEnrolment(audience: audience, handle: handle), as: gateway(audience)).offer.flatMap { TimeCodes(base32: $0.secret) }
    }

    func enrol(
        _ code: String, _ handle: Data, to newHandle: Data = .handle(), _ audience: Audience = .clinic
    ) async throws -> Answer<EnrolSecondFactor> {
        try await bus.request(
            EnrolSecondFactor(audience: audience, handle: handle, newHandle: newHandle, code: code, source: "home", key: .v7()),
            as: gateway(audience))
    }

    /// A member of staff who has signed in with everything.
    func staffMember(_ username: String, role: Role = .nurse) async throws -> (handle: Data, secret: TimeCodes) {
        let (secret, first, second) = (TimeCodes.random(), Data.handle(), Data.handle())
        try await account(username, role: role, secret: secret)
        _ = try await signIn(username, goodPassword, .clinic, handle: first)
        guard try await verify(secret.now(), first, to: second).isDone else { throw TryLater("not signed in") }
        return (second, secret)
    }

    func invite(_ patient: ID<Patient>, birthDate: String = "1970-05-23") async throws -> Answer<InviteToPortal> {
        try await bus.request(InviteToPortal(invitation: .init(), patient: patient, birthDate: birthDate, key: .v7()), as: nurse)
    }

    /// A code for `patient`.
    func code(for patient: ID<Patient> = .init()) async throws -> String {
        guard case .done(let invited) = try await invite(patient) else { throw TryLater("not invited") }
        return invited.code
    }

    func activate(
        _ code: String, birthDate: String? = "1970-05-23", username: String = "maria@example.org", password: String = goodPassword,
        source: String = "home", at audience: Audience = .portal
    ) async throws -> Answer<ActivateAccount> {
        try await bus.request(
            ActivateAccount(code: code, birthDate: birthDate, username: username, password: password, source: source, key: .v7()),
            as: gateway(audience), within: .seconds(20))
    }

    /// Changes the tables behind the service's back: what a test does instead of waiting.
    func change(_ sql: SQL) async throws {
        let pool = service.database.pool(service.database.superuser)
        _ = try await pool.run(sql)
        await pool.close()
    }

    func read<T: PostgresDecodable & Sendable>(_ sql: SQL, as type: T.Type) async throws -> [T] {
        let pool = service.database.pool(service.database.superuser)
        let rows = try await pool.all(sql, as: type)
        await pool.close()
        return rows
    }
}

extension TimeCodes {
    func now(_ away: Int64 = 0) -> String { code(at: Self.step(at: Date()) + away) }
}

extension Data {
    static func handle() -> Data { Data((0..<32).map { _ in UInt8.random(in: 0...255) }) }
}

/// The same registrations as the entry point's.
func withIdentity(
    isDemo: Bool = true, logN: Int = 12, port: Int? = nil, connections: Int? = nil, clock: @escaping @Sendable () -> Date = { Date() },
    _ body: (Desk) async throws -> Void
) async throws {
    let keys = try await TestKeys()
    let signer = try keys.signer("identity")
    let passwords = Passwords(
        hasher: PasswordHasher(logN: logN, pepper: keys.auditKey), rules: PasswordRules(common: ["password", "chocolate", "iloveyou12345678"]))
    let throttle = Throttle(key: keys.auditKey)
    let codes = OneTimeCodes(key: keys.auditKey)
    try await withService("identity", migrations: IdentityService.migrations, keys: keys, port: port, connections: connections) { registry, sealer in
        let factors = SecondFactors(sealer: sealer, throttle: throttle, codes: codes, offerKey: keys.auditKey)
        let accounts = Accounts(passwords: passwords, throttle: throttle, codes: codes, factors: factors, isDemo: isDemo)
        let sessions = Sessions(passwords: passwords, throttle: throttle, factors: factors, signer: signer, clock: clock)
        let requests = AccountRequestBook(sealer: sealer, throttle: throttle, codes: codes)
        IdentityService.answers(registry, accounts, sessions, factors, requests, Drafts(sealer: sealer))
    } _: { service in
        try await body(
            Desk(
                service: service, passwords: passwords, portal: try await keys.gateway("portal"), clinic: try await keys.gateway("clinic"),
                nurse: try await keys.staff(), operatorToken: try await keys.operator()))
    }
}
