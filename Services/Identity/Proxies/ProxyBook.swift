internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension IdentityService {
    /// Who may act for whom.
    static func answersAboutProxies(_ service: Registry, _ proxies: ProxyBook) {
        let desk = Rule.staff(.frontDesk, .nurse, .administrator, of: .demographics)
        service.seals([SealedColumn("proxy", "body")])
        service.answer(GrantProxy.self, to: .themselves || desk, preparing: proxies.grantProxy, refusing: proxies.refusalOfGrant)
        service.answer(WithdrawProxy.self, to: .ownRecord || desk, with: proxies.withdrawProxy)
        service.answer(ReadProxies.self, to: .ownWishes || desk, with: proxies.readProxies)
        service.answer(ReadPortalAccess.self, to: .workers("notifications", "messaging"), with: proxies.readPortalAccess)
        service.on(PatientDeceased.self, "end-proxies-on-patient-deceased", do: proxies.endProxiesOnPatientDeceased)
    }
}

/// Who acts for whom in the portal.
struct ProxyBook: Sendable {
    /// Somebody who acts for a patient, as whoever granted it typed it.
    struct Person: Codable, Sendable {
        var name: String
        var email: String
        var language: String?
    }

    let sealer: Sealer
    let codes: OneTimeCodes
    /// By which they end.
    let clock: @Sendable () -> Date

    init(_ requests: AccountRequestBook, clock: @escaping @Sendable () -> Date = { Date() }) {
        (sealer, codes, self.clock) = (requests.sealer, requests.codes, clock)
    }

    func sealed(_ person: Person, of patient: UUID, row: UUID) throws -> [UInt8] {
        let cipher = try sealer.cipher(for: patient, making: true)
        return try cipher.seal(Array(try JSONEncoder().encode(person)), at: Place("proxy", "body", row: row))
    }

    /// Nil once the patient's key is destroyed.
    func opened(_ sealed: [UInt8], of patient: UUID, row: UUID) -> Person? {
        guard let body = try? sealer.cipher(for: patient).open(sealed, at: Place("proxy", "body", row: row)) else { return nil }
        return try? JSONDecoder().decode(Person.self, from: Data(body))
    }

    /// Tells the patient, at the address on file: somebody may act for them, or does no longer.
    func tellPatient(_ kind: LetterKind, of proxy: ID<Proxy>, in tx: Transaction) throws {
        let letter = ID<Letter>()
        tx.queue("INSERT INTO letter (id, kind, proxy) VALUES (\(letter.uuid), \(kind.rawValue), \(proxy.uuid))")
        try tx.emit(LetterWritten(letter: letter))
    }

    /// What a letter about a proxy says, and to whom; nothing when its code is no good any more.
    func letter(_ kind: LetterKind, _ letter: UUID, isInvited: Bool, proxy: UUID, of patient: UUID, _ body: [UInt8]) -> LetterView? {
        guard kind == .proxyInvitation else { return LetterView(to: "", kind: kind.rawValue, audience: .portal, patient: ID(patient)) }
        guard isInvited, let person = opened(body, of: patient, row: proxy) else { return nil }
        return LetterView(
            to: person.email, language: person.language, kind: kind.rawValue, audience: .portal, code: codes.code(of: letter))
    }

    /// The account that was opened with its code acts for the patient from now on. - Returns: false when it is over.
    static func take(_ proxy: UUID, by account: ID<Account>, in tx: Transaction) async throws -> Bool {
        let patient = try await tx.first(
            """
            UPDATE proxy SET account = \(account.uuid), state = 'granted'
            WHERE id = \(proxy) AND state = 'invited' AND (ends_at IS NULL OR ends_at > now()) RETURNING patient
            """, as: UUID.self)
        guard let patient else { return false }
        try tx.emit(ProxyChanged(proxy: ID(proxy), patient: ID(patient), account: account, state: .granted))
        return true
    }
}
