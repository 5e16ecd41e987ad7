internal import ArgumentParser
internal import Contracts
internal import Foundation
internal import MessageBus
internal import ServiceHost

/// `chartline demo seed`: fills a demo installation with an invented clinic, through the same doors as real files and real people.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Fills a demo installation.", subcommands: [Seed.self])

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
