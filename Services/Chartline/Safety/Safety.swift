internal import ArgumentParser
internal import Contracts
internal import Foundation
internal import MessageBus
internal import ServiceHost

/// `chartline safety …`: the table that medicines are checked by.
struct Safety: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Loads the table of allergies and interactions that medicines are checked by.", subcommands: [Load.self])

    struct Load: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Loads a table; from then on checks go by it.",
            discussion: """
                The file is JSON: {"version": "2026-10", "isSample": false, "groups": [{"name", "codes": [RxNorm], "words": []}], \
                "interactions": [{"one": group, "other": group, "text": {"en": "…", "es": "…"}}]}.
                """)
        @Argument(help: "The file.") var path: String

        func run() async throws {
            guard let content = FileManager.default.contents(atPath: path) else { throw ValidationError("\(path) cannot be read.") }
            let table: SafetyFile
            do { table = try JSONDecoder().decode(SafetyFile.self, from: content) } catch let error as DecodingError {
                throw ValidationError("\(path) is no table of this kind: \(SafetyFile.words(error))")
            }
            let command = table.command
            guard case .done = try await OperatorSession.run({ try await $0.request(command, as: nil, within: .seconds(30)) }) else {
                throw ValidationError("\(path): a version, groups with different names, and interactions of groups that are there are needed.")
            }
            print("\(table.version): \(table.groups.count) groups, \(table.interactions.count) interactions")
        }
    }
}

struct SafetyFile: Decodable {
    let version: String
    var isSample: Bool?
    let groups: [LoadSafetyTable.Group]
    let interactions: [LoadSafetyTable.Interaction]

    var command: LoadSafetyTable {
        LoadSafetyTable(version: version, isSample: isSample ?? false, groups: groups, interactions: interactions, key: .v7())
    }

    static func words(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context): "\(path(context)) has no \(key.stringValue)"
        case .typeMismatch(_, let context), .valueNotFound(_, let context): "\(path(context)) is of another kind"
        case .dataCorrupted(let context): context.debugDescription
        @unknown default: "it cannot be read"
        }
    }

    private static func path(_ context: DecodingError.Context) -> String {
        context.codingPath.isEmpty ? "the file" : context.codingPath.map(\.stringValue).joined(separator: ".")
    }
}
