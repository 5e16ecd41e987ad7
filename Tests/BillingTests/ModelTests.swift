import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Billing

/// Random operations against a model that knows nothing of postings. After each the trial balance is nothing, and the bill owes what the model
/// says. A check costs the same after a hundred operations as after a hundred thousand: of the books it reads the bill that was touched, and keeps
/// the sums of all accounts as they grow; now and then, and at the end, all books are added up and must come to those. Bills leave the game after
/// a while, since what reads and writes one takes as long as it is.
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
        /// Of who pays it, where that is not the patient.
        var payer: ID<Patient>?
        var plan = Plan.none
        var planID = ID<PaymentPlan>()
        var operations = 0
        /// What its entries come to on each account.
        var sums: [String: Int] = [:]

        mutating func settlePlan() { if plan == .active, due == 0 { plan = .paid } }
        /// Something else than a payment has changed what is owed.
        mutating func correct() { if plan == .active { plan = .cancelled } }
    }

    private enum Plan: String { case none, active, paid, cancelled }

    private static let billsAtOnce = 40
    private static let operationsOfABill = 40

    /// What the books come to, as they grow.
    private struct Books {
        var sums: [String: Int] = [:]
        var since = Date(timeIntervalSince1970: 0)
        /// Ids of entries grow with time, to the millisecond: what is asked for from some steps ago on is surely there.
        var marks = Array(repeating: UUID.v7(), count: 8)

        var trial: Int { sums.values.reduce(0, +) }
    }

    @Test(.timeLimit(.minutes(60))) func theBooksAreWhatTheModelSays() async throws {
        let operations = isLong ? 100_000 : 250
        try await withOffice { office in
            var office = office
            var random = Seeded(22)
            var (bills, payments): ([Bill], [Payment]) = ([], [])
            // In the game, and their payments.
            var (open, live): ([Int], [Int]) = ([], [])
            var books = Books()
            let codes = Office.prices.keys.sorted()
            for number in 0..<operations {
                let kind = open.isEmpty ? 0 : Int.random(in: 0..<14, using: &random)
                let known = payments.count
                if number.isMultiple(of: 1_000) { office.clerk = try await office.service.keys.staff(.billingOffice) }
                var touched = open.randomElement(using: &random) ?? 0
                switch kind {
                case 0 where open.count < Self.billsAtOnce:
                    let patient = bills.last.flatMap { Bool.random(using: &random) ? $0.patient : nil } ?? ID<Patient>()
                    let payer = try await guarantor(of: patient, office, &random)
                    let some = (0..<Int.random(in: 1...4, using: &random)).map { _ in codes.randomElement(using: &random) ?? "CENT" }
                    let total = some.reduce(0) { $0 + (Office.prices[$1] ?? 0) }
                    bills.append(Bill(id: try await office.bill(patient, some), patient: patient, total: total, due: total, payer: payer))
                    open.append(bills.count - 1)
                    touched = bills.count - 1
                case 1, 2: try await takeCash(touched, office, &bills, &payments, &random)
                case 3: try await adjust(touched, office, &bills, &random)
                case 4: try await reverse(touched, office, &bills)
                case 10: try await cancel(touched, office, &bills)
                case 5, 6: try await payByCard(touched, office, &bills, &payments, &random)
                case 11, 12: try await makePlan(touched, office, &bills, &random)
                case 13: try await giveUp(touched, office, &bills)
                case 7, 8:
                    guard let payment = live.randomElement(using: &random) else { break }
                    touched = payments[payment].invoice
                    try await refund(payment, office, &bills, &payments, &random)
                default:
                    guard let payment = live.randomElement(using: &random) else { break }
                    touched = payments[payment].invoice
                    try await dispute(payment, office, &bills, &payments, &random)
                }
                live += known..<payments.count
                guard try await hold(office, &bills[touched], &books, "after \(number), a \(kind)") else { return }
                if number.isMultiple(of: isLong ? 10_000 : 50) { try await prove(office, bills, payments, books) }
                bills[touched].operations += 1
                guard bills[touched].operations >= Self.operationsOfABill else { continue }
                // As it is read, once: line by line, with its payments and its plan.
                #expect(try await office.due(bills[touched].id, of: bills[touched].patient) == bills[touched].due)
                open.removeAll { $0 == touched }
                live.removeAll { payments[$0].invoice == touched }
            }
            for place in open { #expect(try await office.due(bills[place].id, of: bills[place].patient) == bills[place].due) }
            try await prove(office, bills, payments, books)
        }
    }

    /// What the last operation did: to this bill what the model says, to nothing else anything.
    private func hold(_ office: Office, _ bill: inout Bill, _ books: inout Books, _ when: Comment) async throws -> Bool {
        let (id, since, mark) = (bill.id.uuid, books.since, books.marks.removeFirst())
        let (rows, due, plan, elsewhere, now) = try await office.database.transaction { tx in
            let rows = tx.later(
                """
                SELECT p.account, sum(p.amount)::bigint FROM entry e JOIN posting p ON p.entry = e.id WHERE e.invoice = \(id) GROUP BY p.account
                """)
            let due = tx.later("SELECT due FROM balance WHERE invoice = \(id)")
            let plan = tx.later("SELECT state FROM plan WHERE invoice = \(id) ORDER BY made_at DESC LIMIT 1")
            let elsewhere = tx.later("SELECT count(*) FROM entry WHERE id > \(mark) AND at > \(since) AND invoice <> \(id)")
            let now = try await tx.first("SELECT clock_timestamp()", as: Date.self)
            return (
                try rows.all(as: String.self, Int.self), try due.first(as: Int.self), try plan.first(as: String.self),
                try elsewhere.first(as: Int.self), now
            )
        }
        books.marks.append(.v7())
        books.since = now ?? books.since
        for (account, sum) in rows {
            books.sums[account, default: 0] += sum - bill.sums[account, default: 0]
            bill.sums[account] = sum
        }
        #expect(books.trial == 0 && rows.reduce(0) { $0 + $1.1 } == 0, when)
        #expect(due == bill.due && bill.sums["receivable", default: 0] == bill.due, when)
        #expect(elsewhere == 0, when)
        #expect(plan ?? "none" == bill.plan.rawValue, when)
        return books.trial == 0 && due == bill.due && elsewhere == 0 && plan ?? "none" == bill.plan.rawValue
    }

    /// All books, added up: every account is what it has grown to.
    private func prove(_ office: Office, _ bills: [Bill], _ payments: [Payment], _ books: Books) async throws {
        let proof = try await office.proof()
        #expect(proof.problems == [] && proof.balances.reduce(0) { $0 + $1.balance.amount } == 0)
        let grown = books.sums.filter { $0.value != 0 }
        #expect(Dictionary(uniqueKeysWithValues: proof.balances.map { ($0.account, $0.balance.amount) }).filter { $0.value != 0 } == grown)
        #expect(grown["receivable", default: 0] == bills.reduce(0) { $0 + $1.due })
        #expect(-grown["held", default: 0] == payments.reduce(0) { $0 + $1.held })
    }

    /// Now and then somebody else pays what is issued from now on.
    private func guarantor(of patient: ID<Patient>, _ office: Office, _ random: inout Seeded) async throws -> ID<Patient>? {
        let payer = Bool.random(using: &random) ? ID<Patient>() : nil
        let today = Date().formatted(Date.ISO8601FormatStyle().year().month().day())
        let command = SetGuarantor(
            patient: patient, patientName: "Sofia", guarantor: .init(), relationship: payer == nil ? .patient : .parent, person: payer,
            payerName: payer.map { _ in "Maria" }, reason: .agreement, from: today)
        #expect(try await office.bus.request(command, as: office.clerk) == .done(Done()))
        return payer
    }

    private func makePlan(_ place: Int, _ office: Office, _ bills: inout [Bill], _ random: inout Seeded) async throws {
        let (bill, isOffice) = (bills[place], Bool.random(using: &random))
        let count = Int.random(in: 1...7, using: &random)
        let today = Date().formatted(Date.ISO8601FormatStyle().year().month().day())
        let command = MakePlan(patient: bill.patient, invoice: bill.id, plan: .init(), count: count, first: today, due: bill.due)
        let asker = isOffice ? office.clerk : try await office.patient(bill.payer ?? bill.patient)
        let answer = try await office.bus.request(command, as: asker)
        let most = min(isOffice ? PlanLimits.mostOfOffice : PlanLimits.mostOfPayer, bill.due)
        let refusal: PlanRefusal? =
            if bill.plan == .active { .alreadyPlanned } else if bill.due == 0 { .changed(due: 0) } else if !isOffice && bill.due < PlanLimits().from {
                .tooSmall(from: PlanLimits().from)
            } else if count < PlanLimits.least || count > most { .invalidCount(most: most) } else { nil }
        if let refusal {
            #expect(answer == .refused(refusal))
            return
        }
        #expect(answer == .done(Done()))
        (bills[place].plan, bills[place].planID) = (.active, command.plan)
    }

    private func giveUp(_ place: Int, _ office: Office, _ bills: inout [Bill]) async throws {
        let bill = bills[place]
        let command = CancelPlan(patient: bill.patient, invoice: bill.id, plan: bill.planID, key: .v7())
        let answer = try await office.bus.request(command, as: office.patient(bill.payer ?? bill.patient))
        #expect(answer == (bill.plan == .active ? .done(Done()) : .refused(.notFound)))
        bills[place].correct()
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
        bills[place].settlePlan()
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
        bills[place].correct()
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
        bills[place].correct()
    }

    /// Begun, and then captured or not; meanwhile the bill may have become smaller.
    private func payByCard(
        _ place: Int, _ office: Office, _ bills: inout [Bill], _ payments: inout [Payment], _ random: inout Seeded
    ) async throws {
        let (bill, amount) = (bills[place], amount(upTo: bills[place].due, &random))
        let command = StartPayment(patient: bill.patient, invoice: bill.id, payment: .init(), amount: Money(amount, "USD"))
        let answer = try await office.bus.request(command, as: office.patient(bill.payer ?? bill.patient))
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
        if settled > 0 { bills[place].settlePlan() }
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
        bills[place].correct()
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
        if amount > fromHeld { bills[payment.invoice].correct() }
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
        if payment.settled > 0 { bills[payment.invoice].correct() }
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
