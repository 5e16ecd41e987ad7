internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    @Sendable func admitPatient(_ command: AdmitPatient, _ actor: Actor, _: Transactions) async throws -> LastStep<AdmitPatient> {
        { tx, actor in try await admit(command, by: &actor, tx) }
    }

    /// Lets in who waits. Where both have a window open already, they meet. That the clinician holds no licence for where the patient is keeps nobody
    /// out; the trail says it.
    private func admit(_ command: AdmitPatient, by actor: inout Actor, _ tx: Transaction) async throws -> Answer<AdmitPatient> {
        guard let row = try await CallRow.locked(command.appointment, of: command.patient, tx) else { return .refused(.notFound) }
        if row.state.isOpen { return .done(view(row, for: actor)) }
        guard let admitted = row.state.after(.admit) else { return .refused(.notNow(row.state)) }
        if case .lacking = try await licensure(for: row, actor, tx) { actor.granted.remark = "no-licence" }
        tx.queue("UPDATE call SET version = version + 1, state = \(admitted.rawValue) WHERE id = \(row.id)")
        if row.patientWindow != nil, row.clinicianWindow != nil { try meet(row, from: admitted, tx) }
        return .done(try await changed(row.id, for: actor, tx))
    }

    /// Both are there.
    func meet(_ row: CallRow, from state: CallState, _ tx: Transaction) throws {
        guard let next = state.after(.meet), next != state else { return }
        tx.queue(
            "UPDATE call SET state = \(next.rawValue), started_at = coalesce(started_at, \(row.now)) WHERE id = \(row.id)")
        guard !row.hasStarted else { return }
        try tx.emit(VisitStarted(appointment: ID(row.id), patient: ID(row.patient), practitioner: ID(row.practitioner), at: row.now))
    }
}
