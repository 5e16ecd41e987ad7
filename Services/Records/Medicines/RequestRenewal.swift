internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// A patient asks for more of a medicine: a Task, once while it waits.
    @Sendable func requestRenewal(_ command: RequestRenewal, actor: Actor, tx: Transaction) async throws -> Answer<RequestRenewal> {
        guard command.words?.count ?? 0 <= 500 else { return .refused(.tooLong) }
        guard let list = try await MedicineList.read(command.patient, for: actor, locking: true, sealer, in: tx),
            let medicine = list.medicines.first(where: { $0.id == command.prescription })
        else { return .refused(.notFound) }
        let now = Date()
        let renewal = list.renewal(of: medicine, at: now)
        guard renewal == .possible else { return .refused(.notPossible(why: renewal)) }
        let task = RenewalTask.new(command, at: now)
        try EntryWriter(store: self, patient: command.patient, cipher: list.cipher, actor: actor, tx: tx, now: now)
            .write(task, "Task", command.request, version: 1)
        return .done(Done())
    }

    @Sendable func refusalOfRequest(
        _ command: RequestRenewal, _ constraint: String, _ actor: Actor, _ tx: Transaction
    ) async throws -> RenewalRefusal? {
        constraint.hasPrefix("resource_") ? .idInUse : nil
    }
}
