internal import Contracts

/// The executables of an installation.
enum Services {
    static let withSchema = EveryService.names
    static let all = withSchema + ["portal", "clinic", "chartline"]
}
