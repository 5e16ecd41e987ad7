import Access
import Contracts
import Foundation
import Logging
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Billing

/// A bill in instalments: to the cent, on days that there are, and told of in time.
@Suite(.serialized) struct PlanTests {
    private func today(_ office: Office, plus days: Int = 0) async throws -> String {
        try await office.database.transaction { tx in
            try await tx.first("SELECT (\(Payer.today) + \(days)::int)::text", as: String.self) ?? ""
        }
    }

    private func plan(_ office: Office, _ bill: ID<Invoice>, of patient: ID<Patient>) async throws -> PlanView {
        try #require(try await office.read(bill, of: patient).plan)
    }

    private func make(
        _ office: Office, _ bill: ID<Invoice>, of patient: ID<Patient>, _ count: Int = 3, due: Int, first: String? = nil, asOffice: Bool = false
    ) async throws -> Answer<MakePlan> {
        let day = if let first { first } else { try await today(office) }
        let command = MakePlan(patient: patient, invoice: bill, plan: .init(), count: count, first: day, due: due)
        return try await office.bus.request(command, as: asOffice ? office.clerk : office.patient(patient))
    }

    private func pay(_ office: Office, _ bill: ID<Invoice>, of patient: ID<Patient>, _ amount: Int) async throws {
        let command = TakeCash(patient: patient, invoice: bill, payment: .init(), amount: Money(amount, "USD"))
        #expect(try await office.bus.request(command, as: office.clerk) == .done(Done()))
    }

    @Test(arguments: [(100, 3), (18_599, 6), (2, 2), (7, 7), (1_000_000_001, 24)]) func everyCentIsInOneInstalment(_ total: Int, _ count: Int) {
        let amounts = Instalment.amounts(of: total, count: count)
        #expect(amounts.count == count && amounts.reduce(0, +) == total && amounts.allSatisfy { $0 > 0 })
        #expect(Set(amounts.dropLast()).count <= 1 && amounts.last ?? 0 >= amounts[0])
        #expect((amounts.last ?? 0) - amounts[0] < count)
    }

    @Test func whatIsPaidGoesToTheInstalmentsInTheirOrder() async throws {
        try await withOffice { office in
            let patient = ID<Patient>()
            let bill = try await office.bill(patient, ["OV20"])
            #expect(try await make(office, bill, of: patient, due: 16_800) == .done(Done()))
            #expect(try await plan(office, bill, of: patient).instalments.map(\.amount) == [5_600, 5_600, 5_600])
            // A part of the first; then more than the rest of it.
            try await pay(office, bill, of: patient, 600)
            #expect(try await plan(office, bill, of: patient).instalments.map(\.paid) == [600, 0, 0])
            try await pay(office, bill, of: patient, 6_000)
            let now = try await office.read(bill, of: patient)
            #expect(now.plan?.instalments.map(\.paid) == [5_600, 1_000, 0] && now.plan?.next?.number == 2)
            #expect(now.summary.plan?.paid == 1 && now.summary.plan?.rest == 4_600 && now.summary.plan?.late == 0)
            // All of it at once, early: the plan is over.
            try await pay(office, bill, of: patient, 10_200)
            let over = try await plan(office, bill, of: patient)
            #expect(over.state == "paid" && over.instalments.allSatisfy { $0.rest == 0 } && over.ended != nil)
            #expect(try await office.read(bill, of: patient).summary.plan == nil)
            #expect(try await office.proof().problems == [])
        }
    }

    /// The 31st of a month without one is its last day, and the months after are as they were.
    @Test(arguments: [
        ("2027-01-31", ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]),
        ("2027-12-30", ["2027-12-30", "2028-01-30", "2028-02-29", "2028-03-30"]),
    ]) func dueDaysAreDaysThatThereAre(_ first: String, _ days: [String]) async throws {
        try await withOffice { office in
            let patient = ID<Patient>()
            let bill = try await office.bill(patient, ["OV20"])
            #expect(try await make(office, bill, of: patient, 4, due: 16_800, asOffice: true) == .done(Done()))
            // As if it began then: the same expression that made them.
            let made = try await office.database.transaction { tx in
                try await tx.all(
                    "SELECT (\(first)::text::date + make_interval(months => number - 1))::date::text FROM instalment ORDER BY number",
                    as: String.self)
            }
            #expect(made == days)
            let begun = try await today(office)
            #expect(try await plan(office, bill, of: patient).instalments.first?.dueOn == begun)
        }
    }

    @Test func limitsAreKeptAndSaid() async throws {
        try await withOffice { office in
            let patient = ID<Patient>()
            let small = try await office.bill(patient, ["DRAW"])
            let bill = try await office.bill(patient, ["OV20"])
            #expect(try await make(office, small, of: patient, due: 1_799) == .refused(.tooSmall(from: 5_000)))
            #expect(try await make(office, small, of: patient, due: 1_799, asOffice: true) == .done(Done()))
            #expect(try await make(office, .init(), of: patient, due: 1) == .refused(.notFound))
            #expect(try await make(office, bill, of: .init(), due: 16_800) == .refused(.notFound))
            #expect(try await make(office, bill, of: patient, due: 16_799) == .refused(.changed(due: 16_800)))
            for count in [-1, 0, 1, 7] { #expect(try await make(office, bill, of: patient, count, due: 16_800) == .refused(.invalidCount(most: 6))) }
            #expect(try await make(office, bill, of: patient, 25, due: 16_800, asOffice: true) == .refused(.invalidCount(most: 24)))
            let last = try await today(office, plus: 31)
            for day in ["", "2027-02-30", try await today(office, plus: -1), try await today(office, plus: 32)] {
                #expect(try await make(office, bill, of: patient, due: 16_800, first: day) == .refused(.invalidDay(last: last)), "\(day)")
            }
            #expect(try await make(office, bill, of: patient, due: 16_800, first: last) == .done(Done()))
            #expect(try await make(office, bill, of: patient, due: 16_800) == .refused(.alreadyPlanned))
            // Somebody else's is not theirs to make or to end.
            let stranger = try await office.patient(.init())
            let cancel = CancelPlan(patient: patient, invoice: bill, plan: try await plan(office, bill, of: patient).plan, key: .v7())
            await #expect(throws: BusError.notAllowed) { try await office.bus.request(cancel, as: stranger) }
            #expect(try await office.bus.request(cancel, as: office.patient(patient)) == .done(Done()))
            let again = CancelPlan(patient: patient, invoice: bill, plan: cancel.plan, key: .v7())
            #expect(try await office.bus.request(again, as: office.patient(patient)) == .refused(.notFound))
            #expect(try await plan(office, bill, of: patient).reason == "given-up")
            let line = try #require(try await office.read(bill, of: patient).lines.first)
            let dispute = DisputeLine(patient: patient, charge: line.charge.charge, dispute: .init(), reason: .wrongPrice)
            #expect(try await office.bus.request(dispute, as: office.patient(patient)) == .done(Done()))
            #expect(try await make(office, bill, of: patient, due: 16_800) == .refused(.disputed))
        }
    }

    @Test func aCorrectionOfTheBillEndsThePlan() async throws {
        try await withOffice { office in
            let patient = ID<Patient>()
            let bill = try await office.bill(patient, ["OV20"])
            #expect(try await make(office, bill, of: patient, due: 16_800) == .done(Done()))
            let off = AdjustInvoice(patient: patient, invoice: bill, isWriteOff: false, amount: Money(800, "USD"), reason: .courtesy, key: .v7())
            #expect(try await office.bus.request(off, as: office.clerk) == .done(Done()))
            let ended = try await plan(office, bill, of: patient)
            #expect(ended.state == "cancelled" && ended.reason == "corrected")
            // A new one is of what is owed now.
            #expect(try await make(office, bill, of: patient, due: 16_000) == .done(Done()))
            let cancel = CancelInvoice(patient: patient, invoice: bill, reason: .duplicate, key: .v7())
            #expect(try await office.bus.request(cancel, as: office.clerk) == .refused(.notWhollyOwed))
            #expect(try await plan(office, bill, of: patient).state == "active")
            // The database takes no plan that is not the amount, whoever writes it.
            await #expect(throws: DatabaseError.self) {
                try await office.database.transaction { tx in
                    tx.queue("UPDATE plan SET state = 'cancelled', reason = 'given-up', ended_at = now()")
                    try await tx.flush()
                    tx.queue("SET LOCAL ROLE billing_staff")
                    try await tx.run(
                        """
                        INSERT INTO plan (id, patient, invoice, total, count, by_office)
                        VALUES (\(UUID()), \(patient.uuid), \(bill.uuid), 100, 2, true)
                        """)
                }
            }
            #expect(try await office.proof().problems == [])
        }
    }

    /// Three days before, three and seven days after: each once. Then somebody of the office calls.
    @Test func whoPaysIsRemindedAndThenCalled() async throws {
        try await withOffice { office in
            let (child, mother) = (ID<Patient>(), ID<Patient>())
            let guarantor = SetGuarantor(
                patient: child, patientName: "Sofia", guarantor: .init(), relationship: .parent, person: mother, payerName: "Maria",
                reason: .minor, from: try await today(office))
            #expect(try await office.bus.request(guarantor, as: office.clerk) == .done(Done()))
            let bill = try await office.bill(child, ["OV20"])
            let make = MakePlan(
                patient: child, invoice: bill, plan: .init(), count: 3, first: try await today(office, plus: 10), due: 16_800)
            // Who pays it splits it.
            #expect(try await office.bus.request(make, as: office.patient(mother)) == .done(Done()))
            let reminder = PlanReminder(database: office.database)
            let superuser = office.service.database.pool(office.service.database.superuser)
            func pass(_ days: Int) async throws -> [Int] {
                try await superuser.run("UPDATE instalment SET due_on = due_on - \(days)::int")
                let before = try await office.service.emitted(InstalmentNoticed.self).count
                for _ in 0..<2 { try await reminder.round() }
                return try await office.service.emitted(InstalmentNoticed.self).dropFirst(before).map(\.daysLate)
            }
            func late() async throws -> [ID<Invoice>] {
                try await office.bus.ask(ReadBillingWork(), as: office.clerk).latePlans?.map(\.invoice) ?? []
            }
            #expect(try await pass(6) == [])
            #expect(try await pass(1) == [0])
            #expect(try await pass(3) == [])
            #expect(try await pass(3) == [3])
            #expect(try await late() == [])
            #expect(try await pass(4) == [7])
            #expect(try await late() == [bill])
            let told = try await office.service.emitted(InstalmentNoticed.self)
            #expect(told.allSatisfy { $0.payer == mother && $0.byPost == false && $0.number == 1 })
            #expect(try await office.read(bill, of: child).summary.plan?.late == 5_600)
            // Once it is paid there is nothing to call about; and of the next nobody is told who has paid it already.
            try await pay(office, bill, of: child, 11_200)
            #expect(try await late() == [])
            #expect(try await pass(40) == [])
            // Away for long: the last of it alone. While a line is said to be wrong nobody is reminded.
            let line = try #require(try await office.read(bill, of: child).lines.first)
            let dispute = DisputeLine(patient: child, charge: line.charge.charge, dispute: .init(), reason: .notDone)
            #expect(try await office.bus.request(dispute, as: office.patient(child)) == .done(Done()))
            #expect(try await pass(40) == [])
            let settle = SettleLineDispute(patient: child, charge: line.charge.charge, stands: true, key: .v7())
            #expect(try await office.bus.request(settle, as: office.clerk) == .done(Done()))
            #expect(try await pass(0) == [7])
            await superuser.close()
        }
    }

    /// The statement says what is paid in instalments, and nobody is reminded of that by it.
    @Test func aStatementSaysWhatIsPaidInParts() async throws {
        try await withOffice { office in
            try await office.database.transaction { tx in _ = try await tx.run("INSERT INTO clinic (zone) VALUES ('America/Chicago')") }
            let (one, other) = (ID<Patient>(), ID<Patient>())
            let bill = try await office.bill(one, ["OV20"])
            #expect(try await make(office, bill, of: one, due: 16_800) == .done(Done()))
            let split = try await office.bill(other, ["OV20"])
            _ = try await office.bill(other, ["CENT"])
            #expect(try await make(office, split, of: other, due: 16_800) == .done(Done()))
            let superuser = office.service.database.pool(office.service.database.superuser)
            try await superuser.run("UPDATE entry SET at = date_trunc('month', now() - interval '1 hour') - interval '10 days'")
            await superuser.close()
            guard case .done = try await office.bus.request(RunStatements(month: nil, key: .v7()), as: office.service.keys.operator())
            else { throw TryLater("not begun") }
            while try await StatementMaker(database: office.database, logger: Logger(label: "test")).round() {}
            let made = try await office.bus.ask(ReadStatements(patient: one), as: office.patient(one)).statements
            #expect(made.map(\.planned) == [16_800] && made.first?.closing.amount == 16_800)
            #expect(try await office.service.emitted(StatementMade.self).map(\.patient) == [other])
        }
    }
}
