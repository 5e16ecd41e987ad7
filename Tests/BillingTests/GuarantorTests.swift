import Access
import Contracts
import Faults
import Foundation
import Logging
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Billing

/// Who pays in a patient's place sees and pays what was issued to them, and nothing else.
@Suite(.serialized) struct GuarantorTests {
    private static var today: String { Date().formatted(Date.ISO8601FormatStyle().year().month().day()) }
    private static func day(_ days: Double) -> String {
        Date().addingTimeInterval(days * 86_400).formatted(Date.ISO8601FormatStyle().year().month().day())
    }

    private func command(
        _ child: ID<Patient>, _ relationship: GuarantorRelationship = .parent, person: ID<Patient>? = nil, name: String? = "Maria Alvarez",
        address: String? = nil, from: String = today
    ) -> SetGuarantor {
        SetGuarantor(
            patient: child, patientName: "Sofia Alvarez", guarantor: .init(), relationship: relationship, person: person, payerName: name,
            address: address, reason: .minor, from: from)
    }

    private func set(_ office: Office, _ command: SetGuarantor) async throws {
        #expect(try await office.bus.request(command, as: office.clerk) == .done(Done()))
    }

    @Test func aBillStaysWithWhomItWasIssuedTo() async throws {
        try await withOffice { office in
            let (child, mother, father) = (ID<Patient>(), ID<Patient>(), ID<Patient>())
            let own = try await office.bill(child, ["CENT"])
            try await set(office, command(child, person: mother))
            let hers = try await office.bill(child, ["OV20"])
            // From tomorrow on somebody else: today's bills are hers still.
            try await set(office, command(child, person: father, name: "Jorge Alvarez", from: Self.day(2)))
            let hersToo = try await office.bill(child, ["DRAW"])
            try await set(office, command(child, person: father, name: "Jorge Alvarez"))
            let his = try await office.bill(child, ["LIPID"])
            try await set(office, command(child, .patient, name: nil))
            let ownAgain = try await office.bill(child, ["CENT"])
            for (bill, person) in [(own, nil), (hers, mother), (hersToo, mother), (his, father), (ownAgain, nil)] {
                #expect(try await office.read(bill, of: child).summary.billedTo?.person == person)
            }
            let told = try await office.service.emitted(InvoiceIssued.self)
            #expect(told.map(\.payer) == [nil, mother, mother, father, nil] && told.allSatisfy { $0.patient == child })
            let theirs = try await office.bus.ask(ReadBills(patient: mother), as: office.patient(mother))
            #expect(Set(theirs.others?.map(\.invoice) ?? []) == [hers, hersToo] && theirs.invoices == [])
            // The child owes what is on its own bills alone.
            #expect(try await office.bus.ask(ReadBills(patient: child), as: office.clerk).due == [Money(2, "USD")])
            let said = try await office.bus.ask(ReadGuarantors(patient: child), as: office.clerk)
            #expect(said.total == 4 && said.current == nil && said.history.map(\.relationship) == [.patient, .parent, .parent, .parent])
        }
    }

    private func refusal(_ office: Office, _ command: SetGuarantor) async throws -> GuarantorRefusal? {
        guard case .refused(let why) = try await office.bus.request(command, as: office.clerk) else { return nil }
        return why
    }

    @Test func whatIsSaidWrongIsRefused() async throws {
        try await withOffice { (office) async throws in
            let (child, mother) = (ID<Patient>(), ID<Patient>())
            #expect(try await refusal(office, command(child, .patient, person: mother)) == .nobody)
            #expect(try await refusal(office, command(child, .patient)) == .nobody)
            #expect(try await refusal(office, command(child, name: nil)) == .nobody)
            #expect(try await refusal(office, command(child, person: child)) == .themselves)
            #expect(try await refusal(office, command(child)) == .invalidName)
            #expect(try await refusal(office, command(child, person: mother, name: "")) == .invalidName)
            for day in ["", "2099-02-30", "tomorrow", Self.day(-2)] {
                #expect(try await refusal(office, command(child, person: mother, from: day)) == .invalidDay, "\(day)")
            }
            let good = command(child, address: "12 Elm Street")
            #expect(try await refusal(office, good) == nil)
            await #expect(throws: BusError.notAllowed) { try await office.bus.request(command(child, person: mother), as: office.patient(child)) }
            await #expect(throws: BusError.notAllowed) { try await office.bus.request(command(child, person: mother), as: office.patient(mother)) }
        }
    }

    /// Only that bill: no other, and nothing that is the patient's to decide.
    @Test func whoPaysSeesAndPaysThatBillAlone() async throws {
        try await withOffice { office in
            let (child, mother) = (ID<Patient>(), ID<Patient>())
            let before = try await office.bill(child, ["LIPID"])
            try await set(office, command(child, person: mother))
            let bill = try await office.bill(child, ["OV20", "DRAW"])
            let her = try await office.patient(mother)
            guard case .done(let view) = try await office.bus.request(ReadInvoice(patient: child, invoice: bill), as: her) else {
                Issue.record("not shown")
                return
            }
            let office2 = try await office.read(bill, of: child)
            #expect(view.lines == office2.lines && view.summary == office2.summary && view.lines.count == 2)
            #expect(view.summary.billedTo?.patientName == "Sofia Alvarez")
            func refused<R: Request>(_ request: R) async throws -> Bool {
                do {
                    _ = try await office.bus.request(request, as: her)
                    return false
                } catch BusError.notAllowed { return true }
            }
            #expect(try await refused(ReadInvoice(patient: child, invoice: before)))
            #expect(try await refused(ReadBills(patient: child)))
            #expect(try await refused(ReadStatements(patient: child)))
            #expect(try await refused(DisputeLine(patient: child, charge: view.lines[0].charge.charge, dispute: .init(), reason: .notDone)))
            #expect(try await refused(StartPayment(patient: child, invoice: before, payment: .init(), amount: Money(100, "USD"))))
            // The guard is what keeps them out, and rows are kept apart behind it.
            let open = try await Fault.payersOpenAll.injected {
                try await office.bus.request(ReadInvoice(patient: child, invoice: before), as: her)
            }
            #expect(open == .refused(.notFound))
            let start = StartPayment(patient: child, invoice: bill, payment: .init(), amount: Money(18_599, "USD"))
            #expect(try await office.bus.request(start, as: her) == .done(Done()))
            #expect(try await office.bus.ask(FindBilledPatient(patient: mother, bill: start.payment.uuid), as: her).patient == child)
            #expect(try await office.bus.ask(FindBilledPatient(patient: mother, bill: before.uuid), as: her).patient == nil)
            #expect(try await office.bus.ask(ReadBills(patient: mother), as: her).others?.first?.pending == start.payment)
            guard case .done = try await office.bus.request(ReadPayment(patient: child, payment: start.payment), as: her) else {
                Issue.record("the payment is not shown")
                return
            }
            let outcome = CardOutcome(payment: start.payment, patient: child, invoice: bill, amount: 18_599)
            try await office.database.transaction { tx in try await outcome.capture(intent: "pi_1", in: tx) }
            #expect(try await office.due(bill, of: child) == 0)
            // Whoever acts for her sees what she pays only where they see all of hers.
            let stranger = try await office.patient(.init())
            await #expect(throws: BusError.notAllowed) { try await office.bus.request(ReadInvoice(patient: child, invoice: bill), as: stranger) }
            #expect(try await office.proof().problems == [])
        }
    }

    @Test func eachPayerGetsAStatementOfWhatTheyPay() async throws {
        try await withOffice { office in
            try await office.database.transaction { tx in _ = try await tx.run("INSERT INTO clinic (zone) VALUES ('UTC')") }
            let (child, mother) = (ID<Patient>(), ID<Patient>())
            _ = try await office.bill(child, ["LIPID"])
            try await set(office, command(child, person: mother))
            _ = try await office.bill(child, ["OV20"])
            // Said once more, it is the same payer: one statement.
            try await set(office, command(child, person: mother, name: "Maria E. Alvarez"))
            _ = try await office.bill(child, ["DRAW"])
            try await set(office, command(child, name: "Rosa Alvarez", address: "12 Elm Street"))
            _ = try await office.bill(child, ["CENT"])
            let superuser = office.service.database.pool(office.service.database.superuser)
            try await superuser.run("UPDATE entry SET at = date_trunc('month', now() - interval '1 hour') - interval '10 days'")
            await superuser.close()
            let run = try await office.bus.request(RunStatements(month: nil, key: .v7()), as: office.service.keys.operator())
            guard case .done = run else { throw TryLater("not begun") }
            while try await StatementMaker(database: office.database, logger: Logger(label: "test")).round() {}
            let hers = try await office.bus.ask(ReadStatements(patient: mother), as: office.patient(mother)).statements
            #expect(hers.map(\.closing.amount) == [16_800 + 1_799] && hers.first?.billedTo?.name == "Maria E. Alvarez")
            let all = try await office.bus.ask(ReadStatements(patient: child), as: office.clerk).statements
            #expect(all.map(\.closing.amount).sorted() == [1, 5_400, 18_599])
            let told = try await office.service.emitted(StatementMade.self)
            #expect(Set(told.map { "\($0.payer == mother) \($0.byPost ?? false)" }) == ["true false", "false false", "false true"])
            let first = try #require(hers.first)
            let query = ReadStatement(patient: child, statement: first.statement)
            guard case .done(let view) = try await office.bus.request(query, as: office.patient(mother)) else { throw TryLater("not shown") }
            #expect(view.lines.map(\.due).reduce(0, +) == 18_599 && view.total == 2)
        }
    }
}
