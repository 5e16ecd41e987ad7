internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension Questions {
    private static let mostOpen = 20

    /// Keeps a patient's question for the privacy officer.
    func askAboutAccess(_ command: AskAboutAccess, _ actor: Actor, _ tx: Transaction) async throws -> Answer<AskAboutAccess> {
        let patient = command.patient.uuid
        guard let text = checked(command.text) else { return .refused(.empty) }
        guard text.count <= Self.longest else { return .refused(.tooLong) }
        let open = tx.later("SELECT count(*) FROM question WHERE patient = \(patient) AND answered_at IS NULL")
        let there = try await tx.first(
            """
            SELECT true FROM access WHERE patient = \(patient) AND service = \(command.access.service) AND position = \(command.access.position)
            """, as: Bool.self)
        guard there == true else { return .refused(.notFound) }
        guard try open.first(as: Int.self) ?? 0 < Self.mostOpen else { return .refused(.tooMany) }
        let body = try sealer.cipher(for: patient, making: true).seal(Array(text.utf8), at: Place("question", "body", row: command.question.uuid))
        tx.queue(
            """
            INSERT INTO question (id, patient, service, position, asked_by, asked_at, body)
            VALUES (\(command.question.uuid), \(patient), \(command.access.service), \(command.access.position), \(actor.account?.uuid), now(),
                \(body))
            """)
        return .done(Done())
    }

    /// Nil when nothing is said.
    func checked(_ text: String) -> String? {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        return text.isEmpty ? nil : text
    }
}
