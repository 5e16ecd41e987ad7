internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres

extension RecordStore {
    /// Looks a medicine up against allergies and medicines.
    @Sendable func checkMedicine(_ query: CheckMedicine, actor: Actor, tx: Transaction) async throws -> Answer<CheckMedicine> {
        let table = SafetyTable.later(in: tx)
        guard let list = try await MedicineList.read(query.patient, for: actor, sealer, in: tx) else { return .refused(.notFound) }
        return .done(list.safety(by: try SafetyTable.newest(table)).report(on: query.medicine))
    }
}
