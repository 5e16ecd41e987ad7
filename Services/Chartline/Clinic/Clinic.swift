internal import ArgumentParser
internal import Contracts
internal import Foundation
internal import MessageBus
internal import ServiceHost

/// `chartline clinic create`: names the clinic, makes its practice patients and prints a one-time link for its first administrator.
struct Clinic: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Sets up the clinic.", subcommands: [Create.self, Practice.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes the clinic and its first administrator's one-time link.")
        @Option(help: "The clinic's name, as patients know it.") var name: String?
        @Option(help: "Its IANA time zone, for example America/Chicago.") var zone: String?

        func run() async throws {
            let name = try name ?? Self.asked("Name of the clinic: ")
            let zone = try zone ?? Self.asked("Time zone (for example America/Chicago): ")
            let command = CreateClinic(name: name, zone: zone, invitation: .init(), key: .v7())
            switch try await OperatorSession.run({ try await $0.request(command, as: nil, within: .seconds(10)) }) {
            case .done(let invited):
                let base = ProcessInfo.processInfo.environment["CHARTLINE_CLINIC_URL"] ?? "http://localhost:8081"
                print(
                    "\(name) is set up.\nThe first administrator opens this link, until \(invited.expires.formatted(.iso8601)), and types the code:")
                // The code is not in the link: addresses end up in logs.
                print("  \(base)/activate\n  \(invited.code)")
                // The clinic is set up, whether they are there or not.
                do { try await OperatorSession.run { try await PracticePatients.make(on: $0) } } catch {
                    print("There are no practice patients yet: \(error). `chartline clinic practice` makes them.")
                }
            case .refused(.unknownZone): throw ValidationError("\(zone) is not an IANA time zone PostgreSQL knows.")
            case .refused(.alreadyCreated): throw ValidationError("The clinic is set up already.")
            }
        }

        private static func asked(_ question: String) throws -> String {
            print(question, terminator: "")
            guard let answer = readLine()?.trimmingCharacters(in: .whitespaces), !answer.isEmpty else {
                throw ValidationError("An answer is needed.")
            }
            return answer
        }
    }

    struct Practice: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes the practice patients that are not there: no people, for those who are new to try things on.")

        func run() async throws {
            try await OperatorSession.run { try await PracticePatients.make(on: $0) }
            print("\(PracticePatients.bundles.count) practice patients are there; all are called Practice.")
        }
    }
}
