internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// How long the glass stays broken.
    private static let glassSeconds = 2.0 * 3_600

    /// Opens a closed chart to one person. Needs nothing but this service's own database: no consent, no other service.
    @Sendable func breakGlass(_ command: BreakGlass, actor: Actor, tx: Transaction) async throws -> Answer<BreakGlass> {
        let words = command.words.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let account = actor.account, (10...500).contains(words.count) else { return .refused(.reasonMissing) }
        let (id, patient, now) = (command.id.uuid, command.patient, Date())
        guard try await tx.first("SELECT true FROM patient WHERE id = \(patient.uuid)", as: Bool.self) == true else { return .refused(.notFound) }
        let until = now.addingTimeInterval(Self.glassSeconds)
        let sealed = try sealer.cipher(for: patient.uuid, making: true).seal(Array(words.utf8), at: Place("broken_glass", "words", row: id))
        tx.queue(
            """
            INSERT INTO broken_glass (id, patient, account, at, until, practitioner, role, reason, words)
            VALUES (\(id), \(patient.uuid), \(account.uuid), \(now), \(until), \(actor.practitioner?.uuid), \(actor.role.rawValue),
                \(command.reason.rawValue), \(sealed))
            """)
        try tx.emit(
            GlassWasBroken(id: command.id, patient: patient, account: account, at: now, until: until, reason: command.reason.rawValue))
        return .done(GlassBroken(until: until))
    }

    @Sendable func refusalOfBreaking(_ command: BreakGlass, _ constraint: String, _ actor: Actor, _ tx: Transaction) -> BreakGlassRefusal? {
        constraint == "broken_glass_once" ? .idInUse : nil
    }
}
