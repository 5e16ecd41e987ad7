internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// A Task about an entry, once while it waits.
    @Sendable func requestAmendment(_ command: RequestAmendment, actor: Actor, tx: Transaction) async throws -> Answer<RequestAmendment> {
        var check = EntryCheck()
        check.why("wrong", command.wrong, atMost: 1_000)
        check.why("right", command.right, atMost: 1_000)
        guard check.problems.isEmpty else { return .refused(.invalid(problems: check.problems)) }
        EntryList.lock("amendment", of: command.patient, in: tx)
        let tasks = tx.later(AmendmentTask.rows(actor, of: command.patient))
        let row = try await tx.first(
            """
            SELECT type, sensitivity FROM resource
            WHERE id = \(command.entry.uuid) AND patient = \(command.patient.uuid) AND NOT deleted AND type NOT IN ('Task', 'Consent', 'Patient')
                \(actor.granted.shown)
            """, as: String.self, Int.self)
        guard let (type, sensitivity) = row else { return .refused(.notFound) }
        let cipher = try sealer.cipher(for: command.patient.uuid, making: true)
        guard try !AmendmentTask.all(tasks, cipher).contains(where: { $0.status == "requested" && $0.entry == command.entry }) else {
            return .refused(.alreadyRequested)
        }
        let now = Date()
        let task = AmendmentTask.new(command, type, Sensitivity(rawValue: sensitivity), at: now)
        try EntryWriter(store: self, patient: command.patient, cipher: cipher, actor: actor, tx: tx, now: now)
            .write(task, "Task", command.request, version: 1)
        return .done(AmendmentRequested(due: now.addingTimeInterval(AmendmentTask.time)))
    }

    @Sendable func refusalOfAmendment(
        _ command: RequestAmendment, _ constraint: String, _ actor: Actor, _ tx: Transaction
    ) async throws -> AmendmentRefusal? {
        constraint.hasPrefix("resource_") ? .idInUse : nil
    }
}
