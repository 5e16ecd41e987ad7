internal import Access
internal import ArgumentParser
internal import Sealing

/// `chartline keys …`: key files, and the keys that patients' text is sealed with.
struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Works with keys.",
        subcommands: [
            KeysRotate.self, KeysStatus.self, KeysHold.self, KeysRelease.self, KeysDestroy.self, KeysOrders.self, KeysBackup.self, KeysRestore.self,
            Public.self,
        ])

    struct Public: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints the public half of a signing key, 64 hexadecimal digits.")
        @Option(name: .customLong("in"), help: "File with the private key, 64 hexadecimal digits.") var file: String

        func run() throws {
            guard let seed = [UInt8](hex: try SecretFile.text(file)) else { throw ValidationError("\(file) does not hold hexadecimal digits.") }
            print(try ActorSigner.publicKey(seed: seed).hex)
        }
    }
}
