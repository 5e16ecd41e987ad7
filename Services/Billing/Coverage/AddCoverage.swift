internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

private let openAtMost = 10

extension CoverageStore {
    /// Kept as it was said: nobody asks the payor.
    @Sendable func addCoverage(_ command: AddCoverage, _ actor: Actor, _ tx: Transaction) async throws -> Answer<AddCoverage> {
        if let refusal = command.details.refusal { return .refused(refusal) }
        tx.lockBills(of: command.patient)
        let open = try await tx.first(
            "SELECT count(*) FROM coverage WHERE patient = \(command.patient.uuid) AND state IN ('stated', 'confirmed')", as: Int.self)
        guard open ?? 0 < openAtMost else { return .refused(.tooMany) }
        let id = command.coverage.uuid
        try await tx.run(
            """
            INSERT INTO coverage (id, patient, details, added_by)
            VALUES (\(id), \(command.patient.uuid), \(try sealed(command.details, of: command.patient, row: id)), \(actor.account?.uuid))
            """)
        return .done(Done())
    }
}

extension CoverageDetails {
    fileprivate var refusal: CoverageRefusal? {
        guard (1...200).contains(payor.count) else { return .invalidPayor }
        guard (1...60).contains(subscriberID.count) else { return .invalidSubscriberID }
        guard group?.count ?? 1 <= 60 else { return .invalidGroup }
        guard phone.map({ $0.count <= 40 && $0.contains { $0.isNumber } }) ?? true else { return .invalidPhone }
        return nil
    }
}

@Sendable func refusalOfCoverage(
    _ command: AddCoverage, _ constraint: String, _ actor: Actor, _ tx: Transaction
) async throws -> CoverageRefusal? {
    constraint == "coverage_once" ? .idInUse : nil
}
