internal import AsyncHTTPClient
internal import Contracts
internal import Foundation
internal import NIOCore
internal import NIOHTTP1

/// Asks the processor through Stripe's API: Checkout Sessions with their PaymentIntents, refunds, disputes. All that is Stripe's is in this file and
/// in `CardEvent`. Whatever may have been begun is asked for again under the same key, which makes it the same thing.
struct CardProcessor: Sendable {
    /// What was asked for was not to be had.
    enum Trouble: Error, Sendable, Equatable {
        /// A definite no; nothing was done.
        case refused(code: String)
        /// Nobody knows whether it was done.
        case unknown
    }

    struct Session: Decodable, Sendable, Equatable {
        var id: String
        /// Where the card is asked for, while it is open.
        var url: String?
        /// open, complete, expired
        var status: String
        /// paid, unpaid, no_payment_required
        var paymentStatus: String
        var amountTotal: Int
        var currency: String
        var paymentIntent: Intent?
    }

    struct Intent: Decodable, Sendable, Equatable {
        var id: String
        /// requires_payment_method, requires_action, processing, succeeded, canceled
        var status: String
        var lastPaymentError: Problem?

        /// Unless somebody tries again, which takes a page that is open.
        var cameToNothing: Bool { ["requires_payment_method", "canceled"].contains(status) }
    }

    struct Problem: Decodable, Sendable, Equatable {
        var code: String?
        var declineCode: String?

        /// In our own words' codes.
        var failure: String {
            switch declineCode ?? code ?? "" {
            case "insufficient_funds": "insufficient-funds"
            case "expired_card": "expired-card"
            case "authentication_required", "payment_intent_authentication_failure": "authentication"
            default: "card-declined"
            }
        }
    }

    struct Refund: Decodable, Sendable, Equatable {
        var id: String
        /// pending, requires_action, succeeded, failed, canceled
        var status: String
    }

    struct Dispute: Decodable, Sendable, Equatable {
        var id: String
        var amount: Int
        var status: String

        /// open, won, lost
        var state: String {
            switch status {
            case "won", "warning_closed", "prevented": "won"
            case "lost": "lost"
            default: "open"
            }
        }
    }

    private struct List<Item: Decodable>: Decodable { var data: [Item] }
    private struct Refusal: Decodable { var error: Problem }

    private static let largestAnswer = 1 << 20
    private let settings: CardSettings
    private let client: HTTPClient

    init(_ settings: CardSettings, client: HTTPClient = .shared) { (self.settings, self.client) = (settings, client) }

    /// Opens the page where the card is asked for. - Parameter payment: its id is the key.
    func open(_ payment: ID<Payment>, amount: Money) async throws(Trouble) -> Session {
        let back = "\(settings.portal)/bills/payments/\(payment)"
        return try await ask(
            .POST, "/v1/checkout/sessions", key: payment.description,
            [
                ("mode", "payment"), ("client_reference_id", payment.description), ("success_url", "\(back)?done=1"), ("cancel_url", back),
                ("payment_intent_data[metadata][payment]", payment.description), ("line_items[0][quantity]", "1"),
                ("line_items[0][price_data][currency]", amount.currency.lowercased()),
                ("line_items[0][price_data][unit_amount]", String(amount.amount)),
                // The processor learns that something was paid, and not for what.
                ("line_items[0][price_data][product_data][name]", "Bill"), ("expand[0]", "payment_intent"),
            ])
    }

    func look(_ session: String) async throws(Trouble) -> Session {
        try await ask(.GET, "/v1/checkout/sessions/\(Self.escaped(session))?expand[]=payment_intent")
    }

    /// Closes the page. A refusal means that it is not open any more.
    func expire(_ session: String) async throws(Trouble) -> Session {
        try await ask(.POST, "/v1/checkout/sessions/\(Self.escaped(session))/expire", [("expand[0]", "payment_intent")])
    }

    /// - Parameter refund: its id is the key.
    func refund(_ refund: UUID, of intent: String, amount: Int) async throws(Trouble) -> Refund {
        try await ask(.POST, "/v1/refunds", key: refund.text, [("payment_intent", intent), ("amount", String(amount))])
    }

    func look(refund: String) async throws(Trouble) -> Refund { try await ask(.GET, "/v1/refunds/\(Self.escaped(refund))") }

    func disputes(of intent: String) async throws(Trouble) -> [Dispute] {
        let found: List<Dispute> = try await ask(.GET, "/v1/disputes?payment_intent=\(Self.escaped(intent))")
        return found.data
    }

    private func ask<A: Decodable>(
        _ method: HTTPMethod, _ path: String, key: String? = nil, _ form: [(String, String)] = []
    ) async throws(Trouble) -> A {
        var request = HTTPClientRequest(url: settings.url + path)
        request.method = method
        request.headers.add(name: "Authorization", value: "Bearer \(settings.key)")
        if let key { request.headers.add(name: "Idempotency-Key", value: key) }
        if method == .POST {
            request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            request.body = .bytes(ByteBuffer(string: form.map { "\(Self.escaped($0))=\(Self.escaped($1))" }.joined(separator: "&")))
        }
        let answer: (status: Int, body: Data)
        do {
            let response = try await client.execute(request, timeout: .seconds(settings.timeout.components.seconds))
            let bytes = try await response.body.collect(upTo: Self.largestAnswer)
            answer = (Int(response.status.code), Data(bytes.readableBytesView))
        } catch { throw .unknown }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        switch answer.status {
        case 200..<300:
            guard let found = try? decoder.decode(A.self, from: answer.body) else { throw .unknown }
            return found
        // Asked too often, or the same is being done at this moment.
        case 401, 403, 408, 409, 425, 429: throw .unknown
        case 400..<500: throw .refused(code: (try? decoder.decode(Refusal.self, from: answer.body))?.error.failure ?? "not-possible")
        default: throw .unknown
        }
    }

    private static func escaped(_ text: String) -> String { text.addingPercentEncoding(withAllowedCharacters: letters) ?? "" }
    private static let letters = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
}
