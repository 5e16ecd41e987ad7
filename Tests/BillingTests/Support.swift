import Access
import Contracts
import Crypto
import Foundation
import MessageBus
import Postgres
import TestSupport

@testable import Billing

let isLong = ProcessInfo.processInfo.environment["CHARTLINE_LONG"] == "1"

enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let migrations = root.appending(path: "Services/Billing/Migrations")
}

/// The billing office over a database of its own, with a list of fees.
struct Office: Sendable {
    static let hookSecret = "the processor's and ours"
    /// What each costs, by code.
    static let prices = ["OV20": 16_800, "LIPID": 5_400, "DRAW": 1_799, "CENT": 1]

    let service: ServiceUnderTest
    /// Good for five minutes.
    var clerk: ActorToken

    var database: ServiceUnderTest { service }
    var bus: InMemoryBus { service.bus }

    func patient(_ patient: ID<Patient>) async throws -> ActorToken { try await service.keys.patient(patient) }

    /// A visit of a patient that is over.
    func visit(of patient: ID<Patient>, appointment: ID<Appointment>? = nil) async throws -> ID<Resource> {
        let event = EncounterFinished(
            patient: patient, encounter: .init(), version: 2, appointment: appointment, start: Date().addingTimeInterval(-90_000),
            end: Date().addingTimeInterval(-88_200))
        try await service.hear(event, handler: "note-visit-on-encounter-finished")
        return event.encounter
    }

    func charge(_ patient: ID<Patient>, _ codes: [String]) async throws {
        let command = ChargeVisit(
            patient: patient, encounter: try await visit(of: patient), services: codes.map { ChargedService(code: $0, quantity: 1) }, key: .v7())
        guard case .done = try await bus.request(command, as: clerk) else { throw TryLater("not charged") }
    }

    /// A bill of these services.
    func bill(_ patient: ID<Patient>, _ codes: [String] = ["OV20", "LIPID", "DRAW"]) async throws -> ID<Invoice> {
        try await charge(patient, codes)
        let open = try await bus.ask(ReadBills(patient: patient), as: clerk).charges.map(\.charge)
        let command = IssueInvoice(patient: patient, invoice: .init(), charges: open)
        guard case .done = try await bus.request(command, as: clerk) else { throw TryLater("not issued") }
        return command.invoice
    }

    func read(_ invoice: ID<Invoice>, of patient: ID<Patient>) async throws -> InvoiceView {
        guard case .done(let view) = try await bus.request(ReadInvoice(patient: patient, invoice: invoice), as: clerk) else {
            throw TryLater("no such bill")
        }
        return view
    }

    func due(_ invoice: ID<Invoice>, of patient: ID<Patient>) async throws -> Int { try await read(invoice, of: patient).summary.due }

    func proof() async throws -> LedgerProof { try await bus.ask(ProveLedger(), as: clerk) }

    /// Everything the books hold: to see that a refusal changed nothing.
    func books() async throws -> [String] {
        try await database.transaction { tx in
            try await tx.all(
                """
                SELECT e.kind || ' ' || p.account || ' ' || p.amount || ' ' || p.currency FROM entry e JOIN posting p ON p.entry = e.id
                ORDER BY e.at, e.id, p.place
                """, as: String.self)
        }
    }
}

/// - Parameter limit: what one person alone may give back or take off.
func withOffice<R: Sendable>(limit: Int = .max, _ body: (Office) async throws -> R) async throws -> R {
    try await withService("billing", migrations: Repository.migrations) { registry, sealer in
        BillingService.answers(
            registry,
            Payments(hookSecret: SymmetricKey(data: Data(Office.hookSecret.utf8)), coverages: CoverageStore(sealer: sealer)),
            Corrections(limit: limit))
    } _: { service in
        let fees = Office.prices.map { code, price in
            Fee(code: code, name: ["en": code, "es": code], price: Money(price, "USD"), visit: code == "OV20" ? "office-visit" : nil)
        }
        _ = try await service.bus.request(LoadFees(fees: fees, key: .v7()), as: service.keys.operator())
        return try await body(Office(service: service, clerk: try await service.keys.staff(.billingOffice)))
    }
}
