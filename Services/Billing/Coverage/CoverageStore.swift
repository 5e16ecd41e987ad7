internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

/// What it takes to read and write what insurance cards say.
struct CoverageStore: Sendable {
    let sealer: Sealer

    /// Insurances on file.
    func answerCoverages(_ service: Registry) {
        service.seals([SealedColumn("coverage", "details")])
        service.answer(AddCoverage.self, to: .ownWishes, with: addCoverage, refusing: refusalOfCoverage)
        service.answer(KeepCardPicture.self, to: .ownWishes, with: keepCardPicture)
        service.answer(ReadCoverages.self, to: .insurances, with: readCoverages)
        service.answer(DecideCoverage.self, to: .office, with: decideCoverage)
    }

    func sealed(_ details: CoverageDetails, of patient: ID<Patient>, row: UUID) throws -> [UInt8] {
        try sealer.cipher(for: patient.uuid, making: true).seal(Array(try JSONEncoder().encode(details)), at: Place("coverage", "details", row: row))
    }

    /// Nil where it is gone with the patient's key.
    private func opened(_ sealed: [UInt8], of patient: UUID, row: UUID) -> CoverageDetails? {
        guard let bytes = try? sealer.cipher(for: patient).open(sealed, at: Place("coverage", "details", row: row)) else { return nil }
        return try? JSONDecoder().decode(CoverageDetails.self, from: Data(bytes))
    }

    /// Newest first. - Parameter condition: on `c`.
    static func later(where condition: SQL, limit: Int, in tx: Transaction) -> Later {
        tx.later(
            """
            SELECT id, patient, details, state, reason, front, back, added_at, decided_at FROM coverage c
            WHERE \(condition) ORDER BY added_at DESC, id DESC LIMIT \(limit)
            """)
    }

    /// - Parameter rows: what `later` asked for.
    func all(_ rows: Later) throws -> [CoverageLine] {
        let found = try rows.all(
            as: UUID.self, UUID.self, [UInt8].self, String.self, String?.self, UUID?.self, UUID?.self, Date.self, Date?.self)
        return found.map { row in
            CoverageLine(
                coverage: ID(row.0), patient: ID(row.1), details: opened(row.2, of: row.1, row: row.0), state: row.3,
                reason: row.4.flatMap { CoverageReason(rawValue: $0) }, front: row.5.map { ID($0) }, back: row.6.map { ID($0) }, added: row.7,
                decided: row.8)
        }
    }
}
