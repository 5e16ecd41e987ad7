internal import Contracts
internal import Postgres

/// A visit that is over is to be charged: by its kind, where it was booked, or else by the billing office.
@Sendable func noteVisitOnEncounterFinished(_ event: EncounterFinished, _ tx: Transaction) async throws {
    let state = event.appointment == nil ? "missing" : "waiting"
    try await tx.run(
        """
        INSERT INTO encounter (id, patient, appointment, started_at, ended_at, state, ask_at)
        VALUES (\(event.encounter.uuid), \(event.patient.uuid), \(event.appointment?.uuid), \(event.start), \(event.end), \(state),
            CASE WHEN \(event.appointment != nil) THEN now() END)
        ON CONFLICT (id) DO NOTHING
        """)
}
