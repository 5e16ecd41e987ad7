internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension Questions {
    /// What left the clinic about a patient in the last six years, newest first.
    func readDisclosures(_ query: ReadDisclosures, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadDisclosures> {
        let patient = query.patient.uuid
        let counted = tx.later(
            """
            SELECT count(*) FROM disclosure d JOIN export e ON e.id = d.export
            WHERE d.patient = \(patient) AND e.at > now() - interval '6 years'
            """)
        let rows = try await tx.all(
            """
            SELECT e.id, e.at, e.what, e.recipient, e.purpose FROM disclosure d JOIN export e ON e.id = d.export
            WHERE d.patient = \(patient) AND e.at > now() - interval '6 years' ORDER BY e.at DESC, e.id LIMIT 200
            """, as: UUID.self, Date.self, String.self, [UInt8].self, [UInt8].self)
        guard !rows.isEmpty else { return .done(.init(disclosures: [], total: 0)) }
        let cipher = try sealer.cipher(for: Sealer.nobody)
        return .done(
            .init(
                disclosures: try rows.map { id, at, what, recipient, purpose in
                    func words(_ sealed: [UInt8], _ column: StaticString) throws -> String {
                        String(decoding: try cipher.open(sealed, at: Place("export", column, row: id)), as: UTF8.self)
                    }
                    return Disclosure(
                        export: ID(id), at: at, what: what, recipient: try words(recipient, "recipient"), purpose: try words(purpose, "purpose"))
                }, total: try counted.first(as: Int.self) ?? rows.count))
    }

    /// Notes, in the transaction of what is about to leave, to whom it goes and whose records it is about. Of a patient who is for
    /// practice nobody is owed an account.
    func disclose(_ export: ID<Export>, _ what: String, _ patients: Set<ID<Patient>>, _ query: ExportTrail, _ actor: Actor, _ tx: Transaction) throws
    {
        let cipher = try sealer.cipher(for: Sealer.nobody, making: true)
        func sealed(_ words: String?, _ column: StaticString) throws -> [UInt8] {
            // An older command line does not say.
            try cipher.seal(Array(String((words ?? "").prefix(Self.longestWords)).utf8), at: Place("export", column, row: export.uuid))
        }
        let real = Array(Set(patients.map(\.uuid)).subtracting(practice.ids))
        tx.queue(
            """
            INSERT INTO export (id, at, what, recipient, purpose, made_by) VALUES (\(export.uuid), now(), \(what),
                \(try sealed(query.recipient, "recipient")), \(try sealed(query.purpose, "purpose")), \(actor.principal))
            ON CONFLICT ON CONSTRAINT export_once DO NOTHING
            """)
        tx.queue(
            """
            INSERT INTO disclosure (patient, export) SELECT unnest(\(real)::uuid[]), \(export.uuid) ON CONFLICT DO NOTHING
            """)
    }

    private static let longestWords = 300
}
