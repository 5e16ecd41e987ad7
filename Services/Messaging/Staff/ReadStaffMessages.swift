internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension ThreadStore {
    private static let most = 200

    @Sendable func readStaffMessages(_ query: ReadStaffMessages, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadStaffMessages> {
        let patient = query.patient.uuid
        let total = tx.later("SELECT count(*) FROM staff_message WHERE patient = \(patient)")
        let rows = try await tx.last(
            """
            SELECT id, at, practitioner, account, body FROM staff_message WHERE patient = \(patient) ORDER BY at DESC, id DESC LIMIT \(Self.most)
            """, as: UUID.self, Date.self, UUID?.self, UUID?.self, [UInt8].self)
        let messages = rows.reversed().map { id, at, practitioner, account, body in
            StaffMessageLine(
                message: ID(id), at: at, practitioner: practitioner.map { ID($0) }, isOwn: account != nil && account == actor.account?.uuid,
                text: opened(body, of: patient, "staff_message", "body", row: id))
        }
        return .done(StaffMessages(messages: messages, total: try total.first(as: Int.self) ?? messages.count))
    }
}
