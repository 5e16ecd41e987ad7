internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension ProxyBook {
    private static let relationships: Set<String> = ["parent", "guardian", "partner", "child", "sibling", "friend", "caregiver", "other"]
    private static let longestName = 100
    /// Of one patient at a time; and so many a day, so that nobody learns by trying who has an account.
    private static let (mostOpen, mostADay) = (10, 10)

    private struct Known: Sendable {
        let terms: ProxyTerms
        let account: UUID?
        /// Whose own account it is.
        let owner: UUID?
    }

    /// Who has an account acts at once; anybody else is sent a code to open one with.
    func grantProxy(_ command: GrantProxy, by actor: Actor, _ transactions: Transactions) async throws -> LastStep<GrantProxy> {
        let (name, username) = (command.proxyName.trimmingCharacters(in: .whitespacesAndNewlines), Username(command.email))
        if let refusal = Self.problem(command, name, username) { return { _, _ in .refused(refusal) } }
        let known = try await transactions { tx in
            let terms = try await ProxyTerms.of(born: command.birthDate, until: command.until, in: tx)
            let account = try await tx.first(
                "SELECT id, patient FROM account WHERE username = \(username.text) AND role = 'patient' AND state = 'active'",
                as: UUID.self, UUID?.self)
            return Known(terms: terms, account: account?.0, owner: account?.1)
        }
        let now = clock()
        if let refusal = problem(command, known, by: actor, at: now) { return { _, _ in .refused(refusal) } }
        let isChild = known.terms.ofAge > now
        let ends = isChild ? min(known.terms.asked ?? known.terms.ofAge, known.terms.ofAge) : known.terms.asked
        let person = Person(name: name, email: username.text, language: command.language)
        let narrows = isChild ? known.terms.narrows : nil
        let body = try sealed(person, of: command.patient.uuid, row: command.proxy.uuid)
        return { tx, actor in
            guard try await hasRoom(for: command.patient, in: tx) else { return .refused(.tooMany) }
            let state: ProxyState = known.account == nil ? .invited : .granted
            tx.queue(
                """
                INSERT INTO proxy (id, patient, account, body, relationship, level, of_child, narrows_at, ends_at, state, granted_at, granted_by)
                VALUES (\(command.proxy.uuid), \(command.patient.uuid), \(known.account), \(body), \(command.relationship),
                    \(command.level.rawValue), \(isChild), \(narrows), \(ends), \(state.rawValue), \(now),
                    \(actor.account?.uuid))
                """)
            if known.account == nil { try invite(person, to: command, in: tx) }
            try tellPatient(.proxyGranted, of: command.proxy, in: tx)
            try tx.emit(ProxyChanged(proxy: command.proxy, patient: command.patient, account: known.account.map { ID($0) }, state: state))
            try await tx.flush()
            return .done(GrantedProxy(state: state, ends: ends))
        }
    }

    func refusalOfGrant(_ command: GrantProxy, constraint: String, by actor: Actor, in tx: Transaction) async throws -> GrantProxyRefusal? {
        constraint == "proxy_once" ? .alreadyGranted : nil
    }

    private static func problem(_ command: GrantProxy, _ name: String, _ username: Username) -> GrantProxyRefusal? {
        guard (1...longestName).contains(name.count), name.utf8.count <= 4 * longestName else { return .nameMissing }
        guard username.isAddress else { return .notAnAddress }
        guard relationships.contains(command.relationship) else { return .unknownRelationship }
        guard ProxyTerms.isDay(command.birthDate) else { return .birthDateMissing }
        return command.until.map(ProxyTerms.isDay) == false ? .untilNotGood : nil
    }

    private func problem(_ command: GrantProxy, _ known: Known, by actor: Actor, at now: Date) -> GrantProxyRefusal? {
        let isChild = known.terms.ofAge > now
        // A minor's proxies are the desk's to grant, who has seen the papers; an adult's nobody's but the patient's.
        if actor.role == .patient, isChild { return .notOfAge }
        if actor.role != .patient, !isChild { return .ofAge }
        if isChild, known.terms.narrows <= now, command.level == .full { return .limitedAtMost }
        if let asked = known.terms.asked, asked <= now { return .untilNotGood }
        return known.owner == command.patient.uuid ? .oneself : nil
    }

    private func hasRoom(for patient: ID<Patient>, in tx: Transaction) async throws -> Bool {
        let counts = try await tx.first(
            """
            SELECT count(*) FILTER (WHERE state IN ('invited', 'granted')), count(*) FILTER (WHERE granted_at > now() - interval '1 day')
            FROM proxy WHERE patient = \(patient.uuid)
            """, as: Int.self, Int.self)
        return counts.map { $0 < Self.mostOpen && $1 < Self.mostADay } ?? false
    }

    /// A code that only the letter carries, good together with the patient's birth date.
    private func invite(_ person: Person, to command: GrantProxy, in tx: Transaction) throws {
        let (letter, invitation) = (ID<Letter>(), ID<Invitation>())
        tx.queue(
            """
            INSERT INTO invitation (id, code_hash, birth_date_hash, role, proxy, display_name, expires_at)
            VALUES (\(invitation.uuid), \(codes.hash(code: codes.code(of: letter.uuid))),
                \(codes.hash(birthDate: command.birthDate, of: invitation.uuid)), 'patient', \(command.proxy.uuid), \(person.name),
                now() + interval '28 days')
            """)
        tx.queue(
            """
            INSERT INTO letter (id, kind, proxy, invitation)
            VALUES (\(letter.uuid), \(LetterKind.proxyInvitation.rawValue), \(command.proxy.uuid), \(invitation.uuid))
            """)
        try tx.emit(AccountInvited(invitation: invitation))
        try tx.emit(LetterWritten(letter: letter))
    }
}
