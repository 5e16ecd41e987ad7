import Access
import AsyncHTTPClient
import Contracts
import Crypto
import Foundation
import Logging
import MessageBus
import NIOCore
import NIOHTTP1
import Postgres
import Synchronization
import TestSupport

@testable import Billing

/// The demo's card processor, a process of its own, told to fail as a test needs it.
final class Sandbox: Sendable {
    struct Charge: Decodable, Equatable {
        var id: String
        var amount: Int
        var status: String
        var amount_refunded: Int
        var metadata: [String: String]
    }

    private static let key = "sk_test_chartline"
    /// Where a redirect leads nobody goes.
    private static let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: .init(redirectConfiguration: .disallow))
    let url: String
    private let folder: URL
    private let process: Mutex<Process>

    private init(url: String, folder: URL, process: sending Process) {
        (self.url, self.folder) = (url, folder)
        self.process = Mutex(process)
    }

    static func run<R>(_ body: (Sandbox) async throws -> R) async throws -> R {
        let folder = FileManager.default.temporaryDirectory.appending(path: "cards-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(key.utf8).write(to: folder.appending(path: "key"))
        try Data(Office.hookSecret.utf8).write(to: folder.appending(path: "secret"))
        let (process, pipe) = (Process(), Pipe())
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = [
            Repository.root.appending(path: "deploy/demo/card").path, "--port", "0", "--store", folder.appending(path: "store.json").path,
            "--key-file", folder.appending(path: "key").path, "--hook-secret-file", folder.appending(path: "secret").path,
            // What it tells is told by the tests themselves, when they want it.
            "--hooks", "http://127.0.0.1:9/nowhere", "--control", folder.appending(path: "control.json").path,
        ]
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        var said = ""
        while !said.contains("\n") {
            let more = pipe.fileHandleForReading.availableData
            guard !more.isEmpty else { throw TryLater("the processor does not start") }
            said += String(decoding: more, as: UTF8.self)
        }
        let port = said.prefix { $0 != "\n" }.split(separator: " ").last ?? ""
        let sandbox = Sandbox(url: "http://127.0.0.1:\(port)", folder: folder, process: process)
        // Foundation starts it with every signal blocked: a polite one never reaches it.
        defer { sandbox.process.withLock { _ = kill($0.processIdentifier, SIGKILL) } }
        return try await body(sandbox)
    }

    var settings: CardSettings { CardSettings(url: url, key: Self.key, hookSecret: Office.hookSecret, portal: "http://localhost:8080") }

    func teller(_ office: Office) -> CardTeller {
        var settings = settings
        settings.timeout = .seconds(5)
        return CardTeller(database: office.database, processor: CardProcessor(settings), logger: .init(label: "test"))
    }

    /// - Parameter knobs: of the control file.
    func fail(_ knobs: String?) throws {
        let file = folder.appending(path: "control.json")
        guard let knobs else { return try FileManager.default.removeItem(at: file) }
        try Data(knobs.utf8).write(to: file)
    }

    /// As a person does at the processor's page. - Returns: the status; nil where it hung up.
    @discardableResult
    func type(_ card: String, at page: String, _ answer: String? = nil) async throws -> Int? {
        let path = URL(string: page)?.path() ?? ""
        return try? await post("\(path)\(answer == nil ? "" : "/confirm")", "number=\(card)&answer=\(answer ?? "yes")")
    }

    func dispute(_ form: String) async throws { _ = try await post("/sandbox/disputes", form) }

    /// What becomes of a payment that is processing.
    func end(_ intent: String, as status: String) async throws {
        _ = try await post("/sandbox/delayed", "payment_intent=\(intent)&status=\(status)")
    }

    private func post(_ path: some StringProtocol, _ body: String) async throws -> Int {
        var request = HTTPClientRequest(url: "\(url)\(path)")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        request.body = .bytes(ByteBuffer(string: body))
        let response = try await Self.client.execute(request, timeout: .seconds(10))
        _ = try await response.body.collect(upTo: 1 << 20)
        return Int(response.status.code)
    }

    /// What was taken.
    func charges() async throws -> [Charge] {
        let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: "\(url)/sandbox/charges"), timeout: .seconds(10))
        let body = try await response.body.collect(upTo: 1 << 20)
        return try JSONDecoder().decode([Charge].self, from: Data(body.readableBytesView))
    }
}

extension Office {
    /// What the processor would tell, signed with its secret.
    func told(
        _ type: String, of payment: ID<Payment>, id: String = UUID().uuidString, at time: Date = Date(), secret: String = hookSecret
    ) -> ReceiveCardEvent {
        let payload =
            #"{"id":"evt_\#(id)","object":"event","type":"\#(type)","data":{"object":{"id":"pi_x","metadata":{"payment":"\#(payment)"}}}}"#
        let seconds = Int(time.timeIntervalSince1970)
        let code = HMAC<SHA256>.authenticationCode(for: Data("\(seconds).\(payload)".utf8), using: SymmetricKey(data: Data(secret.utf8)))
        let hex = code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return ReceiveCardEvent(payload: payload, signature: "t=\(seconds),v1=\(hex)", key: .v7())
    }

    func payment(_ payment: ID<Payment>, of patient: ID<Patient>) async throws -> PaymentView {
        guard case .done(let view) = try await bus.request(ReadPayment(patient: patient, payment: payment), as: clerk) else {
            throw TryLater("no such payment")
        }
        return view
    }

    /// As if the time until the next look had passed.
    func passTime() async throws {
        try await database.transaction { tx in
            try await tx.run("UPDATE payment SET next_at = now() WHERE next_at IS NOT NULL")
            try await tx.run("UPDATE refund SET next_at = now() WHERE next_at IS NOT NULL")
        }
    }
}
