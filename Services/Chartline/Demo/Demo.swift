internal import ArgumentParser
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Sealing
internal import ServiceHost

/// `chartline demo seed` fills a demo installation with an invented clinic, through the same doors as real files and real people;
/// `chartline demo code` stands for the phones of its staff.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Fills a demo installation.", subcommands: [Seed.self, Code.self])

    struct Seed: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Imports the demo clinic, opens its hours and makes its accounts. Done twice it changes nothing.")
        @Option(help: "The installation's folder; demo.json is written there.") var home: String
        @Option(help: "Another seed makes another clinic.") var seed: UInt64 = 7

        func run() async throws {
            let file = URL(filePath: home).appending(path: "demo.json")
            let before = try? JSONDecoder().decode(DemoFile.self, from: Data(contentsOf: file))
            let clinic = DemoClinic(seed: seed, today: before?.day ?? Date())
            let accounts = try await OperatorSession.run { bus in try await DemoSeed(bus: bus, clinic: clinic, known: before?.accounts ?? []).run() }
            let environment = ProcessInfo.processInfo.environment
            let demo = DemoFile(
                portal: environment["CHARTLINE_PORTAL_URL"] ?? "http://localhost:8080",
                clinic: environment["CHARTLINE_CLINIC_URL"] ?? "http://localhost:8081",
                fhir: environment["CHARTLINE_FHIR_URL"] ?? "http://localhost:8082", mail: "\(home)/demo/mail", sms: "\(home)/demo/sms.jsonl",
                accounts: accounts, clients: [], day: before?.day ?? Date())
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try encoder.encode(demo).write(to: file, options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
            print("\(clinic.patients.count) patients, \(clinic.clinicians.count) clinicians, \(accounts.count) accounts")
        }
    }
}

extension Demo {
    struct Code: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints the six digits the demo's staff sign in with now.")
        @Option(help: "The installation's folder, with its demo.json.") var home: String
        @Argument(help: "The start of a name, as in byrne; without it, everybody's.") var name = ""

        func run() throws {
            let file = URL(filePath: home).appending(path: "demo.json")
            guard let demo = try? JSONDecoder().decode(DemoFile.self, from: Data(contentsOf: file)) else {
                throw ValidationError("There is no demo in \(home).")
            }
            let now = Date()
            let left = Int(TimeCodes.period - now.timeIntervalSince1970.truncatingRemainder(dividingBy: TimeCodes.period))
            let lines = demo.accounts.filter { $0.username.hasPrefix(name) }.compactMap { account in
                account.totp_secret.flatMap { TimeCodes(base32: $0) }.map { "\($0.code(at: TimeCodes.step(at: now)))  \(account.username)" }
            }
            guard !lines.isEmpty else { throw ValidationError("Nobody in this demo whose name begins with \(name) signs in with a code.") }
            print("\(lines.joined(separator: "\n"))\nfor \(left) s, each once")
        }
    }
}

/// What a script needs to know of a demo installation.
struct DemoFile: Codable {
    struct Account: Codable {
        var role: String
        var username: String
        var password: String
        var totp_secret: String?
        var patient_id: String?
    }
    struct Client: Codable {
        var client_id: String
        var client_secret: String
        var scope: String
    }

    var portal: String
    var clinic: String
    var fhir: String
    var mail: String
    var sms: String
    var accounts: [Account]
    var clients: [Client]
    /// The day the histories end, kept so that seeding again makes the same bytes.
    var day: Date
}
