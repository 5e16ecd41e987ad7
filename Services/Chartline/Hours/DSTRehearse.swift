internal import ArgumentParser
internal import Contracts
internal import Foundation
internal import MessageBus
internal import ServiceHost

/// `chartline dst-rehearse`: what the next changes of clocks will do, before they do it.
struct DSTRehearse: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dst-rehearse", abstract: "Goes through the changes of clocks of the next 18 months: hours that are skipped, visits that move.",
        discussion: "Run it when time zone data was replaced, too. Ends with 1 when visits would move, or times overlap.")
    @Option(help: "Days ahead.") var days = 548
    @Flag(help: "Prints JSON.") var json = false

    func validate() throws {
        guard (1...1_000).contains(days) else { throw ValidationError("--days is from 1 to 1000.") }
    }

    func run() async throws {
        let query = RehearseClockChanges(days: days)
        let found = try await OperatorSession.run { try await $0.ask(query, as: nil, within: .seconds(60)) }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            encoder.dateEncodingStrategy = .iso8601
            print(String(decoding: try encoder.encode(found), as: UTF8.self))
        } else {
            print(Self.report(found))
        }
        guard found.movedCount == 0, found.overlaps == 0 else { throw ExitCode(1) }
    }

    static func report(_ found: ClockRehearsal) -> String {
        var lines = found.changes.map { change in
            let way = change.seconds > 0 ? "ahead" : "back"
            let skipped = change.skipped.isEmpty ? "no time of the hours is skipped" : "not offered: \(change.skipped.joined(separator: " "))"
            return "\(change.day)  \(change.zone)  \(abs(change.seconds) / 60) minutes \(way); \(skipped)"
        }
        lines += found.moved.map { "moved: \($0.appointment)  agreed \($0.start.local) \($0.start.zone), clocks will show \($0.shown)" }
        let counts = ["\(found.zones.count) zones", "\(found.changes.count) changes of clocks", "\(found.movedCount) visits that move"]
        lines.append("\(counts.joined(separator: ", ")), \(found.overlaps) times that overlap")
        return lines.joined(separator: "\n")
    }
}
