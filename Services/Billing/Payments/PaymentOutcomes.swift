internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// What the processor says of a payment, brought into the books. Each is done once, whoever says it first and however often.
struct CardOutcome: Sendable {
    let payment: ID<Payment>
    let patient: ID<Patient>
    let invoice: ID<Invoice>
    let amount: Int

    /// The money is with the processor. What the bill does not ask for any more is held for the patient.
    func capture(intent: String?, in tx: Transaction) async throws {
        guard let open = try await OpenInvoice.lock(invoice, of: patient, in: tx) else { throw DeadLetter("payment-without-invoice") }
        let isNews =
            try await tx.run(
                """
                UPDATE payment SET state = 'captured', intent = coalesce(intent, \(intent)), failure = NULL, page = NULL, ended_at = now(),
                next_at = NULL
                WHERE id = \(payment.uuid) AND state IN ('created', 'requires-action', 'processing')
                """) == 1
        guard isNews else { return }
        let (taken, rest) = LinePart.take(amount, from: open.lines)
        Entry(
            kind: .payment, patient: patient, invoice: invoice.uuid, currency: open.currency, about: payment.uuid,
            postings: [Posting(account: .card, amount: amount)] + taken.credits + [Posting(account: .held, amount: -rest)]
        ).write(in: tx)
        try tx.emit(PaymentCaptured(payment: payment, invoice: invoice, patient: patient))
    }

    /// It will never be made. - Parameter failure: nil where nobody tried.
    func end(failure: String?, in tx: Transaction) async throws {
        let isNews =
            try await tx.run(
                """
                UPDATE payment SET state = \(failure == nil ? "cancelled" : "failed"), failure = \(failure), page = NULL, ended_at = now(),
                next_at = NULL
                WHERE id = \(payment.uuid) AND state IN ('created', 'requires-action', 'processing')
                """) == 1
        guard isNews, let failure else { return }
        try tx.emit(PaymentFailed(payment: payment, invoice: invoice, patient: patient, reason: failure))
    }

    /// Somebody's bank holds the money back, gives it back to us, or has given it to them: then the bill is owed again.
    func dispute(_ processor: String, amount: Int, state: String, in tx: Transaction) async throws {
        guard let open = try await OpenInvoice.lock(invoice, of: patient, in: tx) else { throw DeadLetter("payment-without-invoice") }
        let known = try await tx.first("SELECT id, state FROM dispute WHERE processor = \(processor)", as: UUID.self, String.self)
        let id = known?.0 ?? UUID.v7()
        func entry(_ kind: EntryKind, _ postings: [Posting]) -> Entry {
            Entry(kind: kind, patient: patient, invoice: invoice.uuid, currency: open.currency, about: id, postings: postings)
        }
        if known == nil {
            tx.queue(
                """
                INSERT INTO dispute (id, processor, payment, patient, amount, state)
                VALUES (\(id), \(processor), \(payment.uuid), \(patient.uuid), \(amount), 'open')
                """)
            entry(.dispute, [Posting(account: .disputed, amount: amount), Posting(account: .card, amount: -amount)]).write(in: tx)
        }
        guard known?.1 ?? "open" == "open", state != "open" else { return try await tx.flush() }
        tx.queue("UPDATE dispute SET state = \(state), ended_at = now() WHERE id = \(id)")
        guard state == "lost" else {
            entry(.disputeWon, [Posting(account: .card, amount: amount), Posting(account: .disputed, amount: -amount)]).write(in: tx)
            return try await tx.flush()
        }
        let parts = try await settledParts(of: payment.uuid, in: tx)
        let fromHeld = min(amount, parts.held)
        // A bank may take more than was left to take; what no line knows is given up.
        let (taken, rest) = LinePart.take(amount - fromHeld, from: parts.lines.reversed())
        entry(
            .disputeLost,
            taken.debits + [
                Posting(account: .held, amount: fromHeld), Posting(account: .writeOffs, amount: rest), Posting(account: .disputed, amount: -amount),
            ]
        ).write(in: tx)
        try await tx.flush()
    }
}
