internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

private let resourcesAtMost = 80

/// Writes the next version, unless somebody else did since. What a visit has already it keeps.
@Sendable func keepResource(_ command: KeepResource, _ actor: Actor, _ tx: Transaction) async throws -> Answer<KeepResource> {
    let resource = command.resource
    let problems = resource.problems
    guard problems.isEmpty else { return .refused(.invalid(problems: problems)) }
    let known = try await tx.first("SELECT version FROM resource WHERE id = \(resource.id) FOR UPDATE", as: Int.self)
    guard known != nil || command.version == 0 else { return .refused(.notFound) }
    guard (known ?? 0) == command.version else { return .refused(.changedMeanwhile(version: known ?? 0)) }
    let version = command.version + 1
    if known == nil {
        let count = try await tx.first("SELECT count(*) FROM resource", as: Int.self) ?? 0
        guard count < resourcesAtMost else { return .refused(.tooMany) }
        tx.queue(
            """
            INSERT INTO resource (id, location, kind, sort, name, retired)
            VALUES (\(resource.id), \(resource.location.uuid), \(resource.kind.rawValue), \(resource.sort), \(resource.name), \(resource.isRetired))
            """)
    } else {
        tx.queue(
            """
            UPDATE resource SET name = \(resource.name), retired = \(resource.isRetired), version = \(version)::int WHERE id = \(resource.id)
            """)
    }
    try await tx.run(
        """
        INSERT INTO resource_version (resource, version, account, name, retired)
        VALUES (\(resource.id), \(version)::int, \(actor.account?.uuid), \(resource.name), \(resource.isRetired))
        """)
    return .done(SettingKept(version: version))
}

/// Every room and device.
@Sendable func readResources(_ query: ReadResources, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadResources> {
    let rows = try await tx.all(
        "SELECT id, location, kind, sort, name, retired, version FROM resource ORDER BY location, sort, name, id",
        as: UUID.self, UUID.self, String.self, String.self, String.self, Bool.self, Int.self)
    return .done(
        PlaceResources(
            lines: rows.map { id, location, kind, sort, name, retired, version in
                ResourceLine(
                    resource: PlaceResource(
                        id: id, location: ID(location), kind: PlaceResource.Kind(rawValue: kind) ?? .room, sort: sort, name: name,
                        isRetired: retired),
                    version: version)
            }))
}

extension PlaceResource {
    fileprivate var problems: [EntryProblem] {
        var problems: [EntryProblem] = []
        if !isSort(sort) { problems.append(EntryProblem("sort", sort.isEmpty ? .missing : .notPossible)) }
        if name.trimmingCharacters(in: .whitespacesAndNewlines).isEmpty { problems.append(EntryProblem("name", .missing)) }
        if name.count > 100 { problems.append(EntryProblem("name", .tooLong)) }
        return problems
    }
}

/// Whether a sort of rooms or devices can be called so: as codes are.
func isSort(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
}
