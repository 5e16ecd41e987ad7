internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension VisitLinks {
    /// The byte that stands for each in links, which are in mailboxes: it never stands for another.
    private static let topics: [MessageTopic: UInt8] = [.visitReminders: 0, .visitChanges: 1, .recordNews: 2, .messages: 3, .bills: 5]
    private static let digests: UInt8 = 4
    /// Links of e-mails about several patients are proven for something else, so that the id in them is taken for no patient's.
    private static let ofOne = "unsubscribe/"
    private static let ofSeveral = "unsubscribe-several/"

    /// The last part of the address that ends e-mails of one topic to one patient: 44 letters, digits, `-` and `_`.
    func ending(_ topic: MessageTopic, to patient: ID<Patient>) -> String? { Self.topics[topic].map { ending($0, to: patient) } }

    /// Of a digest: it ends e-mails of all that can be in one.
    func endingDigests(to patient: ID<Patient>) -> String { ending(Self.digests, to: patient) }

    /// The same of an e-mail about several patients: it ends them for everybody it told of. - Parameter leader: under whose id it goes.
    func ending(_ topic: MessageTopic, toAllOf leader: ID<Contracts.Intent>) -> String? {
        Self.topics[topic].map { ending($0, leader.uuid, purpose: Self.ofSeveral) }
    }

    private func ending(_ what: UInt8, to patient: ID<Patient>) -> String { ending(what, patient.uuid, purpose: Self.ofOne) }

    private func ending(_ what: UInt8, _ id: UUID, purpose: String) -> String {
        sealed(withUnsafeBytes(of: id.uuid) { Array($0) } + [what], purpose: purpose)
    }

    /// - Returns: nil for what is no link of ours.
    func ended(_ link: String) -> (patient: ID<Patient>, topics: [MessageTopic])? {
        guard let (patient, topics) = ended(link, purpose: Self.ofOne) else { return nil }
        return (ID(patient), topics)
    }

    private func ended(_ link: String, purpose: String) -> (id: UUID, topics: [MessageTopic])? {
        guard let bytes = opened(link, length: 17, purpose: purpose), let what = bytes.last else { return nil }
        let topics = what == Self.digests ? MessageChoice.dailyTopics : Self.topics.filter { $0.value == what }.map(\.key)
        guard !topics.isEmpty else { return nil }
        return (bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }, topics)
    }

    /// Whose e-mails a link ends: of one about several patients everybody's.
    private func ended(_ link: String, in tx: Transaction) async throws -> (patients: [ID<Patient>], topics: [MessageTopic])? {
        if let (patient, topics) = ended(link) { return ([patient], topics) }
        guard let (leader, topics) = ended(link, purpose: Self.ofSeveral) else { return nil }
        // In one order for everybody, so that two who end the same wait for each other only once.
        let patients = try await tx.all(
            "SELECT DISTINCT patient FROM intent WHERE id = \(leader) OR leader = \(leader) ORDER BY patient", as: UUID.self)
        return patients.isEmpty ? nil : (patients.map { ID($0) }, topics)
    }

    /// Whoever has the e-mail wants no more of its kind. Said again it changes nothing.
    @Sendable func unsubscribe(_ command: Unsubscribe, _ actor: Actor, _ tx: Transaction) async throws -> Answer<Unsubscribe> {
        guard let (patients, topics) = try await ended(command.link, in: tx), let first = topics.first else { return .refused(.unknown) }
        for patient in patients { for topic in topics { try await end(MessageChoice.code(topic, .email), of: patient, tx) } }
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
