internal import Access
internal import Contracts
internal import Postgres

/// What every page says about the clinic; nothing until it is set up.
func readClinic(_ query: ReadClinic, by actor: Actor, in tx: Transaction) async throws -> Answer<ReadClinic> {
    let row = try await tx.first("SELECT name, zone FROM clinic", as: String.self, String.self)
    return .done(ClinicSettings(name: row?.0, zone: row?.1))
}

extension Rule {
    /// The clinic's name is on every page and in every message.
    static let everybody = gateways("portal", "clinic") || anyStaff || anyPatient || operators || workers("records", "scheduling", "notifications")
}
