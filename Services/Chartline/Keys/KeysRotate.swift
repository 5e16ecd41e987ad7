internal import ArgumentParser
internal import Contracts
internal import Foundation
internal import MessageBus
internal import ServiceHost

/// `chartline keys rotate PATIENT | --everybody | --nobody | --master`.
struct KeysRotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Replaces the keys that patients' text is sealed with, or the master key that wraps them.",
        discussion: """
            The clinic goes on meanwhile. A patient's old key is removed once every service has sealed anew what it had sealed; `keys status --wait`
            says when. Backups of the database from before are read with the backup of the keys from before.
            """)
    @Argument(help: "The patient's id.") var patient: String?
    @Flag(help: "The key of every patient, and of what is about no patient.") var everybody = false
    @Flag(help: "The key of what is about no patient.") var nobody = false
    @Flag(help: "Wraps every key by the first of the master keys in their file.") var master = false
    @Option(help: "Seconds that the old key may still be used by what is under way: at least as long as the longest import takes.") var settle: Int?

    func validate() throws {
        guard [patient != nil, everybody, nobody, master].count(where: { $0 }) == 1 else {
            throw ValidationError("Say one of: a patient's id, --everybody, --nobody, --master.")
        }
        guard patient.map({ ID<Patient>($0) != nil }) ?? true else { throw ValidationError("\(patient ?? "") is no patient's id.") }
    }

    func run() async throws {
        let one = nobody ? ID<Patient>(UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))) : patient.flatMap { ID($0) }
        let count = try await OperatorSession.run { bus in
            var (count, after) = (0, ID<Patient>?.none)
            repeat {
                let page = try await Self.page(master ? .master : .patients(one, settle), after, bus)
                (count, after) = (count + page.count, page.next)
            } while after != nil
            return count
        }
        print(master ? "\(count) keys are wrapped by the newest master key." : "\(count) keys are being replaced. See: chartline keys status --wait")
    }

    private enum Kind: Sendable {
        case master
        case patients(ID<Patient>?, Int?)
    }

    private static func page(_ kind: Kind, _ after: ID<Patient>?, _ bus: RabbitBus) async throws -> KeysTouched {
        switch kind {
        case .master: return try await bus.ask(RewrapKeys(after: after, key: .v7()), within: .seconds(60))
        case .patients(let one, let settle):
            switch try await bus.request(RotateKeys(patient: one, after: after, settleSeconds: settle, key: .v7()), as: nil, within: .seconds(60)) {
            case .done(let page): return page
            case .refused(.notFound): throw ValidationError("There is no key of this patient.")
            case .refused(.invalidSettling): throw ValidationError("--settle takes 10 to 86400 seconds.")
            }
        }
    }
}
