internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension Sessions {
    /// Says whose session a handle is and signs what the services will believe. Counts as use, noted at most once a minute, unless it is none.
    func readSession(_ query: ReadSession, by actor: Actor, in tx: Transaction) async throws -> Answer<ReadSession> {
        guard actor.issuer == query.audience.rawValue else { return .done(SessionReply()) }
        let hash = Self.hash(of: query.handle)
        let granted = query.audience == .portal ? actingFor(hash, in: tx) : nil
        let rows = try await tx.last(
            """
            WITH used AS (
                UPDATE session SET last_used_at = now(),
                    expires_idle = least(now() + make_interval(secs => \(Self.idle(query.audience))), expires_absolute)
                WHERE handle_hash = \(hash) AND audience = \(query.audience.rawValue) AND ended_at IS NULL AND expires_idle > now()
                    AND last_used_at < now() - interval '1 minute' AND \(query.isUse != false)
                RETURNING id, expires_idle)
            SELECT s.id, s.account, s.username, s.display_name, s.role, s.patient, s.practitioner, s.language,
                coalesce(u.expires_idle, s.expires_idle), s.proven_at, s.needs
            FROM open_session s LEFT JOIN used u ON u.id = s.id
            WHERE s.handle_hash = \(hash) AND s.audience = \(query.audience.rawValue)
            """,
            as: UUID.self, UUID.self, String.self, String?.self, String.self, UUID?.self, UUID?.self, String?.self, Date.self, Date.self, String?.self
        )
        guard let (session, account, username, displayName, roleName, patient, practitioner, language, expires, proven, missing) = rows.first,
            let role = Role(rawValue: roleName)
        else { return .done(SessionReply()) }
        if let missing {
            // Nothing is signed: no service believes this session anything yet.
            let unfinished = SignInStep(rawValue: missing).map {
                UnfinishedSession(session: ID(session), username: username, language: language, needs: $0, expires: expires)
            }
            return .done(SessionReply(unfinished: unfinished))
        }
        let acting = try granted?.acting(at: clock()) ?? []
        let person = Actor(
            issuer: signer.issuer, role: role, account: ID(account), session: ID(session), practitioner: practitioner.map { ID($0) },
            patients: (patient.map { [ID($0)] } ?? []) + acting.map(\.patient), acting: acting.isEmpty ? nil : acting,
            purpose: role == .patient ? "own-record" : "treatment")
        let token = try await signer.sign(person, for: max(1, min(ActorSigner.longest, expires.timeIntervalSinceNow)))
        return .done(
            SessionReply(
                session: SessionView(
                    session: ID(session), account: ID(account), username: username, displayName: displayName, role: roleName,
                    patients: person.patients, acting: person.acting, language: language, actorToken: token.text, expires: expires, proven: proven)))
    }
}
