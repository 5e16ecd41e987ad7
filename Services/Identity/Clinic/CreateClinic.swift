internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension OneTimeCodes {
    /// Names the clinic and makes the code of its first administrator. May be done again, with a new code, until an administrator is there: a code
    /// can get lost.
    func createClinic(_ command: CreateClinic, by actor: Actor, in tx: Transaction) async throws -> Answer<CreateClinic> {
        let known = try await tx.first("SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = \(command.zone))", as: Bool.self)
        guard known == true else { return .refused(.unknownZone) }
        let name = command.name.trimmingCharacters(in: .whitespacesAndNewlines)
        let created = try await tx.run(
            """
            INSERT INTO clinic (name, zone) VALUES (\(name), \(command.zone))
            ON CONFLICT (single) DO UPDATE SET name = excluded.name, zone = excluded.zone
                WHERE NOT EXISTS (SELECT FROM account WHERE role = 'administrator')
            """)
        guard created == 1 else { return .refused(.alreadyCreated) }
        // Until there is an administrator it may be named again, as the same version.
        let body = try ClinicTexts(name: name).stored
        tx.queue(
            """
            INSERT INTO clinic_version (version, body) VALUES (1, \(body))
            ON CONFLICT ON CONSTRAINT clinic_version_once DO UPDATE SET at = excluded.at, body = excluded.body
            """)
        let code = make()
        tx.queue("UPDATE invitation SET closed_at = now(), closed = 'replaced' WHERE role = 'administrator' AND closed_at IS NULL")
        try tx.emit(AccountInvited(invitation: command.invitation))
        let expires = try await tx.first(
            """
            INSERT INTO invitation (id, code_hash, role, expires_at)
            VALUES (\(command.invitation.uuid), \(hash(code: code)), 'administrator', now() + interval '7 days')
            RETURNING expires_at
            """, as: Date.self)
        guard let expires else { throw TryLater("no-invitation") }
        return .done(Invited(code: code, expires: expires))
    }
}
