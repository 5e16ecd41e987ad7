internal import ArgumentParser
internal import Foundation

/// `chartline settings SERVICE`: asks the service's own executable, beside this one.
struct SettingsList: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "settings", abstract: "Lists the settings a service knows, with their defaults.")
    @Argument(help: ArgumentHelp(stringLiteral: Services.all.joined(separator: ", "))) var service: String

    func run() throws {
        guard Services.all.contains(service) else {
            throw ValidationError("\(service) is not a service.")
        }
        let process = Process()
        // Found by the PATH, the first argument names no folder.
        process.executableURL = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent().appending(path: service)
        process.arguments = ["--settings"]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw ExitCode(process.terminationStatus) }
    }
}
