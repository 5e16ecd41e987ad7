internal import Contracts
internal import Postgres

/// A patient registered anew may live elsewhere; handled as any other change.
func refreshOnPatientRegistered(_ event: PatientRegistered, _ tx: Transaction) async throws {
    try await refreshOnContactChanged(ContactChanged(patient: event.patient, version: event.version), tx)
}
