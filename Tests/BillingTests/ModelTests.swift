import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Billing

/// Random operations against a model that knows nothing of postings. After each the trial balance is nothing, and the bill owes what the model
/// says.
@Suite(.serialized) struct ModelTests {
    private struct Payment {
        let id: ID<Contracts.Payment>
        let invoice: Int
        let isCard: Bool
        let amount: Int
        /// Of the amount: what it settles, and what no bill asks for.
        var settled = 0
        var held = 0
        var given = 0
        var state = "open"
    }

    private struct Bill {
        let id: ID<Invoice>
        let patient: ID<Patient>
        /// Of what counts: nothing once it is void.
        var total: Int
        var due: Int
        var undoable: [(entry: UUID, amount: Int)] = []
    }

    @Test(.timeLimit(.minutes(60))) func theBooksAreWhatTheModelSays() async throws {
        let operations = isLong ? 100_000 : 250
        try await withOffice { office in
            var office = office
            var random = Seeded(22)
            var (bills, payments): ([Bill], [Payment]) = ([], [])
            let codes = Office.prices.keys.sorted()
            for number in 0..<operations {
                let kind = bills.isEmpty ? 0 : Int.random(in: 0..<11, using: &random)
                // Entries have ids that grow with time, and what is in the books already nobody changes.
                let mark = UUID.v7()
                if number.isMultiple(of: 1_000) { office.clerk = try await office.service.keys.staff(.billingOffice) }
                var touched = bills.indices.randomElement(using: &random) ?? 0
                switch kind {
                case 0 where bills.count < 40 || number.isMultiple(of: 97):
                    let patient = bills.last.flatMap { Bool.random(using: &random) ? $0.patient : nil } ?? ID<Patient>()
                    let some = (0..<Int.random(in: 1...4, using: &random)).map { _ in codes.randomElement(using: &random) ?? "CENT" }
                    let total = some.reduce(0) { $0 + (Office.prices[$1] ?? 0) }
                    bills.append(Bill(id: try await office.bill(patient, some), patient: patient, total: total, due: total))
                    touched = bills.count - 1
                case 1, 2: try await takeCash(touched, office, &bills, &payments, &random)
                case 3: try await adjust(touched, office, &bills, &random)
                case 4: try await reverse(touched, office, &bills)
                case 10: try await cancel(touched, office, &bills)
                case 5, 6: try await payByCard(touched, office, &bills, &payments, &random)
                case 7, 8:
                    guard let payment = payments.indices.randomElement(using: &random) else { break }
                    touched = payments[payment].invoice
                    try await refund(payment, office, &bills, &payments, &random)
                default:
                    guard let payment = payments.indices.randomElement(using: &random) else { break }
                    touched = payments[payment].invoice
                    try await dispute(payment, office, &bills, &payments, &random)
                }
                let sum = try await office.database.transaction { tx in
                    try await tx.first("SELECT coalesce(sum(amount), 0)::bigint FROM posting WHERE entry > \(mark)", as: Int.self)
                }
                #expect(sum == 0, "after \(number)")
                let (due, expected) = (try await office.due(bills[touched].id, of: bills[touched].patient), bills[touched].due)
                #expect(due == expected, "after \(number), a \(kind)")
                guard due == expected, sum == 0 else { return }
                if number.isMultiple(of: isLong ? 5_000 : 50) { #expect(try await office.proof().problems == []) }
            }
            for bill in bills { #expect(try await office.due(bill.id, of: bill.patient) == bill.due) }
            let proof = try await office.proof()
            #expect(proof.problems == [] && proof.balances.reduce(0) { $0 + $1.balance.amount } == 0)
            #expect(proof.balances.first { $0.account == "receivable" }?.balance.amount ?? 0 == bills.reduce(0) { $0 + $1.due })
        }
    }

    /// Now and then more than there is, or nothing.
    private func amount(upTo due: Int, _ random: inout Seeded) -> Int {
        Bool.random(using: &random) ? due : Int.random(in: -1...max(1, due + 2), using: &random)
    }

    private func expected(_ amount: Int, _ due: Int) -> PaymentRefusal? {
        amount <= 0 ? .invalidAmount : amount > due ? .tooMuch(due: due) : nil
    }

    private func takeCash(
        _ place: Int, _ office: Office, _ bills: inout [Bill], _ payments: inout [Payment], _ random: inout Seeded
    ) async throws {
        let (bill, amount) = (bills[place], amount(upTo: bills[place].due, &random))
        let command = TakeCash(patient: bill.patient, invoice: bill.id, payment: .init(), amount: Money(amount, "USD"))
        let answer = try await office.bus.request(command, as: office.clerk)
        if let refusal = expected(amount, bill.due) {
            #expect(answer == .refused(refusal))
            return
        }
        #expect(answer == .done(Done()))
        bills[place].due -= amount
        payments.append(Payment(id: command.payment, invoice: place, isCard: false, amount: amount, settled: amount, state: "captured"))
    }

    private func adjust(_ place: Int, _ office: Office, _ bills: inout [Bill], _ random: inout Seeded) async throws {
        let (bill, amount) = (bills[place], amount(upTo: bills[place].due / 2, &random))
        let command = AdjustInvoice(
            patient: bill.patient, invoice: bill.id, isWriteOff: Bool.random(using: &random), amount: Money(amount, "USD"), reason: .courtesy,
            key: .v7())
        let answer = try await office.bus.request(command, as: office.clerk)
        if let refusal = expected(amount, bill.due) {
            #expect(answer == .refused(refusal))
            return
        }
        #expect(answer == .done(Done()))
        let entry = try await office.database.transaction { tx in
            try await tx.first("SELECT id FROM entry WHERE about = \(command.key)", as: UUID.self)
        }
        bills[place].due -= amount
        bills[place].undoable.append((try #require(entry), amount))
    }

    private func reverse(_ place: Int, _ office: Office, _ bills: inout [Bill]) async throws {
        guard let (entry, amount) = bills[place].undoable.popLast() else { return }
        for refusal in [nil, ReversalRefusal.alreadyReversed] {
            let command = ReverseAdjustment(patient: bills[place].patient, entry: ID(entry), key: .v7())
            let answer = try await office.bus.request(command, as: office.clerk)
            let expected: Answer<ReverseAdjustment> = refusal.map { .refused($0) } ?? .done(Done())
            #expect(answer == expected)
        }
        bills[place].due += amount
    }

    /// Begun, and then captured or not; meanwhile the bill may have become smaller.
    private func payByCard(
        _ place: Int, _ office: Office, _ bills: inout [Bill], _ payments: inout [Payment], _ random: inout Seeded
    ) async throws {
        let (bill, amount) = (bills[place], amount(upTo: bills[place].due, &random))
        let command = StartPayment(patient: bill.patient, invoice: bill.id, payment: .init(), amount: Money(amount, "USD"))
        let answer = try await office.bus.request(command, as: office.patient(bill.patient))
        if let refusal = expected(amount, bill.due) {
            #expect(answer == .refused(refusal))
            return
        }
        #expect(answer == .done(Done()))
        if Bool.random(using: &random) { try await adjust(place, office, &bills, &random) }
        let outcome = CardOutcome(payment: command.payment, patient: bill.patient, invoice: bill.id, amount: amount)
        let succeeds = Int.random(in: 0..<4, using: &random) > 0
        for _ in 0..<2 {
            try await office.database.transaction { tx in
                guard succeeds else { return try await outcome.end(failure: "card-declined", in: tx) }
                try await outcome.capture(intent: "pi_\(command.payment)", in: tx)
            }
        }
        guard succeeds else { return }
        let settled = min(amount, bills[place].due)
        bills[place].due -= settled
        payments.append(
            Payment(id: command.payment, invoice: place, isCard: true, amount: amount, settled: settled, held: amount - settled, state: "captured"))
    }

    /// As a whole or not at all: only what is owed as it was charged.
    private func cancel(_ place: Int, _ office: Office, _ bills: inout [Bill]) async throws {
        let bill = bills[place]
        let command = CancelInvoice(patient: bill.patient, invoice: bill.id, reason: .duplicate, key: .v7())
        let answer = try await office.bus.request(command, as: office.clerk)
        guard bill.total > 0, bill.due == bill.total else {
            #expect(answer == .refused(bill.total == 0 ? .alreadyVoid : .notWhollyOwed))
            return
        }
        #expect(answer == .done(Done()))
        (bills[place].total, bills[place].due) = (0, 0)
    }

    private func refund(
        _ place: Int, _ office: Office, _ bills: inout [Bill], _ payments: inout [Payment], _ random: inout Seeded
    ) async throws {
        let payment = payments[place]
        let left = payment.amount - payment.given
        let (amount, takesOff) = (amount(upTo: left, &random), Bool.random(using: &random))
        let command = RefundPayment(
            patient: bills[payment.invoice].patient, payment: payment.id, refund: .init(), amount: Money(amount, "USD"), reason: .duplicate,
            takesOff: takesOff)
        let answer = try await office.bus.request(command, as: office.clerk)
        let isFrozen = payment.state == "disputed" || payment.state == "lost"
        let refusal: RefundRefusal? = amount <= 0 ? .invalidAmount : isFrozen ? .disputed : amount > left ? .tooMuch(left: left) : nil
        if let refusal {
            #expect(answer == .refused(refusal))
            return
        }
        #expect(answer == .done(Done()))
        if payment.isCard {
            for _ in 0..<2 {
                try await office.database.transaction { tx in
                    try await settleRefund(command.refund.uuid, processor: "re_\(command.refund)", in: tx)
                }
            }
        }
        let fromHeld = min(amount, payment.held)
        payments[place].given += amount
        payments[place].held -= fromHeld
        payments[place].settled -= amount - fromHeld
        if !takesOff { bills[payment.invoice].due += amount - fromHeld }
    }

    private func dispute(
        _ place: Int, _ office: Office, _ bills: inout [Bill], _ payments: inout [Payment], _ random: inout Seeded
    ) async throws {
        let payment = payments[place]
        guard payment.isCard, payment.state != "lost", payment.amount > payment.given else { return }
        let state = payment.state == "disputed" ? (Bool.random(using: &random) ? "won" : "lost") : "open"
        let amount = payment.amount - payment.given
        let bill = bills[payment.invoice]
        let outcome = CardOutcome(payment: payment.id, patient: bill.patient, invoice: bill.id, amount: payment.amount)
        // One a payment: what was won is not asked for again.
        guard payment.state != "won" else { return }
        for _ in 0..<2 {
            try await office.database.transaction { tx in try await outcome.dispute("dp_\(payment.id)", amount: amount, state: state, in: tx) }
        }
        payments[place].state = state == "open" ? "disputed" : state
        guard state == "lost" else { return }
        bills[payment.invoice].due += payment.settled
        (payments[place].settled, payments[place].held) = (0, 0)
    }
}

/// The same numbers for the same seed.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
