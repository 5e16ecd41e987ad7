internal import Access
internal import Contracts
internal import Foundation
internal import Postgres
internal import Sealing

extension RecordStore {
    private static let glassesShown = 200

    /// Whoever watches over privacy sees who opened which chart, when and why; nothing of the chart itself.
    @Sendable func readBrokenGlasses(_ query: ReadBrokenGlasses, actor: Actor, tx: Transaction) async throws -> Answer<ReadBrokenGlasses> {
        let real = PracticePatients.excluded("broken_glass.patient")
        let open = tx.later("SELECT count(*) FROM broken_glass WHERE finding IS NULL AND \(real)")
        let rows = try await tx.last(
            """
            SELECT id, patient, account, practitioner, role, reason, words, at, until, finding, reviewed_at FROM broken_glass
            WHERE \(real) ORDER BY finding IS NULL DESC, at DESC, id LIMIT \(Self.glassesShown)
            """, as: UUID.self, UUID.self, UUID.self, UUID?.self, String.self, String.self, [UInt8].self, Date.self, Date.self, String?.self,
            Date?.self)
        let lines = try rows.map { id, patient, account, practitioner, role, reason, words, at, until, finding, reviewed in
            BrokenGlassLine(
                id: ID(id), patient: ID(patient), account: ID(account), practitioner: practitioner.map { ID($0) }, role: role,
                reason: BreakGlassReason(rawValue: reason) ?? .other,
                words: try self.words(words, of: patient, row: id),
                at: at, until: until, finding: finding.flatMap(BreakGlassFinding.init), reviewed: reviewed)
        }
        return .done(BrokenGlasses(glasses: lines, open: try open.first(as: Int.self) ?? 0))
    }

    /// Empty once the record was destroyed: that somebody opened it stays known.
    private func words(_ sealed: [UInt8], of patient: UUID, row: UUID) throws -> String {
        do {
            return String(decoding: try sealer.cipher(for: patient).open(sealed, at: Place("broken_glass", "words", row: row)), as: UTF8.self)
        } catch {
            guard error.isOfDestroyed else { throw error }
            return ""
        }
    }
}
