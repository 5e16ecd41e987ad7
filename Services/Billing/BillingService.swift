internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import ServiceHost

/// Charges visits, writes bills, takes payments, and keeps the books of it.
@main enum BillingService {
    static let migrations = Bundle.module.bundleURL.appending(path: "Migrations")

    static func main() async throws {
        try await ServiceHost.run("billing", migrations: migrations) { service in
            service.workBesideDatabase()
            let cards = CardSettings(service.settings)
            let capture = ChargeCapture(database: service, bus: service.bus)
            let proof = NightlyProof(database: service, logger: service.logger)
            let limit = service.settings.int(
                "billing.approval.above", "what is given back or taken off above this, in the currency's smallest unit, a second person decides",
                default: 50_000)
            let statements = StatementMaker(database: service, logger: service.logger)
            let coverages = CoverageStore(sealer: service.sealer)
            let payments = Payments(hookSecret: cards?.hookSecret, coverages: coverages, plans: PlanLimits(service.settings))
            answers(service.registry, payments, Corrections(limit: limit))
            service.work("learn-zone") { try await learnZone(of: service) }
            service.work("make-statements") { try await statements.run() }
            let reminder = PlanReminder(database: service)
            service.work("remind-of-instalments") { try await reminder.run() }
            service.work("capture-charges") { try await capture.run() }
            service.work("prove-books") { try await proof.run() }
            guard let cards else { return }
            let teller = CardTeller(database: service, processor: CardProcessor(cards), logger: service.logger)
            service.work("tell-processor") { try await teller.run() }
        }
    }

    static func answers(_ service: Registry, _ payments: Payments, _ corrections: Corrections) {
        service.answer(LoadFees.self, to: .operators, with: loadFees)
        service.answer(ReadFees.self, to: .work, with: readFees)
        service.answer(ChargeVisit.self, to: .office, with: chargeVisit)
        service.answer(IssueInvoice.self, to: .office, with: issueInvoice, refusing: refusalOfInvoice)
        service.answer(ReadBills.self, to: .bills, with: readBills)
        service.answer(ReadBillingWork.self, to: .work, with: readBillingWork)
        service.answer(ProveLedger.self, to: .books, with: proveLedger)
        service.answer(RunStatements.self, to: .operators, with: runStatements)
        service.answer(ReadStatements.self, to: .bills, with: readStatements)
        service.answer(ReadStatement.self, to: .bills, with: readStatement)
        service.answer(DisputeLine.self, to: .paying, with: disputeLine, refusing: refusalOfDispute)
        service.answer(SettleLineDispute.self, to: .office, with: settleLineDispute)
        payments.answerPayments(service)
        payments.plans.answerPlans(service)
        payments.coverages.answerCoverages(service)
        corrections.answerCorrections(service)
        answerGuarantors(service)
        service.on(EncounterFinished.self, "note-visit-on-encounter-finished", do: noteVisitOnEncounterFinished)
    }
}
