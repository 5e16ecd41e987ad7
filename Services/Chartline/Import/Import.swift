internal import ArgumentParser
internal import Contracts
internal import Foundation
internal import MessageBus
internal import ServiceHost

/// `chartline import FILE…`: each file all of it or nothing; a bad file is named, the others go on.
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Imports FHIR R4 Bundles (transaction, batch, collection) or single resources.",
        discussion: "Importing a file again changes nothing. Ends with 1 when a file could not be imported.")

    @Argument(help: "JSON files; a folder stands for the .json files in it.")
    var files: [String]

    @Flag(help: "Say only what is wrong, and the totals.")
    var quiet = false

    func run() async throws {
        let paths = try files.flatMap(Self.expand)
        let quiet = quiet
        let totals = try await OperatorSession.run { bus in
            var totals = ImportTotals()
            for (number, path) in paths.enumerated() {
                let result = await FileImport(path: path, bus: bus).run()
                totals.add(result)
                switch result {
                case .success(let outcome):
                    if !quiet { print("\(number + 1) of \(paths.count)  \(path): \(Self.words(outcome))") }
                case .failure(let bad):
                    for line in bad.lines { print("\(path): \(line)") }
                }
            }
            return totals
        }
        print(totals.words)
        if totals.failed > 0 { throw ExitCode(1) }
    }

    private static func words(_ outcome: ImportOutcome) -> String {
        "\(outcome.entries) entries, \(outcome.created) new, \(outcome.updated) changed, \(outcome.unchanged) unchanged"
    }

    /// A folder's files in the order of their names: what others refer to (hospitals, practitioners) comes first by convention of the generator.
    private static func expand(_ path: String) throws -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else { return [path] }
        let names = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".json") }
        let first = names.filter { $0.hasPrefix("hospitalInformation") || $0.hasPrefix("practitionerInformation") }.sorted()
        return (first + names.filter { !first.contains($0) }.sorted()).map { "\(path)/\($0)" }
    }
}

struct ImportTotals: Sendable {
    var files = 0
    var failed = 0
    var entries = 0
    var created = 0
    var updated = 0
    var unchanged = 0
    let started = ContinuousClock.now

    mutating func add(_ result: Result<ImportOutcome, BadFile>) {
        files += 1
        guard case .success(let outcome) = result else {
            failed += 1
            return
        }
        entries += outcome.entries
        created += outcome.created
        updated += outcome.updated
        unchanged += outcome.unchanged
    }

    var words: String {
        let seconds = max(0.001, (ContinuousClock.now - started) / .seconds(1))
        return "\(files - failed) of \(files) files imported: \(entries) entries, \(created) new, \(updated) changed, \(unchanged) unchanged; "
            + "\(Int(Double(entries) / seconds)) a second"
    }
}
