internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension VisitLinks {
    private static let topics: [MessageTopic] = [.visitReminders, .visitChanges, .recordNews, .messages]

    /// The last part of the address that ends e-mails of one topic to one patient: 44 letters, digits, `-` and `_`.
    func ending(_ topic: MessageTopic, to patient: ID<Patient>) -> String? {
        guard let place = Self.topics.firstIndex(of: topic) else { return nil }
        return sealed(withUnsafeBytes(of: patient.uuid.uuid) { Array($0) } + [UInt8(place)], purpose: "unsubscribe/")
    }

    /// - Returns: nil for what is no link of ours.
    func ended(_ link: String) -> (patient: ID<Patient>, topic: MessageTopic)? {
        guard let bytes = opened(link, length: 17, purpose: "unsubscribe/"), let place = bytes.last, Self.topics.indices.contains(Int(place)) else {
            return nil
        }
        return (bytes.withUnsafeBytes { ID(UUID(uuid: $0.loadUnaligned(as: uuid_t.self))) }, Self.topics[Int(place)])
    }

    /// Whoever has the e-mail wants no more of its kind. Said again it changes nothing.
    @Sendable func unsubscribe(_ command: Unsubscribe, _ actor: Actor, _ tx: Transaction) async throws -> Answer<Unsubscribe> {
        guard let (patient, topic) = ended(command.link) else { return .refused(.unknown) }
        let code = MessageChoice.code(topic, .email)
        let changed = try await tx.first(
            """
            INSERT INTO preference (patient, version, unwanted) VALUES (\(patient.uuid), 1, \([code]))
            ON CONFLICT (patient) DO UPDATE SET version = preference.version + 1, unwanted = array_append(preference.unwanted, \(code)::text)
                WHERE \(code)::text <> ALL (preference.unwanted)
            RETURNING version, unwanted
            """, as: Int.self, [String].self)
        if let (version, unwanted) = changed {
            try await tx.run(
                """
                INSERT INTO consent (id, patient, means, version, unwanted)
                VALUES (\(UUID.v7()), \(patient.uuid), 'one-click', \(version), \(unwanted))
                """)
        }
        return .done(Unsubscribed(topic: topic))
    }
}
