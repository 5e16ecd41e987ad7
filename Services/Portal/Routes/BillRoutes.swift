import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// What a patient owes, and how they pay. Card numbers are typed at the processor's page and never come here.
struct BillRoutes {
    /// How long a page waits for the processor, in steps of 150 ms: long enough for one that is well.
    private static let patience = 8
    private static let step = Duration.milliseconds(150)

    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/bills",
            parts.visitor { _, _, visitor in
                async let known = Available(visitor.readPatient)
                async let written = parts.bus.ask(ReadStatements(patient: visitor.patient), as: visitor.token)
                let bills = try await parts.bus.ask(ReadBills(patient: visitor.patient), as: visitor.token)
                let frame = visitor.frame(at: .bills, try await known.value, asOf: bills.asOf)
                return billsPage(BillsView(bills: bills, statements: try await written, now: visitor.now), in: frame).response()
            })
        routes.get(
            "/bills/:invoice",
            parts.visitor { _, context, visitor in
                let (view, frame) = try await bill(context, visitor)
                return billPage(view, in: frame).response()
            })
        routes.file("/bills/:invoice/pdf", parts.visitor(printBill))
        routes.post("/bills/:invoice/pay", parts.visitor(pay))
        routes.post("/bills/:invoice/dispute", parts.visitor(dispute))
        routes.get(
            "/bills/:invoice/plan",
            parts.visitor { _, context, visitor in
                let (view, frame) = try await bill(context, visitor)
                guard view.maySplit else { return .seeOther("/bills/\(view.bill.summary.invoice)") }
                return planPage(plan(view), in: frame).response()
            })
        routes.post("/bills/:invoice/plan", parts.visitor(makePlan))
        routes.post("/bills/:invoice/plan/cancel", parts.visitor(cancelPlan))
        routes.get(
            "/bills/statements/:statement",
            parts.visitor { _, context, visitor in
                let (view, frame) = try await statement(context, visitor)
                return statementPage(view, in: frame).response()
            })
        routes.file("/bills/statements/:statement/pdf", parts.visitor(printStatement))
        routes.get("/bills/payments/:payment", parts.visitor(showPayment))
        routes.post("/bills/payments/:payment/cancel", parts.visitor(cancel))
    }

    /// What is the record's own, or what its owner pays for somebody else. - Parameter bill: the bill, payment or statement.
    private func read<Q: Query>(_ bill: UUID, _ visitor: Visitor, _ query: (ID<Patient>) -> Q) async throws -> Q.Reply
    where Q.Refusal == InvoiceRefusal {
        if case .done(let reply) = try await parts.bus.request(query(visitor.patient), as: visitor.token) { return reply }
        guard let patient = try await parts.bus.ask(FindBilledPatient(patient: visitor.patient, bill: bill), as: visitor.token).patient,
            case .done(let reply) = try await parts.bus.request(query(patient), as: visitor.token)
        else { throw HTTPError(.notFound) }
        return reply
    }

    private func bill(_ context: GatewayContext, _ visitor: Visitor) async throws -> (view: BillView, frame: Frame) {
        let invoice = try context.id("invoice", of: Invoice.self)
        async let known = Available(visitor.readPatient)
        let bill = try await read(invoice.uuid, visitor) { ReadInvoice(patient: $0, invoice: invoice) }
        let view = BillView(
            bill: bill, isOthers: bill.summary.patient != visitor.patient, offersPDF: parts.printer.isAvailable, now: visitor.now)
        return (view, visitor.frame(at: .bills, try await known.value, asOf: bill.asOf))
    }

    @Sendable private func printBill(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let (view, frame) = try await bill(context, visitor)
        // While the books do not hold, nothing is given out as a statement.
        guard view.isStatement else { throw HTTPError(.serviceUnavailable) }
        let page = billPage(view, in: parts.onPaper(frame)).markup
        return await parts.printer.file(
            "bill-\(view.bill.summary.number).pdf", of: page, orElse: "/bills/\(view.bill.summary.invoice)", in: frame)
    }

    @Sendable private func pay(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let form = context.web.form
        let payment = ID<Payment>(try parts.submission(context))
        let (shown, frame) = try await bill(context, visitor)
        var view = shown
        view.chosen = form["amount"] ?? ""
        let amount: Money?
        switch form["amount"] {
        case "instalment": amount = form.number("instalment").map { shown.money($0) }
        case "part":
            view.typed = form.trimmed("part")
            amount = Money(typed: view.typed, currency: view.currency)
        // What they were shown, not what has become of it since.
        case "all": amount = form.number("due").map { shown.money($0) }
        // Nothing is paid that nobody chose.
        default: amount = nil
        }
        guard let amount else {
            view.refusal = .invalidAmount
            return billPage(view, in: frame).response(.unprocessableContent)
        }
        let command = StartPayment(patient: view.bill.summary.patient, invoice: view.bill.summary.invoice, payment: payment, amount: amount)
        switch try await parts.bus.request(command, as: visitor.token) {
        case .done: return .seeOther("/bills/payments/\(payment)?go=1")
        case .refused(.underWay(let other)): return .seeOther("/bills/payments/\(other)")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            view.refusal = refusal
            return billPage(view, in: frame).response(.unprocessableContent)
        }
    }

    /// Somebody says that a line is wrong: the office looks, and nobody is reminded of it meanwhile.
    @Sendable private func dispute(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let invoice = try context.id("invoice", of: Invoice.self)
        guard let charge = context.web.form["charge"].flatMap({ ID<Charge>($0) }),
            let reason = context.web.form["reason"].flatMap({ DisputeReason(rawValue: $0) })
        else { throw HTTPError(.badRequest) }
        let command = DisputeLine(patient: visitor.patient, charge: charge, dispute: ID(try parts.submission(context)), reason: reason)
        switch try await parts.bus.request(command, as: visitor.token) {
        case .refused(.notFound): throw HTTPError(.notFound)
        // What was said already, or is not owed any more, the page shows.
        case .done, .refused: return .seeOther("/bills/\(invoice)#line-\(charge)")
        }
    }

    // MARK: In instalments

    /// First due on the day the bill is, or today.
    private func plan(_ bill: BillView) -> PlanPageView {
        PlanPageView(bill: bill, counts: Array(2...6), count: 3, first: max(bill.bill.summary.dueOn, bill.now.day.iso))
    }

    @Sendable private func makePlan(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let form = context.web.form
        let (shown, frame) = try await bill(context, visitor)
        var view = plan(shown)
        (view.count, view.first) = (form.number("count") ?? 0, form.trimmed("first"))
        let invoice = shown.bill.summary
        let command = MakePlan(
            patient: invoice.patient, invoice: invoice.invoice, plan: ID(try parts.submission(context)), count: view.count,
            first: Day(typed: view.first)?.iso ?? view.first, due: form.number("due") ?? 0)
        switch try await parts.bus.request(command, as: visitor.token) {
        case .done: return .seeOther("/bills/\(invoice.invoice)#plan")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            view.refusal = refusal
            return planPage(view, in: frame).response(.unprocessableContent)
        }
    }

    @Sendable private func cancelPlan(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let (view, _) = try await bill(context, visitor)
        guard let plan = context.web.form["plan"].flatMap({ ID<PaymentPlan>($0) }) else { throw HTTPError(.badRequest) }
        let invoice = view.bill.summary
        let command = CancelPlan(patient: invoice.patient, invoice: invoice.invoice, plan: plan, key: try parts.submission(context))
        // One that is over already the page shows as it is.
        _ = try await parts.bus.request(command, as: visitor.token)
        return .seeOther("/bills/\(invoice.invoice)#plan")
    }

    private func statement(_ context: GatewayContext, _ visitor: Visitor) async throws -> (view: AccountStatementView, frame: Frame) {
        let id = try context.id("statement", of: AccountStatement.self)
        async let known = Available(visitor.readPatient)
        let statement = try await read(id.uuid, visitor) { ReadStatement(patient: $0, statement: id) }
        let view = AccountStatementView(
            statement: statement, isOthers: statement.summary.patient != visitor.patient, offersPDF: parts.printer.isAvailable, now: visitor.now)
        return (view, visitor.frame(at: .bills, try await known.value, asOf: statement.asOf))
    }

    @Sendable private func printStatement(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let (view, frame) = try await statement(context, visitor)
        guard view.isStatement else { throw HTTPError(.serviceUnavailable) }
        let (page, summary) = (statementPage(view, in: parts.onPaper(frame)).markup, view.statement.summary)
        return await parts.printer.file(
            "statement-\(summary.month).pdf", of: page, orElse: "/bills/statements/\(summary.statement)", in: frame)
    }

    private func read(_ payment: ID<Payment>, _ visitor: Visitor) async throws -> PaymentView {
        try await read(payment.uuid, visitor) { ReadPayment(patient: $0, payment: payment) }
    }

    /// On the way to the processor's page it waits until that is there, on the way back until it is known how it went: moments, both. A redirect
    /// would be one of a form to elsewhere, which no browser follows here; so the page itself leads on.
    @Sendable private func showPayment(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let payment = try context.id("payment", of: Payment.self)
        let query = request.uri.queryParameters
        let (goes, comes) = (query["go"] != nil, query["done"] != nil)
        async let known = Available(visitor.readPatient)
        var view = try await read(payment, visitor)
        for _ in 0..<Self.patience where goes && view.line.state == "created" || comes && view.line.isUnderWay {
            try await Task.sleep(for: Self.step)
            view = try await read(payment, visitor)
        }
        let frame = visitor.frame(at: .bills, try await known.value, asOf: view.asOf)
        let response = paymentPage(view, now: visitor.now, in: frame).response()
        if goes, let page = view.page, page.hasPrefix("https://") || page.hasPrefix("http://localhost:") {
            return response.leadingOn(to: page, after: 0)
        }
        return goes && view.line.state == "created" ? response.leadingOn(to: "/bills/payments/\(payment)?go=1", after: 1) : response
    }

    @Sendable private func cancel(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let payment = try context.id("payment", of: Payment.self)
        let patient = try await read(payment, visitor).line.patient
        let command = CancelPayment(patient: patient, payment: payment, key: try parts.submission(context))
        // Where there is nothing to cancel any more, its page says how it went.
        _ = try await parts.bus.request(command, as: visitor.token)
        return .seeOther("/bills/payments/\(payment)?done=1")
    }
}

extension PaymentLine {
    fileprivate var isUnderWay: Bool { state == "created" || state == "requires-action" || state == "processing" }
}
