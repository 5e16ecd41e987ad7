internal import ArgumentParser
internal import Contracts
internal import Foundation
internal import MessageBus
internal import ServiceHost

/// `chartline records …`: what the record store holds.
struct Records: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Says what the record store holds.", subcommands: [Count.self, Read.self])

    struct Count: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Counts current resources by type.")
        @Flag(help: "One JSON object.") var json = false

        func run() async throws {
            let counts = try await OperatorSession.run { try await $0.ask(CountResources(), within: .seconds(30)) }.counts
            if json {
                print(String(decoding: try JSONSerialization.data(withJSONObject: counts, options: [.sortedKeys]), as: UTF8.self))
            } else {
                for (type, count) in counts.sorted(by: { $0.key < $1.key }) { print("\(count)\t\(type)") }
                print("\(counts.values.reduce(0, +))\tall")
            }
        }
    }

    struct Read: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints resources as they are kept.")
        @Argument(help: "Type/id, or the fullUrl a bundle gave it. \"-\" reads one a line from standard input and prints one a line.")
        var what: String

        func run() async throws {
            let asked: [String] = what == "-" ? Array(AnyIterator { readLine() }) : [what]
            try await OperatorSession.run { bus in
                for name in asked {
                    switch try await bus.request(Self.query(name), as: nil, within: .seconds(10)) {
                    case .done(let resource): print(resource.json)
                    case .refused: print("{}")
                    }
                }
            }
        }

        private static func query(_ name: String) -> ReadResource {
            let parts = name.split(separator: "/")
            if parts.count == 2, let id = ID<Resource>(String(parts[1])) { return ReadResource(type: String(parts[0]), id: id) }
            return ReadResource(fullURL: name)
        }
    }
}
