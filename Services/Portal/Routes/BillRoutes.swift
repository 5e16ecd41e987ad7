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
            "/bills/statements/:statement",
            parts.visitor { _, context, visitor in
                let (view, frame) = try await statement(context, visitor)
                return statementPage(view, in: frame).response()
            })
        routes.file("/bills/statements/:statement/pdf", parts.visitor(printStatement))
        routes.get("/bills/payments/:payment", parts.visitor(showPayment))
        routes.post("/bills/payments/:payment/cancel", parts.visitor(cancel))
    }

    private func bill(_ context: GatewayContext, _ visitor: Visitor) async throws -> (view: BillView, frame: Frame) {
        let query = ReadInvoice(patient: visitor.patient, invoice: try context.id("invoice", of: Invoice.self))
        async let known = Available(visitor.readPatient)
        switch try await parts.bus.request(query, as: visitor.token) {
        case .refused(.notFound): throw HTTPError(.notFound)
        case .done(let bill):
            let view = BillView(bill: bill, offersPDF: parts.printer.isAvailable, now: visitor.now)
            return (view, visitor.frame(at: .bills, try await known.value, asOf: bill.asOf))
        }
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
        let amount: Money?
        if form["amount"] == "part" {
            view.typed = form.trimmed("part")
            amount = Money(typed: view.typed, currency: view.currency)
        } else {
            // What they were shown, not what has become of it since.
            amount = form.number("due").map { view.money($0) }
        }
        guard let amount else {
            view.refusal = .invalidAmount
            return billPage(view, in: frame).response(.unprocessableContent)
        }
        let command = StartPayment(patient: visitor.patient, invoice: view.bill.summary.invoice, payment: payment, amount: amount)
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

    private func statement(_ context: GatewayContext, _ visitor: Visitor) async throws -> (view: AccountStatementView, frame: Frame) {
        let query = ReadStatement(patient: visitor.patient, statement: try context.id("statement", of: AccountStatement.self))
        async let known = Available(visitor.readPatient)
        switch try await parts.bus.request(query, as: visitor.token) {
        case .refused(.notFound): throw HTTPError(.notFound)
        case .done(let statement):
            let view = AccountStatementView(statement: statement, offersPDF: parts.printer.isAvailable, now: visitor.now)
            return (view, visitor.frame(at: .bills, try await known.value, asOf: statement.asOf))
        }
    }

    @Sendable private func printStatement(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let (view, frame) = try await statement(context, visitor)
        guard view.isStatement else { throw HTTPError(.serviceUnavailable) }
        let (page, summary) = (statementPage(view, in: parts.onPaper(frame)).markup, view.statement.summary)
        return await parts.printer.file(
            "statement-\(summary.month).pdf", of: page, orElse: "/bills/statements/\(summary.statement)", in: frame)
    }

    private func read(_ payment: ID<Payment>, _ visitor: Visitor) async throws -> PaymentView {
        switch try await parts.bus.request(ReadPayment(patient: visitor.patient, payment: payment), as: visitor.token) {
        case .done(let view): return view
        case .refused(.notFound): throw HTTPError(.notFound)
        }
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
        let command = CancelPayment(patient: visitor.patient, payment: payment, key: try parts.submission(context))
        // Where there is nothing to cancel any more, its page says how it went.
        _ = try await parts.bus.request(command, as: visitor.token)
        return .seeOther("/bills/payments/\(payment)?done=1")
    }
}

extension PaymentLine {
    fileprivate var isUnderWay: Bool { state == "created" || state == "requires-action" || state == "processing" }
}
