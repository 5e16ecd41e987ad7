internal import ArgumentParser
internal import Foundation
internal import MessageBus

/// `chartline audit verify`: each service's own executable, beside this one, goes through that service's trail. It needs the database and the
/// service's settings and keys; neither the broker nor the service has to run.
struct AuditVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Goes through the audit trails and names the first bad row of each.",
        discussion: """
            Ends with 0 when all are whole, with 1 when one is not, with 2 when one could not be read.
            The setting CHARTLINE_SERVICE_SETTINGS names the folder with the services' settings, <service>.env.
            """)
    @Option(help: "Only this service's trail.") var service: String?
    @Flag(help: "One JSON object.") var json = false

    func run() async throws {
        guard let folder = ProcessInfo.processInfo.environment["CHARTLINE_SERVICE_SETTINGS"] else {
            throw ValidationError("CHARTLINE_SERVICE_SETTINGS names no folder.")
        }
        let services = service.map { [$0] } ?? Services.withSchema
        guard Set(services).isSubset(of: Services.withSchema) else { throw ValidationError("\(services[0]) has no audit trail.") }
        var reports: [TrailReport] = []
        var unread: [String] = []
        for service in services {
            do { reports += try await Self.reports(of: service, settings: "\(folder)/\(service).env") } catch { unread.append(service) }
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            encoder.dateEncodingStrategy = .iso8601
            print(String(decoding: try encoder.encode(Verdict(trails: reports, unread: unread)), as: UTF8.self))
        } else {
            for report in reports { print(Self.line(report)) }
            for service in unread { print("\(service): could not be read") }
        }
        if reports.contains(where: { $0.finding != nil }) { throw ExitCode(1) }
        if !unread.isEmpty { throw ExitCode(2) }
    }

    struct Verdict: Encodable {
        var trails: [TrailReport]
        var unread: [String]
    }

    struct CannotRead: Error {}

    private static func reports(of service: String, settings: String) async throws -> [TrailReport] {
        let process = Process()
        process.executableURL = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent().appending(path: service)
        process.arguments = ["--verify-audit"]
        process.environment = ["CHARTLINE_SETTINGS": settings, "TZ": "UTC"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CannotRead() }
        return try text.split(separator: "\n").map { try JSONDecoder().decode(TrailReport.self, from: Data($0.utf8)) }
    }

    static func line(_ report: TrailReport) -> String {
        let name = report.kept == "own" ? report.service : "\(report.service) (copy)"
        guard let finding = report.finding else {
            return "\(name): whole, \(report.entries) entries" + (report.unsealed > 0 ? ", \(report.unsealed) not sealed yet" : "")
                + (report.waiting.map { ", \($0) of them came and wait to be copied" } ?? "")
        }
        var row = finding.position.map { "entry \($0)" } ?? "an entry without a place"
        let about = [finding.entry, finding.at?.formatted(.iso8601)].compactMap(\.self).joined(separator: ", written ")
        if !about.isEmpty { row += " (\(about))" }
        // What a copy lacks need not be gone.
        if report.kept == "copy", finding.problem == .removed {
            return "\(name): \(row): is not in the copy: it is on its way, was put aside as a dead letter, or is gone"
        }
        return "\(name): \(row): \(words[finding.problem] ?? finding.problem.rawValue)"
    }

    private static let words: [TrailFinding.Problem: String] = [
        .edited: "was changed after it was written, or not written by this service",
        .removed: "is gone",
        .outOfPlace: "does not follow the entry before it",
        .sealedAnew: "was sealed here according to the file, and the database has another in its place",
        .badSignature: "the signature is not this service's",
        .unsigned: "nobody has signed the end of the chain",
        .copied: "is there a second time",
        .forged: "was not written by this service",
        .neverSealed: "was never sealed",
        .fileIsNotWhole: "is not in the file outside the database",
    ]
}
