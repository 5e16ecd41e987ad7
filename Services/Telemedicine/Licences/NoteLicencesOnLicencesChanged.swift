internal import Contracts
internal import MessageBus
internal import Postgres

@Sendable func noteLicencesOnLicencesChanged(_ event: LicencesChanged, tx: Transaction) async throws {
    tx.queue(
        """
        INSERT INTO licence (practitioner, version, regions)
        VALUES (\(event.practitioner.uuid), \(event.version), \(event.regions.map(\.code)))
        ON CONFLICT ON CONSTRAINT licence_once DO UPDATE SET version = excluded.version, regions = excluded.regions
        WHERE licence.version < excluded.version
        """)
    try await tx.flush()
}
