internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension Wishes {
    /// The next version of what is wanted. Whatever is handed to a provider after this commit goes by it.
    @Sendable func changePreferences(_ command: ChangePreferences, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ChangePreferences> {
        guard command.choices.allSatisfy(MessageChoice.isOffered) else { return .refused(.notOffered) }
        let patient = command.patient.uuid
        let known = try await tx.first(
            "SELECT version, unwanted, daily FROM preference WHERE patient = \(patient) FOR UPDATE", as: Int.self, [String].self, [String].self)
        guard command.version == known?.0 ?? 0 else { return .refused(.changedMeanwhile) }
        var (unwanted, daily) = (Set(known?.1 ?? []), Set(known?.2 ?? []))
        for choice in command.choices {
            if choice.wanted { unwanted.remove(choice.code) } else { unwanted.insert(choice.code) }
            if choice.daily == true { daily.insert(choice.code) } else if choice.daily == false { daily.remove(choice.code) }
        }
        let (after, often) = (unwanted.sorted(), daily.sorted())
        let version = try await tx.first(
            """
            INSERT INTO preference (patient, version, unwanted, daily) VALUES (\(patient), \(command.version + 1), \(after), \(often))
            ON CONFLICT (patient) DO UPDATE SET version = excluded.version, unwanted = excluded.unwanted, daily = excluded.daily
                WHERE preference.version = \(command.version)
            RETURNING version
            """, as: Int.self)
        guard let version else { return .refused(.changedMeanwhile) }
        try await tx.run(
            """
            INSERT INTO consent (id, patient, means, account, version, unwanted, daily)
            VALUES (\(UUID.v7()), \(patient), \(actor.role == .patient ? "portal" : "clinic"), \(actor.account?.uuid), \(version), \(after),
                \(often))
            """)
        return .done(PreferencesChanged(version: version))
    }
}
