internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Writes the next version, unless somebody else did since.
@Sendable func keepLicences(_ command: KeepLicences, actor: Actor, tx: Transaction) async throws -> Answer<KeepLicences> {
    let practitioner = command.practitioner.uuid
    guard let account = actor.account, try await isKnown(practitioner, tx) else { return .refused(.notFound) }
    let known = try await tx.first(
        "SELECT version, regions FROM licence_version WHERE practitioner = \(practitioner) ORDER BY version DESC LIMIT 1", as: Int.self,
        [String].self)
    let version = known?.0 ?? 0
    guard version == command.version else { return .refused(.changedMeanwhile(version: version)) }
    let regions = Set(command.regions).subtracting([.elsewhere]).sorted()
    // What changes nothing is no version.
    guard regions.map(\.code) != known?.1 ?? [] else { return .done(SettingKept(version: version)) }
    tx.queue(
        """
        INSERT INTO licence_version (practitioner, version, account, regions)
        VALUES (\(practitioner), \(version + 1), \(account.uuid), \(regions.map(\.code)))
        """)
    try tx.emit(LicencesChanged(practitioner: command.practitioner, version: version + 1, regions: regions))
    try await tx.flush()
    return .done(SettingKept(version: version + 1))
}

/// Of two writers at once one is told here.
@Sendable func refusalOfLicences(
    _ command: KeepLicences, _ constraint: String, _ actor: Actor, _ tx: Transaction
) async throws -> LicencesRefusal? {
    constraint == "licence_version_once" ? .changedMeanwhile(version: command.version + 1) : nil
}

func isKnown(_ practitioner: UUID, _ tx: Transaction) async throws -> Bool {
    try await tx.first("SELECT EXISTS (SELECT FROM resource WHERE type = 'Practitioner' AND id = \(practitioner) AND NOT deleted)", as: Bool.self)
        ?? false
}
