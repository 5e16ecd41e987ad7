internal import Access
internal import Contracts
internal import Postgres

/// What every page says about the clinic; nothing until it is set up.
func readClinic(_ query: ReadClinic, by actor: Actor, in tx: Transaction) async throws -> Answer<ReadClinic> {
    let row = try await tx.first("SELECT name, zone, texts FROM clinic", as: String.self, String.self, [UInt8]?.self)
    guard let (name, zone, texts) = row else { return .done(ClinicSettings()) }
    return .done(ClinicSettings(name: name, zone: zone, texts: try texts.map { try ClinicTexts(stored: $0, name: name) }))
}

extension Rule {
    /// The clinic's name is on every page and in every message.
    static let everybody =
        gateways("portal", "clinic") || anyStaff || anyPatient || operators
        || workers("records", "scheduling", "notifications", "messaging", "billing")
}
