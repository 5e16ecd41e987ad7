internal import ArgumentParser
internal import AsyncHTTPClient
internal import Foundation
internal import MessageBus
internal import NIOCore
internal import NIOHTTP1

/// `chartline status`: every service's readiness, how old its oldest unpublished event is, its dead letters, and clocks that differ from its own.
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
        /// Of the clock that is farthest from the service's own; positive when it is ahead.
        var clockAheadSeconds: Double
        var clocksDiffer: Bool { clockAheadSeconds.magnitude > ClockAlarm.bound }
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
                let clock = line.clocksDiffer ? "; clocks differ by \(Int(line.clockAheadSeconds.magnitude.rounded())) s" : ""
                print("\(line.service): \(state); oldest event \(Int(line.outboxOldestSeconds)) s; dead letters \(Int(line.deadLetters))\(clock)")
            }
        }
        if lines.contains(where: { !$0.ready || $0.clocksDiffer }) { throw ExitCode(1) }
    }

    private static func line(_ name: String, _ address: String) async -> Line {
        line(name, await page("http://\(address)/readyz"), await page("http://\(address)/metrics").text)
    }

    static func line(_ name: String, _ readiness: (ok: Bool, text: String), _ metrics: String) -> Line {
        func values(_ metric: String) -> [Double] {
            metrics.split(separator: "\n").filter { $0.hasPrefix(metric) }.compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
        }
        let words = readiness.text.trimmingCharacters(in: .whitespacesAndNewlines)
        return Line(
            service: name, ready: readiness.ok, missing: readiness.ok ? nil : words.isEmpty ? "away" : words,
            outboxOldestSeconds: values("chartline_outbox_oldest_age_seconds").reduce(0, +),
            deadLetters: values("chartline_dead_letters_total").reduce(0, +),
            clockAheadSeconds: values("chartline_clock_ahead_seconds").max { $0.magnitude < $1.magnitude } ?? 0)
    }

    private static func page(_ url: String) async -> (ok: Bool, text: String) {
        guard let response = try? await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(2)),
            let body = try? await response.body.collect(upTo: 1 << 20)
        else { return (false, "") }
        return (response.status.code == 200, String(buffer: body))
    }
}
