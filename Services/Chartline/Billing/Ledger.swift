internal import ArgumentParser
internal import Contracts
internal import Foundation
internal import MessageBus
internal import ServiceHost

/// `chartline ledger …`: the books.
struct Ledger: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Looks at the books.", subcommands: [Prove.self])

    struct Prove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds all the books up: debits are credits, bills are their lines, payments and refunds are in them. Exits 1 where not.")
        @Flag(help: "Prints one JSON object.") var json = false

        func run() async throws {
            let proof = try await OperatorSession.run { try await $0.ask(ProveLedger(), within: .seconds(120)) }
            if json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
                encoder.dateEncodingStrategy = .iso8601
                print(String(decoding: try encoder.encode(proof), as: UTF8.self))
            } else {
                print(Self.words(proof))
            }
            guard proof.holds else { throw ExitCode.failure }
        }

        static func words(_ proof: LedgerProof) -> String {
            let accounts = proof.balances.map { balance in
                let name = balance.account.padding(toLength: 12, withPad: " ", startingAt: 0)
                return "  \(name) \(balance.balance.amount) \(balance.balance.currency)"
            }
            let problems = proof.problems.map { "  \($0.code): \($0.count)" }
            let verdict = proof.holds ? "The books balance." : "The books do not hold:"
            return (["\(proof.entries) entries, \(proof.postings) postings; in the smallest unit of the currency:"] + accounts + [verdict] + problems)
                .joined(separator: "\n")
        }
    }
}
