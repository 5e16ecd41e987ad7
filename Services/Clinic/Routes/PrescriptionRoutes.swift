import Access
import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Prescribing, and answering renewals.
struct PrescriptionRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/patients/:id/prescriptions/new", parts.chart(showNew))
        routes.post("/patients/:id/prescriptions", parts.chart(prescribe))
        routes.get("/patients/:id/prescriptions/:prescription", parts.chart(show))
        routes.file("/patients/:id/prescriptions/:prescription/pdf", parts.chart(sendPDF))
        routes.post("/patients/:id/prescriptions/:prescription", parts.chart(change))
        routes.get("/worklist", parts.staff(showWorklist))
        routes.post("/worklist/renewals/:request", parts.staff(decide))
    }

    @Sendable private func showNew(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let chart = try await staff.readChart(try context.id("id", of: Patient.self))
        guard staff.person.role == .clinician else { throw HTTPError(.notFound) }
        let encounter = request.uri.queryParameters["encounter"].flatMap { ID<Resource>(String($0)) }
        let view = PrescribeView(chart: chart, form: PrescriptionForm(), encounter: encounter, now: staff.now)
        return prescribePage(view, in: staff.frame(at: .patients)).response()
    }

    @Sendable private func prescribe(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let patient = try context.id("id", of: Patient.self)
        let form = PrescriptionForm(typed: context.web.form)
        let encounter = ID<Resource>(context.web.form.trimmed("encounter"))
        let command = form.command(for: patient, in: encounter, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(patient)/prescriptions/\(command.prescription)")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            let view = PrescribeView(
                chart: try await staff.readChart(patient), form: form, encounter: encounter, refusal: refusal, now: staff.now)
            return prescribePage(view, in: staff.frame(at: .patients)).response(.unprocessableContent)
        }
    }

    private func view(_ context: GatewayContext, _ staff: Staff) async throws -> PrescriptionView {
        let patient = try context.id("id", of: Patient.self)
        let prescription = try context.id("prescription", of: Resource.self)
        guard case .done(let all) = try await parts.bus.request(ReadMedicines(patient: patient), as: staff.person.token),
            let medicine = all.medicines.first(where: { $0.line.id == prescription })
        else { throw HTTPError(.notFound) }
        return PrescriptionView(
            chart: try await staff.readChart(patient), medicine: medicine, offersPDF: parts.printer.isAvailable, names: parts.facts.names(),
            now: staff.now)
    }

    @Sendable private func show(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        prescriptionPage(try await view(context, staff), in: staff.frame(at: .patients)).response()
    }

    @Sendable private func sendPDF(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let (view, frame) = (try await view(context, staff), staff.frame(at: .patients))
        let path = "/patients/\(view.chart.patient.id)/prescriptions/\(view.medicine.line.id)"
        return await parts.printer.file("prescription.pdf", of: prescriptionPage(view, in: parts.onPaper(frame)).markup, orElse: path, in: frame)
    }

    @Sendable private func change(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let form = context.web.form
        guard let version = form.number("version") else { throw HTTPError(.badRequest) }
        let command = ChangePrescription(
            patient: try context.id("id", of: Patient.self), prescription: try context.id("prescription", of: Resource.self), version: version,
            status: form.trimmed("status"), reason: form.trimmed("reason"), key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(command.patient)/prescriptions/\(command.prescription)")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            var view = try await view(context, staff)
            view.refusal = refusal
            view.typed = (command.status, command.reason)
            let status: HTTPResponse.Status = if case .invalid = refusal { .unprocessableContent } else { .conflict }
            return prescriptionPage(view, in: staff.frame(at: .patients)).response(status)
        }
    }

    private func worklist(_ staff: Staff, at pages: WorklistPages) async throws -> WorklistView {
        guard staff.person.role == .clinician || staff.person.role == .nurse else { throw HTTPError(.notFound) }
        async let renewals = Available<Renewals> { () async throws(BusError) in
            try await parts.bus.ask(ReadRenewals(page: pages.renewals), as: staff.person.token)
        }
        async let notes = Available<UnsignedNotes> { () async throws(BusError) in
            try await parts.bus.ask(ReadUnsignedNotes(), as: staff.person.token)
        }
        async let documents = Available<UnreviewedDocuments> { () async throws(BusError) in
            try await parts.bus.ask(ReadUnreviewedDocuments(), as: staff.person.token)
        }
        async let loops = Available<OpenLoops> { () async throws(BusError) in
            try await parts.bus.ask(ReadOpenLoops(overduePage: pages.overdue, resultsPage: pages.results), as: staff.person.token)
        }
        async let inbox = Available<Inbox> { () async throws(BusError) in try await parts.bus.ask(ReadInbox(), as: staff.person.token) }
        let messages = try await inbox
        let patients: [ID<Patient>: PatientSummary] = if let found = messages.value { await staff.patients(of: found) } else { [:] }
        return WorklistView(
            messages: messages, patients: patients, names: parts.facts.names(), renewals: try await renewals, notes: try await notes,
            documents: try await documents, loops: try await loops, mayDecide: staff.person.role == .clinician, at: pages, now: staff.now)
    }

    @Sendable private func showWorklist(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let pages = WorklistPages(results: request.number("results"), overdue: request.number("overdue"), renewals: request.number("renewals"))
        var view = try await worklist(staff, at: pages)
        view.done = request.uri.queryParameters["done"] != nil
        view.changed = request.uri.queryParameters["changed"] != nil
        view.commentIsUnfit = request.uri.queryParameters["comment"] != nil
        return worklistPage(view, in: staff.frame(at: .worklist)).response()
    }

    @Sendable private func decide(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let (form, asked) = (context.web.form, try context.id("request", of: Resource.self))
        guard let patient = ID<Patient>(form.trimmed("patient")) else { throw HTTPError(.badRequest) }
        func optional(_ name: String) -> String? {
            let text = form.trimmed(name)
            return text.isEmpty ? nil : text
        }
        let (submission, page) = (try parts.submission(context), form.number("page"))
        let command = DecideRenewal(
            patient: patient, request: asked, accepts: form["answer"] == "yes", words: optional("words-\(asked)"), prescription: ID(submission),
            override: optional("override-\(asked)"), key: submission)
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/worklist?done=1\(page.map { "&renewals=\($0)" } ?? "")")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            var view = try await worklist(staff, at: WorklistPages(renewals: page))
            view.refusal = (asked, refusal)
            view.typed = (command.words ?? "", command.override ?? "")
            return worklistPage(view, in: staff.frame(at: .worklist)).response(.unprocessableContent)
        }
    }
}
