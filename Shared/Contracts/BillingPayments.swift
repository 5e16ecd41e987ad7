public import Foundation

/// Begins to pay a bill, or a part of it, by card. The sender makes the payment's id: the same one is one payment, however often it is sent. Card
/// numbers are typed at the processor's own page, which `ReadPayment` names once it is there.
public struct StartPayment: Command {
    public static let name = "billing.start-payment.v1"
    public typealias Reply = Done
    public typealias Refusal = PaymentRefusal

    public var patient: ID<Patient>
    public var invoice: ID<Invoice>
    public var payment: ID<Payment>
    public var amount: Money

    public var patients: [ID<Patient>] { [patient] }
    public var bill: UUID? { invoice.uuid }
    public var key: UUID { payment.uuid }

    public init(patient: ID<Patient>, invoice: ID<Invoice>, payment: ID<Payment>, amount: Money) {
        (self.patient, self.invoice, self.payment, self.amount) = (patient, invoice, payment, amount)
    }
}

public enum PaymentRefusal: Codable, Sendable, Equatable {
    case notFound
    /// Nothing, or less.
    case invalidAmount
    /// The bill is in another.
    case otherCurrency(currency: String)
    /// More than is owed.
    case tooMuch(due: Int)
    /// A payment of this bill is on its way; two would be one too many.
    case underWay(payment: ID<Payment>)
    /// No cards are taken here.
    case notOffered
    case idInUse
}

/// Gives up a payment that is not made yet. Where it has been made meanwhile, it stays made.
public struct CancelPayment: Command {
    public static let name = "billing.cancel-payment.v1"
    public typealias Reply = Done
    public typealias Refusal = InvoiceRefusal

    public var patient: ID<Patient>
    public var payment: ID<Payment>
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }
    public var bill: UUID? { payment.uuid }

    public init(patient: ID<Patient>, payment: ID<Payment>, key: UUID) { (self.patient, self.payment, self.key) = (patient, payment, key) }
}

/// How a payment stands.
public struct ReadPayment: Query {
    public static let name = "billing.read-payment.v1"
    public typealias Reply = PaymentView
    public typealias Refusal = InvoiceRefusal

    public var patient: ID<Patient>
    public var payment: ID<Payment>

    public var patients: [ID<Patient>] { [patient] }
    public var bill: UUID? { payment.uuid }

    public init(patient: ID<Patient>, payment: ID<Payment>) { (self.patient, self.payment) = (patient, payment) }
}

public struct PaymentView: Codable, Sendable, Equatable {
    public var line: PaymentLine
    public var number: String
    /// The processor's page, where the card is asked for; only while it waits for that.
    public var page: String?
    public var asOf: Date

    public init(line: PaymentLine, number: String, page: String? = nil, asOf: Date) {
        (self.line, self.number, self.page, self.asOf) = (line, number, page, asOf)
    }
}

public struct PaymentLine: Codable, Sendable, Equatable {
    public var payment: ID<Payment>
    public var patient: ID<Patient>
    public var invoice: ID<Invoice>
    /// card, cash
    public var method: String
    /// created, requires-action, processing, captured, failed, cancelled
    public var state: String
    public var amount: Money
    /// Given back so far.
    public var refunded: Int
    public var started: Date
    public var ended: Date?
    /// A code: card-declined, insufficient-funds, expired-card, authentication, abandoned, not-possible.
    public var failure: String?
    /// open, won, lost
    public var dispute: String?
    public var refunds: [RefundLine]

    public init(
        payment: ID<Payment>, patient: ID<Patient>, invoice: ID<Invoice>, method: String, state: String, amount: Money, refunded: Int, started: Date,
        ended: Date? = nil, failure: String? = nil, dispute: String? = nil, refunds: [RefundLine] = []
    ) {
        self.payment = payment
        self.patient = patient
        self.invoice = invoice
        self.method = method
        self.state = state
        self.amount = amount
        self.refunded = refunded
        self.started = started
        self.ended = ended
        self.failure = failure
        self.dispute = dispute
        self.refunds = refunds
    }
}

public struct RefundLine: Codable, Sendable, Equatable {
    public var refund: ID<Refund>
    public var amount: Int
    /// requested, done, failed
    public var state: String
    public var reason: String
    public var asked: Date
    public var ended: Date?

    public init(refund: ID<Refund>, amount: Int, state: String, reason: String, asked: Date, ended: Date? = nil) {
        (self.refund, self.amount, self.state, self.reason, self.asked, self.ended) = (refund, amount, state, reason, asked, ended)
    }
}

/// What the processor of cards tells, to the byte, and how it signed that.
public struct ReceiveCardEvent: Command {
    public static let name = "billing.receive-card-event.v1"
    public typealias Reply = Done
    public typealias Refusal = CardEventRefusal

    public var payload: String
    /// `t=…,v1=…`
    public var signature: String
    public var key: UUID

    public init(payload: String, signature: String, key: UUID) { (self.payload, self.signature, self.key) = (payload, signature, key) }
}

public enum CardEventRefusal: String, Codable, Sendable {
    case notSigned
    /// Signed too long ago: somebody may be sending it again.
    case stale
    case unreadable
}

public struct PaymentCaptured: Event, Equatable {
    public static let name = "billing.payment-captured.v1"

    public var payment: ID<Payment>
    public var invoice: ID<Invoice>
    public var patient: ID<Patient>

    public init(payment: ID<Payment>, invoice: ID<Invoice>, patient: ID<Patient>) {
        (self.payment, self.invoice, self.patient) = (payment, invoice, patient)
    }
}

public struct PaymentFailed: Event, Equatable {
    public static let name = "billing.payment-failed.v1"

    public var payment: ID<Payment>
    public var invoice: ID<Invoice>
    public var patient: ID<Patient>
    /// A code, as in `PaymentLine.failure`.
    public var reason: String

    public init(payment: ID<Payment>, invoice: ID<Invoice>, patient: ID<Patient>, reason: String) {
        (self.payment, self.invoice, self.patient, self.reason) = (payment, invoice, patient, reason)
    }
}

public struct PaymentRefunded: Event, Equatable {
    public static let name = "billing.refunded.v1"

    public var refund: ID<Refund>
    public var payment: ID<Payment>
    public var patient: ID<Patient>

    public init(refund: ID<Refund>, payment: ID<Payment>, patient: ID<Patient>) {
        (self.refund, self.payment, self.patient) = (refund, payment, patient)
    }
}
