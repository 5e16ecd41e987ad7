internal import ArgumentParser
internal import Contracts
internal import Foundation
internal import MessageBus
internal import ServiceHost

/// What `hold`, `release` and `destroy` have in common: they are ordered, and a moment later they are done.
private func carriedOut(
    _ order: ID<RecordOrder>, of patient: ID<Patient>, _ bus: RabbitBus, _ refusal: RecordOrderRefusal?
) async throws -> RecordOrders.Line {
    switch refusal {
    case nil: break
    case .notFound: throw ValidationError("There is no patient \(patient).")
    case .reasonMissing: throw ValidationError("--reason takes 3 to 500 characters.")
    case .notConfirmed: throw ValidationError("That is not the patient's name as the record has it. Nothing was destroyed.")
    case .held: throw ValidationError("The record is on hold: it must not be destroyed. See: chartline keys orders \(patient)")
    case .notHeld: throw ValidationError("The record is not on hold.")
    case .destroyed: throw ValidationError("The record has been destroyed.")
    }
    for _ in 0..<150 {
        let orders = try await bus.ask(ReadRecordOrders(patient: patient), within: .seconds(10)).orders
        if let line = orders.first(where: { $0.order == order }), line.carriedOut != nil { return line }
        try await Task.sleep(for: .milliseconds(200))
    }
    throw ValidationError("It is ordered, but not done yet. See: chartline keys orders \(patient)")
}

private func patientID(_ text: String) throws -> ID<Patient> {
    guard let id = ID<Patient>(text) else { throw ValidationError("\(text) is no patient's id.") }
    return id
}

extension Answer where R.Refusal == RecordOrderRefusal {
    fileprivate var refusal: RecordOrderRefusal? { if case .refused(let refusal) = self { refusal } else { nil } }
}

/// `chartline keys hold PATIENT --reason …`
struct KeysHold: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "hold", abstract: "Forbids that a patient's record is destroyed.")
    @Argument(help: "The patient's id.") var patient: String
    @Option(help: "Why: such as the matter and who asked for it.") var reason: String

    func run() async throws {
        let (patient, order) = (try patientID(patient), ID<RecordOrder>())
        _ = try await OperatorSession.run { bus in
            let answer = try await bus.request(HoldRecord(order: order, patient: patient, reason: reason), as: nil, within: .seconds(10))
            return try await carriedOut(order, of: patient, bus, answer.refusal)
        }
        print("The record of \(patient) is on hold.")
    }
}

/// `chartline keys release PATIENT --reason …`
struct KeysRelease: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "release", abstract: "Ends a hold.")
    @Argument(help: "The patient's id.") var patient: String
    @Option(help: "Why.") var reason: String

    func run() async throws {
        let (patient, order) = (try patientID(patient), ID<RecordOrder>())
        _ = try await OperatorSession.run { bus in
            let answer = try await bus.request(ReleaseRecord(order: order, patient: patient, reason: reason), as: nil, within: .seconds(10))
            return try await carriedOut(order, of: patient, bus, answer.refusal)
        }
        print("The record of \(patient) is not on hold any more.")
    }
}

/// `chartline keys destroy PATIENT --reason …`
struct KeysDestroy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "destroy", abstract: "Destroys the key of a patient's record: its text can be read by nobody any more.",
        discussion: """
            It cannot be undone, and backups of the database become unreadable for this patient too. The patient's full name is asked for, as the
            record has it. A record on hold is not destroyed.
            """)
    @Argument(help: "The patient's id.") var patient: String
    @Option(help: "Why.") var reason: String

    func run() async throws {
        let (patient, order) = (try patientID(patient), ID<RecordOrder>())
        FileHandle.standardError.write(
            Data("The record of \(patient) will be unreadable for ever, in backups too.\nType the patient's full name to destroy it: ".utf8))
        guard let name = readLine(), !name.isEmpty else { throw ValidationError("Nothing was destroyed.") }
        let line = try await OperatorSession.run { bus in
            let command = DestroyRecord(order: order, patient: patient, reason: reason, confirmation: name)
            let answer = try await bus.request(command, as: nil, within: .seconds(10))
            return try await carriedOut(order, of: patient, bus, answer.refusal)
        }
        guard line.outcome == "done" else { throw ValidationError("Nothing was destroyed: \(line.outcome ?? "")") }
        print("The record of \(patient) was destroyed. Delete the backups of the keys from before: they still have its key.")
    }
}

/// `chartline keys orders [PATIENT]`
struct KeysOrders: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "orders", abstract: "Lists holds, releases and destructions, newest first.")
    @Argument(help: "The patient's id; without it everybody's.") var patient: String?
    @Flag(help: "One JSON object.") var json = false

    func run() async throws {
        let patient = try patient.map(patientID)
        let orders = try await OperatorSession.run { bus in try await bus.ask(ReadRecordOrders(patient: patient), within: .seconds(10)) }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            encoder.dateEncodingStrategy = .iso8601
            print(String(decoding: try encoder.encode(orders), as: UTF8.self))
        } else {
            for line in orders.orders {
                print("\(line.at.formatted(.iso8601))\t\(line.patient)\t\(line.kind)\t\(line.outcome ?? "to be done")\t\(line.reason)")
            }
        }
    }
}
