internal import ArgumentParser
internal import ServiceHost

/// The operator's command line: every command is a request on the bus, in the operator's name, and in the audit trail.
@main struct ChartlineService: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chartline", abstract: "Runs a Chartline installation.",
        subcommands: [
            Import.self, Records.self, Safety.self, Fees.self, Ledger.self, Statements.self, Clinic.self,
            DSTRehearse.self, Status.self, Audit.self, SettingsList.self, Keys.self, Demo.self,
        ])

    @Flag(help: "Lists the settings of this command, as every executable does.") var settings = false

    func run() async throws {
        guard settings else { throw CleanExit.helpRequest(self) }
        print(OperatorSession.listing)
    }
}
