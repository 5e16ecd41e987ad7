internal import Contracts
internal import Foundation
internal import Postgres

extension VisitService {
    /// The kinds of visit of the clinic, by code.
    static func all(in tx: Transaction) async throws -> [VisitService] {
        let rows = later(in: tx)
        try await tx.flush()
        return try all(rows)
    }

    static func later(in tx: Transaction) -> Later { tx.later("SELECT code, names::text, minutes FROM visit_service ORDER BY code") }

    static func all(_ rows: Later) throws -> [VisitService] {
        try rows.all(as: String.self, String.self, Int.self).map { try VisitService(stored: $0.0, $0.1, $0.2) }
    }

    /// - Parameter names: by language, as JSON.
    init(stored code: String, _ names: String, _ minutes: Int) throws {
        self.init(code: code, name: try JSONDecoder().decode([String: String].self, from: Data(names.utf8)), minutes: minutes)
    }

    /// What a code is made of, a name in some language, a length a grid can have.
    var isValid: Bool {
        (1...64).contains(code.utf8.count) && code.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
            && (1...20).contains(name.count) && name.allSatisfy { !$0.key.isEmpty && !$0.value.isEmpty && $0.value.count <= 200 }
            && (5...480).contains(minutes)
    }

    /// Adds the kind of visit, or words it anew; what changes nothing is no version.
    func save(by account: ID<Account>?) throws -> SQL {
        let names = String(decoding: try JSONEncoder().encode(name), as: UTF8.self)
        return """
            WITH kept AS (
                INSERT INTO visit_service (code, names, minutes) VALUES (\(code), \(names)::jsonb, \(minutes)::int)
                ON CONFLICT (code) DO UPDATE SET names = excluded.names, minutes = excluded.minutes, version = visit_service.version + 1
                    WHERE (visit_service.names, visit_service.minutes) IS DISTINCT FROM (excluded.names, excluded.minutes)
                RETURNING code, version, names, minutes
            )
            INSERT INTO visit_service_version (code, version, account, names, minutes)
            SELECT code, version, \(account?.uuid)::uuid, names, minutes FROM kept
            """
    }
}
