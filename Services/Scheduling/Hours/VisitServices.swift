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

    static func later(in tx: Transaction) -> Later { tx.later("SELECT code, names::text, minutes, rules::text FROM visit_service ORDER BY code") }

    static func all(_ rows: Later) throws -> [VisitService] {
        try rows.all(as: String.self, String.self, Int.self, String?.self).map { try VisitService(stored: $0.0, $0.1, $0.2, $0.3) }
    }

    /// - Parameters: names by language and rules, as JSON.
    init(stored code: String, _ names: String, _ minutes: Int, _ rules: String?) throws {
        self.init(
            code: code, name: try JSONDecoder().decode([String: String].self, from: Data(names.utf8)), minutes: minutes,
            rules: try rules.map { try JSONDecoder().decode(VisitRules.self, from: Data($0.utf8)) })
    }

    /// What a code is made of, a name in some language, a length a grid can have.
    var isValid: Bool {
        (1...64).contains(code.utf8.count) && code.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
            && (1...20).contains(name.count) && name.allSatisfy { !$0.key.isEmpty && !$0.value.isEmpty && $0.value.count <= 200 }
            && (5...480).contains(minutes) && rules?.problems.isEmpty ?? true
    }

    /// Adds the kind of visit, or words it anew; what changes nothing is no version.
    func save(by account: ID<Account>?) throws -> SQL {
        let names = String(decoding: try JSONEncoder().encode(name), as: UTF8.self)
        let said = try rules.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
        return """
            WITH kept AS (
                INSERT INTO visit_service (code, names, minutes, rules) VALUES (\(code), \(names)::jsonb, \(minutes)::int, \(said)::jsonb)
                ON CONFLICT (code) DO UPDATE SET names = excluded.names, minutes = excluded.minutes,
                    rules = coalesce(excluded.rules, visit_service.rules), version = visit_service.version + 1
                    WHERE (visit_service.names, visit_service.minutes, visit_service.rules)
                        IS DISTINCT FROM (excluded.names, excluded.minutes, coalesce(excluded.rules, visit_service.rules))
                RETURNING code, version, names, minutes, rules
            )
            INSERT INTO visit_service_version (code, version, account, names, minutes, rules)
            SELECT code, version, \(account?.uuid)::uuid, names, minutes, rules FROM kept
            """
    }
}

extension VisitRules {
    /// Fields that are out of their ranges.
    var problems: [EntryProblem] {
        let month = 0...60 * 24 * 30
        let fields = [
            ("minutesBefore", (0...120).contains(minutesBefore)), ("minutesAfter", (0...120).contains(minutesAfter)),
            ("capacity", (1...30).contains(capacity)), ("noticeMinutes", month.contains(noticeMinutes)),
            ("horizonDays", horizonDays.map((1...730).contains) ?? true), ("cutOffMinutes", month.contains(cutOffMinutes)),
        ]
        let sorts = needs ?? []
        let areSorts = sorts.count <= 5 && Set(sorts).count == sorts.count && sorts.allSatisfy(isSort)
        return (fields + [("needs", areSorts)]).filter { !$0.1 }.map { EntryProblem($0.0, .notPossible) }
    }
}
