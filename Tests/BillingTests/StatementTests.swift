import Access
import Contracts
import Foundation
import Logging
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Billing

/// Month end: who gets a statement, of how much, and that it comes out the same whoever dies on the way.
@Suite(.serialized) struct StatementTests {
    /// Tells by whose clocks months go.
    private func setClocks(_ office: Office, _ zone: String = "America/Chicago") async throws {
        try await office.database.transaction { tx in
            _ = try await tx.run("INSERT INTO clinic (zone) VALUES (\(zone)) ON CONFLICT (alone) DO UPDATE SET zone = excluded.zone")
        }
    }

    private func run(_ office: Office, _ month: String? = nil) async throws -> Answer<RunStatements> {
        try await office.bus.request(RunStatements(month: month, key: .v7()), as: office.service.keys.operator())
    }

    private func maker(_ office: Office, _ batch: Int = 1_000) -> StatementMaker {
        StatementMaker(database: office.database, logger: Logger(label: "test"), batch: batch)
    }

    private func statements(_ office: Office, _ patient: ID<Patient>) async throws -> [StatementSummary] {
        try await office.bus.ask(ReadStatements(patient: patient), as: office.patient(patient)).statements
    }

    /// As if what was just done had been done in the middle of a month that long ago: the books' own guards are passed.
    private func age(_ office: Office, months: Int) async throws {
        let superuser = office.service.database.pool(office.service.database.superuser)
        try await superuser.run(
            """
            UPDATE entry SET at = date_trunc('month', now() - interval '1 hour') - make_interval(months => \(months)::int) + interval '14 days'
            WHERE at > now() - interval '1 day'
            """)
        await superuser.close()
    }

    /// On New Year's Eve at eight in New York the next year has begun in UTC, and not at the clinic.
    @Test func aBillIsNumberedByTheClinicsYear() async throws {
        try await withOffice { office in
            let patient = ID<Patient>()
            let bill = try await office.bill(patient, ["DRAW"])
            let superuser = office.service.database.pool(office.service.database.superuser)
            try await superuser.run("UPDATE invoice SET issued_at = '2027-01-01T01:00:00Z'")
            await superuser.close()
            for (zone, year) in [("UTC", "2027-"), ("America/New_York", "2026-"), ("Asia/Tokyo", "2027-")] {
                try await setClocks(office, zone)
                #expect(try await office.read(bill, of: patient).summary.number.hasPrefix(year), "\(zone)")
            }
        }
    }

    @Test func eachAccountThatOwesSomethingGetsOneStatementAMonth() async throws {
        try await withOffice { office in
            #expect(try await run(office) == .refused(.zoneUnknown))
            try await setClocks(office)
            let patients = (0..<7).map { _ in ID<Patient>() }
            for patient in patients { _ = try await office.bill(patient, ["OV20", "DRAW"]) }
            // One owes nothing: nobody gets a statement of $0.
            let settled = ID<Patient>()
            let paid = try await office.bill(settled, ["CENT"])
            let cash = TakeCash(patient: settled, invoice: paid, payment: .init(), amount: Money(1, "USD"))
            #expect(try await office.bus.request(cash, as: office.clerk) == .done(Done()))
            try await age(office, months: 1)
            for wrong in ["2026-13", "october", ""] { #expect(try await run(office, wrong) == .refused(.invalidMonth)) }
            #expect(try await run(office, "2099-01") == .refused(.notOver))
            guard case .done(let begun) = try await run(office) else { throw TryLater("not begun") }
            #expect(begun.made == 0 && begun.ended == nil)
            // Two accounts a transaction, and whoever does it dies in the middle: another goes on.
            let first = maker(office, 2)
            for _ in 0..<2 { #expect(try await first.round()) }
            let second = maker(office, 3)
            while try await second.round() {}
            guard case .done(let ended) = try await run(office, begun.month) else { throw TryLater("not told") }
            #expect(ended.made == patients.count && ended.ended != nil)
            for patient in patients {
                let statement = try #require(try await statements(office, patient).first)
                #expect(statement.closing == Money(18_599, "USD") && statement.month == begun.month)
                #expect(statement.opening + statement.charged == 18_599 && statement.paid == 0)
            }
            #expect(try await statements(office, settled) == [])
            #expect(Set(try await office.service.emitted(StatementMade.self).map(\.patient)) == Set(patients))
            // Once more it is the same run: nobody gets a second one.
            _ = try await run(office, begun.month)
            #expect(try await !second.round())
            let rows = try await office.database.transaction { tx in try await tx.first("SELECT count(*) FROM statement", as: Int.self) }
            #expect(rows == patients.count)
            #expect(try await office.proof().problems == [])
        }
    }

    @Test func everyLineIsTracedAndTheStatementIsTheSumOfItsLines() async throws {
        try await withOffice { office in
            try await setClocks(office)
            let patient = ID<Patient>()
            let older = try await office.bill(patient, ["LIPID"])
            try await age(office, months: 2)
            let newer = try await office.bill(patient, ["OV20", "DRAW"])
            let cash = TakeCash(patient: patient, invoice: older, payment: .init(), amount: Money(400, "USD"))
            let off = AdjustInvoice(
                patient: patient, invoice: newer, isWriteOff: false, amount: Money(800, "USD"), reason: .courtesy, key: .v7())
            #expect(try await office.bus.request(cash, as: office.clerk) == .done(Done()))
            #expect(try await office.bus.request(off, as: office.clerk) == .done(Done()))
            try await age(office, months: 1)
            guard case .done = try await run(office) else { throw TryLater("not begun") }
            while try await maker(office).round() {}
            // What is paid afterwards is not in it.
            let late = TakeCash(patient: patient, invoice: newer, payment: .init(), amount: Money(1_000, "USD"))
            #expect(try await office.bus.request(late, as: office.clerk) == .done(Done()))
            let statement = try #require(try await statements(office, patient).first)
            #expect(statement.closing.amount == 5_400 + 18_599 - 400 - 800)
            #expect(statement.paid == 400 && statement.adjusted == 800)
            let query = ReadStatement(patient: patient, statement: statement.statement)
            guard case .done(let view) = try await office.bus.request(query, as: office.patient(patient)) else { throw TryLater("not shown") }
            #expect(view.lines.map(\.invoice) == [older, newer, newer] && view.total == 3)
            #expect(view.lines.reduce(0) { $0 + $1.due } == statement.closing.amount)
            for line in view.lines {
                #expect(line.due == line.opening + line.charged - line.paid - line.adjusted)
                #expect(line.entries.reduce(0) { $0 + $1.amount } == -line.paid - line.adjusted)
            }
            #expect(view.lines.flatMap(\.entries).compactMap(\.payment) == [cash.payment])
            // Somebody else's is not there.
            let stranger = ID<Patient>()
            let theirs = ReadStatement(patient: stranger, statement: statement.statement)
            #expect(try await office.bus.request(theirs, as: office.patient(stranger)) == .refused(.notFound))
            await #expect(throws: BusError.notAllowed) { try await office.bus.request(query, as: office.patient(stranger)) }
        }
    }

    /// The month ends when the clinic's clocks say so, and a bill is due on a day of theirs.
    @Test(arguments: ["Pacific/Kiritimati", "Pacific/Pago_Pago"]) func daysAndMonthsGoByTheClinicsClocks(_ zone: String) async throws {
        try await withOffice { office in
            try await setClocks(office, zone)
            let patient = ID<Patient>()
            let invoice = try await office.bill(patient, ["OV20"])
            guard case .done(let run) = try await run(office) else { throw TryLater("not begun") }
            let expected = try await office.database.transaction { tx in
                try await tx.first(
                    """
                    SELECT ((now() AT TIME ZONE \(zone))::date + 30)::text,
                        to_char(date_trunc('month', (now() - interval '1 hour') AT TIME ZONE \(zone)) - interval '1 month', 'YYYY-MM'),
                        (date_trunc('month', (now() - interval '1 hour') AT TIME ZONE \(zone)) AT TIME ZONE \(zone) = until)
                    FROM statement_run
                    """, as: String.self, String.self, Bool.self)
            }
            #expect(try await office.read(invoice, of: patient).summary.dueOn == expected?.0)
            #expect(run.month == expected?.1 && expected?.2 == true)
        }
    }

    /// Nothing is given out as a statement while something in the books is wrong.
    @Test func whileTheBooksDoNotHoldThereAreNoStatements() async throws {
        try await withOffice { office in
            try await setClocks(office)
            let patient = ID<Patient>()
            _ = try await office.bill(patient, ["OV20"])
            try await age(office, months: 1)
            guard case .done = try await run(office) else { throw TryLater("not begun") }
            try await office.database.transaction { tx in _ = try await tx.run("INSERT INTO proof (id, holds) VALUES (\(UUID()), false)") }
            #expect(try await !maker(office).round())
            try await office.database.transaction { tx in _ = try await tx.run("INSERT INTO proof (id, holds) VALUES (\(UUID()), true)") }
            while try await maker(office).round() {}
            #expect(try await statements(office, patient).count == 1)
        }
    }

    @Test func aLineThatIsDisputedIsNotAskedForUntilItIsDecided() async throws {
        try await withOffice { office in
            try await setClocks(office)
            let patient = ID<Patient>()
            let me = try await office.patient(patient)
            let invoice = try await office.bill(patient, ["DRAW", "OV20"])
            let line = try #require(try await office.read(invoice, of: patient).lines.first { $0.charge.code == "DRAW" })
            func dispute(_ charge: ID<Charge>? = nil) -> DisputeLine {
                DisputeLine(patient: patient, charge: charge ?? line.charge.charge, dispute: .init(), reason: .wrongPrice)
            }
            #expect(try await office.bus.request(dispute(.init()), as: me) == .refused(.notFound))
            #expect(try await office.bus.request(dispute(), as: me) == .done(Done()))
            #expect(try await office.bus.request(dispute(), as: me) == .refused(.alreadyDisputed))
            let bill = try await office.read(invoice, of: patient)
            #expect(bill.summary.disputed == 1_799 && bill.summary.due == 18_599)
            #expect(bill.lines.first { $0.disputed != nil }?.charge.charge == line.charge.charge)
            #expect(try await office.bus.ask(ReadBillingWork(), as: office.clerk).disputedLines?.map(\.charge) == [line.charge.charge])
            try await age(office, months: 1)
            _ = try await run(office)
            while try await maker(office).round() {}
            #expect(try await statements(office, patient).first?.disputed == 1_799)
            // The rest is owed all the same: they are told. Of somebody who disputes everything nothing is asked.
            #expect(try await office.service.emitted(StatementMade.self).map(\.patient) == [patient])
            let settle = SettleLineDispute(patient: patient, charge: line.charge.charge, stands: true, key: .v7())
            #expect(try await office.bus.request(settle, as: office.clerk) == .done(Done()))
            let again = SettleLineDispute(patient: patient, charge: line.charge.charge, stands: true, key: .v7())
            #expect(try await office.bus.request(again, as: office.clerk) == .refused(.notFound))
            #expect(try await office.read(invoice, of: patient).summary.disputed == nil)
            // What is not owed any more cannot be wrong.
            let cash = TakeCash(patient: patient, invoice: invoice, payment: .init(), amount: Money(18_599, "USD"))
            #expect(try await office.bus.request(cash, as: office.clerk) == .done(Done()))
            #expect(try await office.bus.request(dispute(), as: me) == .refused(.nothingOwed))
        }
    }
}
