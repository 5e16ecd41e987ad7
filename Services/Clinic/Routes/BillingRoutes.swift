import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// The billing office: charges, bills, payments at the desk, and what is given back or taken off.
struct BillingRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        GuarantorRoutes(parts: parts).add(to: &routes)
        CoverageRoutes(parts: parts).add(to: &routes)
        routes.get("/billing", parts.staff(where: \.isBilling, showWork))
        routes.get(
            "/patients/:id/charges/:encounter",
            parts.staff(where: \.isBilling) { _, context, staff in
                chargesPage(try await chargesView(context, staff), in: staff.frame(at: .billing)).response()
            })
        routes.post("/patients/:id/charges/:encounter", parts.staff(where: \.isBilling, charge))
        routes.get(
            "/patients/:id/bills",
            parts.staff(where: \.seesBills) { _, context, staff in
                patientBillsPage(try await billsView(context, staff), in: staff.frame(at: .billing)).response()
            })
        routes.post("/patients/:id/bills", parts.staff(where: \.isBilling, issue))
        routes.get(
            "/patients/:id/bills/:invoice",
            parts.staff(where: \.seesBills) { request, context, staff in
                var view = try await billView(context, staff)
                view.isDone = request.uri.queryParameters["done"] != nil
                return patientBillPage(view, in: staff.frame(at: .billing)).response()
            })
        routes.post("/patients/:id/bills/:invoice/cash", parts.staff(where: \.seesBills, takeCash))
        routes.post("/patients/:id/bills/:invoice/adjust", parts.staff(where: \.isBilling, adjust))
        routes.post("/patients/:id/bills/:invoice/reverse", parts.staff(where: \.isBilling, reverse))
        routes.post("/patients/:id/bills/:invoice/refund", parts.staff(where: \.isBilling, refund))
        routes.post("/patients/:id/bills/:invoice/void", parts.staff(where: \.isBilling, void))
        routes.post("/patients/:id/bills/:invoice/decide", parts.staff(where: \.isBilling, decide))
        routes.post("/patients/:id/bills/:invoice/settle", parts.staff(where: \.isBilling, settle))
        routes.post("/patients/:id/bills/:invoice/plan", parts.staff(where: \.isBilling, makePlan))
        routes.post("/patients/:id/bills/:invoice/plan/end", parts.staff(where: \.isBilling, endPlan))
        routes.post("/patients/:id/bills/void", parts.staff(where: \.isBilling, voidUnbilled))
    }

    @Sendable private func showWork(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        async let inbox = Available<Inbox> { () async throws(BusError) in try await parts.bus.ask(ReadInbox(), as: staff.person.token) }
        let work = try await parts.bus.ask(ReadBillingWork(), as: staff.person.token)
        let messages = try await inbox
        let ids = Set(work.missing.map(\.patient) + work.unbilled.map(\.patient) + work.unpaid.map(\.patient))
            .union((work.failed + work.disputes).map(\.patient)).union((work.approvals ?? []).map(\.patient))
            .union((work.disputedLines ?? []).map(\.patient)).union((work.latePlans ?? []).map(\.patient))
            .union((work.coverages ?? []).map(\.patient))
            .union(messages.value?.threads.map(\.patient) ?? [])
        // Names come from the record; while it is away the work is shown without them. At most 50 are asked for at once.
        var patients: [ID<Patient>: PatientSummary] = [:]
        var rest = ids.sorted()[...]
        while !rest.isEmpty {
            let known = try? await parts.bus.ask(ReadPatientSummaries(patients: Array(rest.prefix(50))), as: staff.person.token).patients
            guard let known else { break }
            for patient in known { patients[patient.id] = patient }
            rest = rest.dropFirst(50)
        }
        return billingPage(BillingView(
            work: work, messages: messages, patients: patients, names: parts.facts.names(), now: staff.now), in: staff.frame(at: .billing)).response()
    }

    // MARK: Charges

    private func chargesView(_ context: GatewayContext, _ staff: Staff) async throws -> ChargesView {
        let id = try context.id("id", of: Patient.self)
        async let patient = staff.readPatient(id)
        let fees = try await parts.bus.ask(ReadFees(), as: staff.person.token).fees
        return ChargesView(
            patient: try await patient, encounter: try context.id("encounter", of: Resource.self), fees: fees, now: staff.now)
    }

    @Sendable private func charge(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let form = context.web.form
        let services = form.all.filter { $0.name.hasPrefix("of-") && !$0.value.isEmpty }.map {
            ChargedService(code: String($0.name.dropFirst(3)), quantity: Int($0.value) ?? 0)
        }
        let nothing = form.trimmed("nothing")
        let command = ChargeVisit(
            patient: try context.id("id", of: Patient.self), encounter: try context.id("encounter", of: Resource.self), services: services,
            nothing: nothing.isEmpty ? nil : nothing, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther(services.isEmpty ? "/billing" : "/patients/\(command.patient)/bills")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            var view = try await chargesView(context, staff)
            (view.refusal, view.typed) = (refusal, form)
            return chargesPage(view, in: staff.frame(at: .billing)).response(.unprocessableContent)
        }
    }

    // MARK: Bills

    private func billsView(_ context: GatewayContext, _ staff: Staff) async throws -> PatientBillsView {
        let id = try context.id("id", of: Patient.self)
        async let patient = staff.readPatient(id)
        let bills = try await parts.bus.ask(ReadBills(patient: id), as: staff.person.token)
        return PatientBillsView(patient: try await patient, bills: bills, mayIssue: staff.isBilling, now: staff.now)
    }

    @Sendable private func issue(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let patient = try context.id("id", of: Patient.self)
        let invoice = ID<Invoice>(try parts.submission(context))
        let command = IssueInvoice(patient: patient, invoice: invoice, charges: context.web.form.all("charge").compactMap { ID<Charge>($0) })
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(patient)/bills/\(invoice)?done=1")
        case .refused(let refusal):
            var view = try await billsView(context, staff)
            view.refusal = refusal
            return patientBillsPage(view, in: staff.frame(at: .billing)).response(.unprocessableContent)
        }
    }

    private func billView(_ context: GatewayContext, _ staff: Staff) async throws -> PatientBillView {
        let id = try context.id("id", of: Patient.self)
        async let patient = staff.readPatient(id)
        let query = ReadInvoice(patient: id, invoice: try context.id("invoice", of: Invoice.self))
        guard case .done(let bill) = try await parts.bus.request(query, as: staff.person.token) else { throw HTTPError(.notFound) }
        return PatientBillView(patient: try await patient, bill: bill, mayAdjust: staff.isBilling, now: staff.now)
    }

    private func answer(_ view: PatientBillView, _ staff: Staff, _ refusal: PatientBillView.Refusal?) -> Response {
        guard let refusal else { return .seeOther("\(view.path)?done=1") }
        var view = view
        view.refusal = refusal
        return patientBillPage(view, in: staff.frame(at: .billing)).response(.unprocessableContent)
    }

    /// What was typed as an amount of the bill's currency; what is none is refused by the service as nothing.
    private func amount(_ name: String, _ context: GatewayContext, _ view: PatientBillView) -> Money {
        Money(typed: context.web.form.trimmed(name), currency: view.bill.summary.total.currency) ?? view.money(0)
    }

    @Sendable private func takeCash(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        var view = try await billView(context, staff)
        view.typed = (.cash, context.web.form)
        let command = TakeCash(
            patient: view.patient.id, invoice: view.bill.summary.invoice, payment: ID(try parts.submission(context)),
            amount: amount("cash", context, view))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return answer(view, staff, nil)
        case .refused(let refusal): return answer(view, staff, .payment(refusal))
        }
    }

    @Sendable private func adjust(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        var view = try await billView(context, staff)
        view.typed = (.adjust, context.web.form)
        guard let reason = context.web.form["reason"].flatMap({ AdjustmentReason(rawValue: $0) }) else { throw HTTPError(.badRequest) }
        let command = AdjustInvoice(
            patient: view.patient.id, invoice: view.bill.summary.invoice, isWriteOff: context.web.form["kind"] == "write-off",
            amount: amount("off", context, view), reason: reason, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return answer(view, staff, nil)
        case .refused(let refusal): return answer(view, staff, .payment(refusal))
        }
    }

    @Sendable private func reverse(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let view = try await billView(context, staff)
        guard let entry = context.web.form["entry"].flatMap({ ID<LedgerEntry>($0) }) else { throw HTTPError(.badRequest) }
        let command = ReverseAdjustment(patient: view.patient.id, entry: entry, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return answer(view, staff, nil)
        case .refused(let refusal): return answer(view, staff, .reversal(refusal))
        }
    }

    @Sendable private func refund(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        var view = try await billView(context, staff)
        let form = context.web.form
        guard let payment = form["payment"].flatMap({ ID<Payment>($0) }),
            let reason = form["reason-\(payment)"].flatMap({ AdjustmentReason(rawValue: $0) })
        else { throw HTTPError(.badRequest) }
        view.typed = (.refund(payment), form)
        let command = RefundPayment(
            patient: view.patient.id, payment: payment, refund: ID(try parts.submission(context)), amount: amount("amount-\(payment)", context, view),
            reason: reason, takesOff: form["off"] != nil)
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return answer(view, staff, nil)
        case .refused(let refusal): return answer(view, staff, .refund(refusal))
        }
    }

    // MARK: What was wrong

    /// One line, or all of the bill.
    @Sendable private func void(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        var view = try await billView(context, staff)
        view.typed = (.void, context.web.form)
        let form = context.web.form
        guard let reason = form["why"].flatMap({ AdjustmentReason(rawValue: $0) }), let what = form["what"] else { throw HTTPError(.badRequest) }
        let key = try parts.submission(context)
        let refusal: VoidRefusal?
        if what == "all" {
            let command = CancelInvoice(patient: view.patient.id, invoice: view.bill.summary.invoice, reason: reason, key: key)
            refusal = try await parts.bus.request(command, as: staff.person.token).refusal
        } else {
            guard let charge = ID<Charge>(what) else { throw HTTPError(.badRequest) }
            let command = VoidCharge(patient: view.patient.id, charge: charge, reason: reason, key: key)
            refusal = try await parts.bus.request(command, as: staff.person.token).refusal
        }
        return answer(view, staff, refusal.map { .void($0) })
    }

    /// A charge that is on no bill yet.
    @Sendable private func voidUnbilled(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let (patient, form) = (try context.id("id", of: Patient.self), context.web.form)
        guard let reason = form["why"].flatMap({ AdjustmentReason(rawValue: $0) }), let charge = form["what"].flatMap({ ID<Charge>($0) })
        else { throw HTTPError(.badRequest) }
        let command = VoidCharge(patient: patient, charge: charge, reason: reason, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .refused(.notFound): throw HTTPError(.notFound)
        // What was void already is gone from the list; what has come onto a bill meanwhile is to be seen there.
        case .done, .refused: return .seeOther("/patients/\(patient)/bills")
        }
    }

    @Sendable private func decide(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let view = try await billView(context, staff)
        guard let approval = context.web.form["approval"].flatMap({ ID<Approval>($0) }) else { throw HTTPError(.badRequest) }
        let command = DecideApproval(
            patient: view.patient.id, approval: approval, approves: context.web.form["answer"] == "yes", key: try parts.submission(context))
        return answer(view, staff, try await parts.bus.request(command, as: staff.person.token).refusal.map { .approval($0) })
    }

    // MARK: In instalments

    @Sendable private func makePlan(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        var view = try await billView(context, staff)
        view.typed = (.plan, context.web.form)
        let form = context.web.form
        let first = form.trimmed("first")
        let command = MakePlan(
            patient: view.patient.id, invoice: view.bill.summary.invoice, plan: ID(try parts.submission(context)),
            count: form.number("count") ?? 0, first: Day(typed: first)?.iso ?? first, due: form.number("due") ?? 0)
        return answer(view, staff, try await parts.bus.request(command, as: staff.person.token).refusal.map { .plan($0) })
    }

    @Sendable private func endPlan(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let view = try await billView(context, staff)
        guard let plan = context.web.form["plan"].flatMap({ ID<PaymentPlan>($0) }) else { throw HTTPError(.badRequest) }
        let command = CancelPlan(
            patient: view.patient.id, invoice: view.bill.summary.invoice, plan: plan, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        // One that is over already the page shows as it is.
        case .done, .refused(.notFound): return .seeOther("\(view.path)?done=1")
        }
    }

    @Sendable private func settle(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let view = try await billView(context, staff)
        guard let charge = context.web.form["charge"].flatMap({ ID<Charge>($0) }) else { throw HTTPError(.badRequest) }
        let command = SettleLineDispute(
            patient: view.patient.id, charge: charge, stands: context.web.form["answer"] == "stands", key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return answer(view, staff, nil)
        case .refused(.notFound): throw HTTPError(.notFound)
        }
    }
}

extension Answer {
    fileprivate var refusal: R.Refusal? {
        guard case .refused(let refusal) = self else { return nil }
        return refusal
    }
}
