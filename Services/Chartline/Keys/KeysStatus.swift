internal import ArgumentParser
internal import Contracts
internal import Foundation
internal import MessageBus
internal import ServiceHost

/// `chartline keys status`: how far keys that are being replaced are.
struct KeysStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Says how many keys there are, and how far those are that are being replaced.")
    @Flag(help: "One JSON object.") var json = false
    @Flag(help: "Says it again, every two seconds, until nothing is being replaced any more.") var wait = false

    func run() async throws {
        try await OperatorSession.run { bus in
            while true {
                let keys = try await bus.ask(ReadKeys(), within: .seconds(10))
                print(json ? try Self.json(keys) : Self.line(keys))
                guard wait, keys.rotating > 0 else { return }
                try await Task.sleep(for: .seconds(2))
            }
        }
    }

    private static func json(_ keys: KeysView) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        encoder.dateEncodingStrategy = .iso8601
        return String(decoding: try encoder.encode(keys), as: UTF8.self)
    }

    static func line(_ keys: KeysView) -> String {
        var line = "\(keys.keys) keys; \(keys.held) on hold; \(keys.destroyed) destroyed; "
        guard keys.rotating > 0 else { return line + "none is being replaced" }
        line += "\(keys.rotating) being replaced"
        let waiting = keys.waiting.map { "\($0.service) \($0.keys)" }.joined(separator: ", ")
        if !waiting.isEmpty { line += ", to do: \(waiting)" }
        if let settled = keys.settled, settled > Date() { line += "; old ones may be in use until \(settled.formatted(.iso8601))" }
        return line
    }
}
