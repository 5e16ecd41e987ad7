internal import ArgumentParser
internal import Contracts
internal import Foundation
internal import MessageBus
internal import ServiceHost

/// `chartline statements …`: what accounts owed when a month was over.
struct Statements: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Makes the statements of a month.", subcommands: [Run.self])

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes the statements of a month that is over, and waits until they are made.",
            discussion: """
                They are made by themselves once a month is over; asked again, it is the same run. Whoever owes nothing gets none. Where this \
                command is stopped, or the service, the run goes on where it was.
                """)
        @Option(help: "The month, as 2026-10; the last one that is over where it is not named.") var month: String?
        @Flag(help: "Prints one JSON object.") var json = false

        func run() async throws {
            let month = month
            let run = try await OperatorSession.run { bus in
                while true {
                    switch try await bus.request(RunStatements(month: month, key: .v7()), as: nil, within: .seconds(30)) {
                    case .done(let run) where run.ended != nil: return run
                    case .done: try await Task.sleep(for: .milliseconds(500))
                    case .refused(.invalidMonth): throw ValidationError("A month is written as 2026-10.")
                    case .refused(.notOver): throw ValidationError("That month is not over on the clinic's clocks, or not for an hour.")
                    case .refused(.zoneUnknown): throw ValidationError("It is not known by whose clocks months go: set the clinic up first.")
                    }
                }
            }
            guard json else { return print("\(run.month): \(run.made) statements") }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            encoder.dateEncodingStrategy = .iso8601
            print(String(decoding: try encoder.encode(run), as: UTF8.self))
        }
    }
}
