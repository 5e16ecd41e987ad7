internal import ArgumentParser
internal import Foundation

/// `chartline settings SERVICE`: asks the service's own executable, beside this one.
struct SettingsList: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "settings", abstract: "Lists the settings a service knows, with their defaults.")
    @Argument(help: "records, scheduling, notifications, identity, portal or clinic.") var service: String

    func run() throws {
        let folder = URL(filePath: CommandLine.arguments.first ?? "").resolvingSymlinksInPath().deletingLastPathComponent()
        guard ["records", "scheduling", "notifications", "identity", "portal", "clinic"].contains(service) else {
            throw ValidationError("\(service) is not a service.")
        }
        let process = Process()
        process.executableURL = folder.appending(path: service)
        process.arguments = ["--settings"]
        try process.run()
        process.waitUntilExit()
    }
}
