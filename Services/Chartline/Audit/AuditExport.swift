internal import ArgumentParser
internal import Contracts
internal import Foundation
internal import MessageBus
internal import ServiceHost

/// `chartline audit export`: the copies of every trail as FHIR R4 AuditEvents, one a line.
struct AuditExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Prints audit entries as FHIR AuditEvents, one JSON object a line (ndjson).",
        discussion: "The export is in the audit trail, every thousand entries of it, and in the account of what left the clinic about each patient.")
    @Option(help: "First instant, as 2026-11-25 (midnight UTC) or 2026-11-25T08:00:00Z.") var from: String
    @Option(help: "The instant the period ends before.") var to: String
    @Option(help: "To whom it goes: patients read it in the account of what left the clinic about them.") var recipient: String
    @Option(help: "Why: patients read it too.") var purpose: String
    @Option(help: "A file to write; it must not be there. Without it the events go to standard output.") var out: String?

    func run() async throws {
        let (from, to) = (try Self.instant(self.from, "--from"), try Self.instant(self.to, "--to"))
        for (name, words) in [("--recipient", recipient), ("--purpose", purpose)] {
            guard (3...300).contains(words.count) else { throw ValidationError("\(name) takes 3 to 300 characters.") }
        }
        let export = ID<Export>()
        guard from < to else { throw ValidationError("--to is not after --from.") }
        let file = try out.map(Self.create) ?? .standardOutput
        let count = try await OperatorSession.run { bus in
            var count = 0
            var after: TrailPlace?
            repeat {
                let page = try await bus.ask(
                    ExportTrail(from: from, to: to, after: after, export: export, recipient: recipient, purpose: purpose), within: .seconds(30))
                for entry in page.entries {
                    try file.write(contentsOf: try AuditEvent(entry).line)
                    count += 1
                }
                after = page.next
            } while after != nil
            return count
        }
        if out != nil { print("\(count) events") }
    }

    private static func instant(_ text: String, _ name: String) throws -> Date {
        let whole = text.count == 10 ? "\(text)T00:00:00Z" : text
        guard let date = try? Date(whole, strategy: .iso8601) else { throw ValidationError("\(name): \(text) is no date and no instant.") }
        return date
    }

    private static func create(_ path: String) throws -> FileHandle {
        guard !FileManager.default.fileExists(atPath: path) else { throw ValidationError("\(path) is there already.") }
        guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
            let file = FileHandle(forWritingAtPath: path)
        else { throw ValidationError("\(path) cannot be written.") }
        return file
    }
}
