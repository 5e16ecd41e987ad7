internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

/// Every kind of visit, by code.
@Sendable func readVisitTypes(_ query: ReadVisitTypes, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadVisitTypes> {
    let rows = try await tx.all(
        "SELECT code, names::text, minutes, rules::text, version FROM visit_service ORDER BY code",
        as: String.self, String.self, Int.self, String?.self, Int.self)
    return .done(
        VisitTypes(
            types: try rows.map { code, names, minutes, rules, version in
                VisitTypeLine(type: try VisitService(stored: code, names, minutes, rules), version: version)
            }))
}
