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

    /// Of a digest: it ends e-mails of all that can be in one.
    func endingDigests(to patient: ID<Patient>) -> String {
        sealed(withUnsafeBytes(of: patient.uuid.uuid) { Array($0) } + [UInt8(Self.topics.count)], purpose: "unsubscribe/")
    }

    /// - Returns: nil for what is no link of ours.
    func ended(_ link: String) -> (patient: ID<Patient>, topics: [MessageTopic])? {
        guard let bytes = opened(link, length: 17, purpose: "unsubscribe/"), let place = bytes.last.map(Int.init), place <= Self.topics.count else {
            return nil
        }
        let topics = place < Self.topics.count ? [Self.topics[place]] : [.recordNews, .messages]
        return (bytes.withUnsafeBytes { ID(UUID(uuid: $0.loadUnaligned(as: uuid_t.self))) }, topics)
    }

    /// Whoever has the e-mail wants no more of its kind. Said again it changes nothing.
    @Sendable func unsubscribe(_ command: Unsubscribe, _ actor: Actor, _ tx: Transaction) async throws -> Answer<Unsubscribe> {
        guard let (patient, topics) = ended(command.link), let first = topics.first else { return .refused(.unknown) }
        for topic in topics { try await end(MessageChoice.code(topic, .email), of: patient, tx) }
        return .done(Unsubscribed(topic: first))
    }

    private func end(_ code: String, of patient: ID<Patient>, _ tx: Transaction) async throws {
        let changed = try await tx.first(
            """
            INSERT INTO preference (patient, version, unwanted) VALUES (\(patient.uuid), 1, \([code]))
            ON CONFLICT (patient) DO UPDATE SET version = preference.version + 1, unwanted = array_append(preference.unwanted, \(code)::text)
                WHERE \(code)::text <> ALL (preference.unwanted)
            RETURNING version, unwanted, daily
            """, as: Int.self, [String].self, [String].self)
        if let (version, unwanted, daily) = changed {
            try await tx.run(
                """
                INSERT INTO consent (id, patient, means, version, unwanted, daily)
                VALUES (\(UUID.v7()), \(patient.uuid), 'one-click', \(version), \(unwanted), \(daily))
                """)
        }
    }
}
