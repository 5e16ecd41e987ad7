internal import AsyncHTTPClient
internal import Contracts
internal import Foundation
internal import NIOCore
internal import NIOHTTP1

/// Where and how text messages leave: `CHARTLINE_SMS_*`.
struct TextSettings: Sendable {
    /// `https://api.twilio.com`, without a path.
    var url: String
    var account: String
    var token: String
    /// E.164.
    var from: String
    /// Where the provider reaches the portal; nil where it is not to tell what became of messages.
    var callbacks: String?
    /// Whether answers to texts reach us.
    var takesReplies = false
    var timeout = Duration.seconds(15)
}

/// Sends text messages through Twilio's API. All that is Twilio's is in this file.
///
/// The intent's id goes along as the idempotency token and can be looked up: the provider knows whether it has a message that we are not sure of.
struct Texter: Sendable {
    private struct Message: Decodable {
        var sid: String
    }

    private struct Messages: Decodable {
        var messages: [Message]
    }

    private struct Problem: Decodable {
        var code: Int
    }

    private static let saidStop = 21_610

    enum Lookup: Sendable, Equatable {
        case found(String)
        case notFound
        /// This provider has nothing to look in.
        case notOffered
        case noAnswer
    }

    private static let largestAnswer = 1 << 20

    private let settings: TextSettings
    private let client: HTTPClient

    init(_ settings: TextSettings, client: HTTPClient = .shared) { (self.settings, self.client) = (settings, client) }

    var takesReplies: Bool { settings.takesReplies }

    private var messages: String { "\(settings.url)/2010-04-01/Accounts/\(settings.account)/Messages.json" }

    /// The provider is to tell what became of it, where this installation can be told.
    func send(_ body: String, to number: String, intent: ID<Contracts.Intent>) async -> Delivery {
        guard Self.isNumber(number) else { return .refused(.addressNotUsable) }
        var request = HTTPClientRequest(url: messages)
        request.method = .POST
        request.setBasicAuth(username: settings.account, password: settings.token)
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        request.headers.add(name: "I-Twilio-Idempotency-Token", value: intent.description)
        var form = [("To", number), ("From", settings.from), ("Body", body)]
        if let callbacks = settings.callbacks {
            form.append(("StatusCallback", "\(callbacks)/hooks/receipts?intent=\(intent)&at=\(Int(Date().timeIntervalSince1970))"))
        }
        request.body = .bytes(ByteBuffer(string: form.map { "\($0)=\(Self.escaped($1))" }.joined(separator: "&")))
        let answer: (status: Int, body: [UInt8])
        do { answer = try await execute(request) } catch {
            // A connection that was never made carried nothing; of any other the provider may have read all.
            return (error as? HTTPClientError) == .connectTimeout ? .later(.notReached) : .unknown
        }
        switch answer.status {
        case 200..<300:
            return .accepted(provider: (try? JSONDecoder().decode(Message.self, from: Data(answer.body)))?.sid)
        case 401, 403: return .later(.signInRefused)
        case 408, 425, 429, 502, 503: return .later(.providerBusy)
        case 400..<500:
            // The provider keeps a list of its own of who has said STOP.
            let problem = try? JSONDecoder().decode(Problem.self, from: Data(answer.body))
            return .refused(problem?.code == Self.saidStop ? .stopped : .refused)
        default: return .unknown  // the provider broke down over it, at which point it does not say
        }
    }

    /// Whether the provider has a message of this intent.
    func find(_ intent: ID<Contracts.Intent>) async -> Lookup {
        var request = HTTPClientRequest(url: "\(messages)?Reference=\(intent)")
        request.setBasicAuth(username: settings.account, password: settings.token)
        guard let answer = try? await execute(request) else { return .noAnswer }
        if answer.status == 404 { return .notOffered }
        guard answer.status == 200, let found = try? JSONDecoder().decode(Messages.self, from: Data(answer.body)) else { return .noAnswer }
        return found.messages.first.map { .found($0.sid) } ?? .notFound
    }

    private func execute(_ request: HTTPClientRequest) async throws -> (status: Int, body: [UInt8]) {
        let response = try await client.execute(request, timeout: .seconds(Int64(settings.timeout.components.seconds)))
        let body = try await response.body.collect(upTo: Self.largestAnswer)
        return (Int(response.status.code), Array(body.readableBytesView))
    }

    /// `+` and up to 15 digits.
    static func isNumber(_ text: String) -> Bool {
        let digits = text.utf8.dropFirst()
        return text.utf8.first == 43 && (7...15).contains(digits.count) && digits.allSatisfy { (48...57).contains($0) }
    }

    /// Everything but letters and digits, so that a `+` stays a plus and a `&` stays in the value.
    static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: letters) ?? ""
    }

    private static let letters = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
}
