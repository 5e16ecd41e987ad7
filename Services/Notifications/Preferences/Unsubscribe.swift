internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension VisitLinks {
    /// The byte that stands for each in links, which are in mailboxes: it never stands for another.
    private static let topics: [MessageTopic: UInt8] = [.visitReminders: 0, .visitChanges: 1, .recordNews: 2, .messages: 3, .bills: 5]
    private static let digests: UInt8 = 4

    /// The last part of the address that ends e-mails of one topic to one patient: 44 letters, digits, `-` and `_`.
    func ending(_ topic: MessageTopic, to patient: ID<Patient>) -> String? { Self.topics[topic].map { ending($0, to: patient) } }

    /// Of a digest: it ends e-mails of all that can be in one.
    func endingDigests(to patient: ID<Patient>) -> String { ending(Self.digests, to: patient) }

    private func ending(_ what: UInt8, to patient: ID<Patient>) -> String {
        sealed(withUnsafeBytes(of: patient.uuid.uuid) { Array($0) } + [what], purpose: "unsubscribe/")
    }

    /// - Returns: nil for what is no link of ours.
    func ended(_ link: String) -> (patient: ID<Patient>, topics: [MessageTopic])? {
        guard let bytes = opened(link, length: 17, purpose: "unsubscribe/"), let what = bytes.last else { return nil }
        let topics = what == Self.digests ? MessageChoice.dailyTopics : Self.topics.filter { $0.value == what }.map(\.key)
        guard !topics.isEmpty else { return nil }
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
