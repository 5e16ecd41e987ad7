internal import ArgumentParser
internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1

/// `chartline status`: every service's readiness, how old its oldest unpublished event is, and its dead letters.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says how every service is.",
        discussion: "The setting CHARTLINE_SERVICES names them: records=127.0.0.1:8091,scheduling=127.0.0.1:8092 …")
    @Flag(help: "One JSON object.") var json = false

    struct Line: Codable {
        var service: String
        var ready: Bool
        var missing: String?
        var outboxOldestSeconds: Double
        var deadLetters: Double
    }

    func run() async throws {
        let services = (ProcessInfo.processInfo.environment["CHARTLINE_SERVICES"] ?? "").split(separator: ",").compactMap {
            entry -> (String, String)? in
            let parts = entry.split(separator: "=")
            return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        }
        guard !services.isEmpty else { throw ValidationError("CHARTLINE_SERVICES names no service.") }
        var lines: [Line] = []
        for (name, address) in services { lines.append(await Self.line(name, address)) }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            print(String(decoding: try encoder.encode(["services": lines]), as: UTF8.self))
        } else {
            for line in lines {
                let state = line.ready ? "ready" : line.missing ?? "away"
                print("\(line.service): \(state); oldest event \(Int(line.outboxOldestSeconds)) s; dead letters \(Int(line.deadLetters))")
            }
        }
        if lines.contains(where: { !$0.ready }) { throw ExitCode(1) }
    }

    private static func line(_ name: String, _ address: String) async -> Line {
        let (ready, words) = await page("http://\(address)/readyz")
        let (_, metrics) = await page("http://\(address)/metrics")
        func sum(_ metric: String) -> Double {
            metrics.split(separator: "\n").filter { $0.hasPrefix(metric) }.compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(
                0, +)
        }
        return Line(
            service: name, ready: ready, missing: ready ? nil : words.isEmpty ? "away" : words.trimmingCharacters(in: .whitespacesAndNewlines),
            outboxOldestSeconds: sum("chartline_outbox_oldest_age_seconds"), deadLetters: sum("chartline_dead_letters_total"))
    }

    private static func page(_ url: String) async -> (ok: Bool, text: String) {
        guard let response = try? await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(2)),
            let body = try? await response.body.collect(upTo: 1 << 20)
        else { return (false, "") }
        return (response.status.code == 200, String(buffer: body))
    }
}
