internal import Contracts
internal import CoreMetrics
internal import Foundation
internal import Logging
internal import MessageBus
internal import Postgres

/// Tells the processor what was begun here, and asks it how that stands until there is an end. Nothing is told twice: each payment and refund has
/// a key of its own at the processor, and what became of it is brought into the books once.
struct CardTeller: Sendable {
    private static let batch = 10
    private static let pause = Duration.milliseconds(200)
    /// Who has taken one and says no more has crashed; then its turn comes again, in seconds.
    private static let lease = 30.0

    let database: any WorkerTransactions
    let processor: CardProcessor
    let logger: Logger

    func run() async throws {
        while !Task.isCancelled {
            if try await round() == 0 { try await Task.sleep(for: Self.pause * Double.random(in: 0.8...1.2)) }
        }
    }

    private struct Taken: Sendable {
        let payment: CardOutcome
        let money: Money
        let state: String
        let session: String?
        let intent: String?
        let cancels: Bool
        let attempts: Int

        /// Soon at first, when somebody is waiting; then less and less often: the processor tells us too. In seconds.
        var patience: Double { min(300, 2 * pow(1.5, Double(min(attempts, 20)))) }
    }

    /// - Returns: how many payments and refunds were looked at.
    @discardableResult
    func round() async throws -> Int {
        let payments = try await database.transaction { tx in
            try await tx.all(
                """
                UPDATE payment SET next_at = now() + make_interval(secs => \(Self.lease)), attempts = attempts + 1
                WHERE id IN (SELECT id FROM payment WHERE next_at <= now() ORDER BY next_at, id LIMIT \(Self.batch) FOR UPDATE SKIP LOCKED)
                RETURNING id, patient, invoice, amount, currency, state, session, intent, cancel_asked, attempts
                """, as: UUID.self, UUID.self, UUID.self, Int.self, String.self, String.self, String?.self, String?.self, Bool.self, Int.self)
        }.map {
            Taken(
                payment: CardOutcome(payment: ID($0.0), patient: ID($0.1), invoice: ID($0.2), amount: $0.3), money: Money($0.3, $0.4), state: $0.5,
                session: $0.6, intent: $0.7, cancels: $0.8, attempts: $0.9)
        }
        for payment in payments { try await tell(payment) }
        return try await payments.count + roundOfRefunds()
    }

    private func tell(_ taken: Taken) async throws {
        do {
            guard taken.state != "captured" else { return try await lookForDisputes(taken) }
            guard let session = taken.session else {
                let opened = try await processor.open(taken.payment.payment, amount: taken.money)
                return try await database.transaction { tx in
                    _ = try await tx.run(
                        """
                        UPDATE payment SET session = \(opened.id), page = \(opened.url), state = 'requires-action', attempts = 0,
                            next_at = now() + CASE WHEN cancel_asked THEN interval '0' ELSE interval '5 s' END
                        WHERE id = \(taken.payment.payment.uuid) AND state = 'created'
                        """)
                }
            }
            if taken.cancels { _ = try? await processor.expire(session) }
            try await settle(taken, try await processor.look(session))
        } catch let trouble as CardProcessor.Trouble {
            Counter(label: "chartline_cards_trouble_total").increment()
            guard case .refused(let code) = trouble, taken.session == nil, taken.state == "created" else { return try await again(taken) }
            logger.warning("payment refused by the processor", metadata: ["payment": "\(taken.payment.payment)", "reason": "\(code)"])
            try await database.transaction { tx in try await taken.payment.end(failure: "not-possible", in: tx) }
        }
    }

    private func settle(_ taken: Taken, _ session: CardProcessor.Session) async throws {
        let failure = session.paymentIntent?.lastPaymentError?.failure
        switch (session.status, session.paymentStatus) {
        case ("complete", "paid"):
            guard session.amountTotal == taken.money.amount, session.currency.uppercased() == taken.money.currency else {
                logger.critical("the processor took another amount", metadata: ["payment": "\(taken.payment.payment)"])
                return try await again(taken)
            }
            try await database.transaction { tx in try await taken.payment.capture(intent: session.paymentIntent?.id, in: tx) }
        case ("expired", _): try await database.transaction { tx in try await taken.payment.end(failure: failure, in: tx) }
        case ("complete", _) where session.paymentIntent?.cameToNothing == true:
            // A way to pay that takes days, and failed in the end: the page is gone, and the bill can be paid anew.
            try await database.transaction { tx in try await taken.payment.end(failure: failure ?? "not-possible", in: tx) }
        case (let status, _):
            // Unless it told of something meanwhile: then it is asked again at once.
            let state = status == "complete" || session.paymentIntent?.status == "processing" ? "processing" : "requires-action"
            try await database.transaction { tx in
                _ = try await tx.run(
                    """
                    UPDATE payment SET state = \(state), failure = \(failure), next_at = now() + make_interval(secs => \(taken.patience))
                    WHERE id = \(taken.payment.payment.uuid) AND state IN ('created', 'requires-action', 'processing')
                        AND next_at > now()
                    """)
            }
        }
    }

    private func lookForDisputes(_ taken: Taken) async throws {
        guard let intent = taken.intent else { return try await quiet(taken) }
        let disputes = try await processor.disputes(of: intent)
        try await database.transaction { tx in
            for dispute in disputes { try await taken.payment.dispute(dispute.id, amount: dispute.amount, state: dispute.state, in: tx) }
        }
        try await quiet(taken)
    }

    /// Nothing is asked until the processor tells of something.
    private func quiet(_ taken: Taken) async throws {
        try await database.transaction { tx in
            // Unless it told of something meanwhile.
            _ = try await tx.run("UPDATE payment SET next_at = NULL WHERE id = \(taken.payment.payment.uuid) AND next_at > now()")
        }
    }

    private func again(_ taken: Taken) async throws {
        try await database.transaction { tx in
            _ = try await tx.run(
                """
                UPDATE payment SET next_at = now() + make_interval(secs => \(taken.patience))
                WHERE id = \(taken.payment.payment.uuid) AND next_at > now()
                """)
        }
    }

    private func roundOfRefunds() async throws -> Int {
        let refunds = try await database.transaction { tx in
            try await tx.all(
                """
                WITH taken AS (
                    UPDATE refund SET next_at = now() + make_interval(secs => \(Self.lease)), attempts = attempts + 1
                    WHERE id IN (SELECT id FROM refund WHERE next_at <= now() ORDER BY next_at, id LIMIT \(Self.batch) FOR UPDATE SKIP LOCKED)
                    RETURNING id, patient, payment, amount, processor
                )
                SELECT t.id, t.patient, t.amount, t.processor, p.intent FROM taken t JOIN payment p ON p.id = t.payment
                """, as: UUID.self, UUID.self, Int.self, String?.self, String?.self)
        }
        for (id, patient, amount, known, intent) in refunds {
            guard let intent else { continue }
            do {
                let refund: CardProcessor.Refund
                if let known {
                    refund = try await processor.look(refund: known)
                } else {
                    refund = try await processor.refund(id, of: intent, amount: amount)
                }
                try await database.transaction { tx in
                    tx.lockBills(of: ID(patient))
                    switch refund.status {
                    case "succeeded": try await settleRefund(id, processor: refund.id, in: tx)
                    case "failed", "canceled": try await failRefund(id, in: tx)
                    default:
                        _ = try await tx.run("UPDATE refund SET processor = \(refund.id), next_at = now() + interval '60 s' WHERE id = \(id)")
                    }
                }
            } catch CardProcessor.Trouble.refused {
                try await database.transaction { tx in try await failRefund(id, in: tx) }
            } catch CardProcessor.Trouble.unknown {
                try await database.transaction { tx in
                    _ = try await tx.run("UPDATE refund SET next_at = now() + make_interval(secs => least(300, attempts * 2)) WHERE id = \(id)")
                }
            }
        }
        return refunds.count
    }

    private func failRefund(_ id: UUID, in tx: Transaction) async throws {
        _ = try await tx.run("UPDATE refund SET state = 'failed', ended_at = now(), next_at = NULL WHERE id = \(id) AND state = 'requested'")
    }
}
