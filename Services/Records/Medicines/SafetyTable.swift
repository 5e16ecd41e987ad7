internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres

/// What the operator loaded: groups of substances, and which do not go together.
struct SafetyTable: Codable, Sendable {
    let version: String
    let isSample: Bool
    let groups: [LoadSafetyTable.Group]
    let interactions: [LoadSafetyTable.Interaction]

    /// Names of the groups a medicine or an allergy belongs to; empty when the table does not know it.
    func groups(of name: CodedText) -> Set<String> {
        let words = Set(NameNormal.of(name.text).split(separator: " ").map(String.init))
        return Set(
            groups.filter { group in
                if let code = name.code, name.system == Self.rxnorm, group.codes.contains(code) { return true }
                return group.words.contains { words.isSuperset(of: $0.split(separator: " ").map(String.init)) }
            }.map(\.name))
    }

    func interaction(_ ones: Set<String>, _ others: Set<String>) -> LoadSafetyTable.Interaction? {
        interactions.first { ones.contains($0.one) && others.contains($0.other) || ones.contains($0.other) && others.contains($0.one) }
    }

    private static let rxnorm = "http://www.nlm.nih.gov/research/umls/rxnorm"

    static func later(in tx: Transaction) -> Later { tx.later("SELECT body FROM safety_table ORDER BY loaded_at DESC, id DESC LIMIT 1") }

    /// - Parameter rows: what `later` asked for. - Returns: nil where none was loaded.
    static func newest(_ rows: Later) throws -> SafetyTable? {
        try rows.first(as: [UInt8].self).map { try JSONDecoder().decode(SafetyTable.self, from: Data($0)) }
    }
}

extension RecordStore {
    /// Keeps the operator's table; from now on every check goes by it.
    @Sendable func loadSafetyTable(_ command: LoadSafetyTable, actor: Actor, tx: Transaction) async throws -> Answer<LoadSafetyTable> {
        let names = Set(command.groups.map(\.name))
        let known = command.interactions.allSatisfy { names.contains($0.one) && names.contains($0.other) && !$0.text.isEmpty }
        guard !command.version.isEmpty, command.version.count <= 60, !names.isEmpty, names.count == command.groups.count, known else {
            return .refused(.invalid)
        }
        let table = SafetyTable(
            version: command.version, isSample: command.isSample, groups: command.groups, interactions: command.interactions)
        let body = Array(try JSONEncoder().encode(table))
        tx.queue(
            "INSERT INTO safety_table (id, version, is_sample, body) VALUES (\(UUID.v7()), \(table.version), \(table.isSample), \(body))")
        return .done(Done())
    }
}
