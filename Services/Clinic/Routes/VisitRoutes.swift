import Access
import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// A patient's visits, booked, moved and cancelled for them.
struct VisitRoutes {
    private static let daysShown = 14

    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/patients/:id/visits/new", parts.chart(chooseTime))
        routes.post("/patients/:id/visits", parts.chart(book))
        routes.get("/patients/:id/visits/over", parts.chart(chooseOver))
        routes.post("/patients/:id/visits/over", parts.chart(bookOver))
        routes.get("/patients/:id/visits/:visit", parts.chart(show))
        routes.get("/patients/:id/visits/:visit/move", parts.chart(chooseNewTime))
        routes.post("/patients/:id/visits/:visit/move", parts.chart(move))
        routes.post("/patients/:id/visits/:visit/cancel", parts.chart(cancel))
        routes.post("/patients/:id/visits/:visit/mark", parts.chart(mark))
        routes.post("/patients/:id/visits/:visit/cancel-series", parts.chart(cancelRest))
    }

    // MARK: A new visit

    @Sendable private func chooseTime(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let asked = request.uri.queryParameters
        // Beside the times: who waits for a name that is away must not take their time.
        async let summary = summary(of: try context.id("id", of: Patient.self), staff)
        var view = try await newVisit(asked["service"].map(String.init), with: asked["with"].map(String.init), named: false, context, staff)
        try await addTimes(to: &view, from: asked["from"].flatMap { Day(String($0)) }, staff)
        view.summary = try await summary
        return patientTimesPage(view, in: staff.frame(at: .patients)).response()
    }

    @Sendable private func book(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let form = context.web.form
        var view = try await newVisit(form["service"], with: form["with"], context, staff)
        view.posted = form
        guard let slot = form["slot"].flatMap(ChosenSlot.init) else { return try await refused(&view, .nothingChosen, staff) }
        if let weeks = form.number("weeks"), weeks > 0 { return try await bookSeries(slot, weeks, &view, context, staff) }
        // The form's own key is the appointment's id: sent twice it books once.
        let appointment = ID<Appointment>(try parts.submission(context))
        let command = BookAppointment(
            appointment: appointment, patient: view.patient, practitioner: slot.practitioner, location: slot.location, service: slot.service,
            start: slot.start, key: appointment.uuid)
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(view.patient)/visits/\(appointment)?done=booked")
        case .refused(.taken(let near)), .refused(.holdLapsed(let near)): return try await refused(&view, .taken(near), staff)
        case .refused(.notOffered(let near)): return try await refused(&view, .notOffered(near), staff)
        case .refused(.resourceTaken(let names, let near)): return try await refused(&view, .resourceTaken(names, near), staff)
        case .refused(.patientBusy(let other)), .refused(.oneIsOpen(let other)): return try await refused(&view, .patientBusy(other), staff)
        case .refused(.tooManyHolds), .refused(.byClinicOnly), .refused(.idInUse): throw HTTPError(.conflict)
        }
    }

    /// What is not free is left out, and named on the page of the first.
    private func bookSeries(
        _ slot: ChosenSlot, _ weeks: Int, _ view: inout PatientTimesView, _ context: GatewayContext, _ staff: Staff
    ) async throws -> Response {
        let command = BookSeries(
            series: try parts.submission(context), patient: view.patient, practitioner: slot.practitioner, location: slot.location,
            service: slot.service, start: slot.start, weeks: weeks, count: context.web.form.number("count") ?? 0)
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done(let answer):
            guard let first = answer.booked.first else { throw HTTPError(.conflict) }
            let missed = answer.missed.map { String($0.prefix(10)) }.joined(separator: ",")
            return .seeOther("/patients/\(view.patient)/visits/\(first.appointment)?done=series&booked=\(answer.booked.count)&missed=\(missed)")
        case .refused(.firstNotFree): return try await refused(&view, .taken([]), staff)
        case .refused(.invalid): return try await refused(&view, .seriesWrong, staff)
        }
    }

    private func newVisit(
        _ service: String?, with: String?, named: Bool = true, _ context: GatewayContext, _ staff: Staff
    ) async throws -> PatientTimesView {
        let patient = try context.id("id", of: Patient.self)
        // Whether their visits are this person's to see is decided where the visits are.
        let services = try await parts.bus.ask(ReadAppointments(patient: patient), as: staff.person.token).services
        guard staff.mayBook else { throw HTTPError(.notFound) }
        let chosen = services.first { $0.code == service } ?? services.first
        return PatientTimesView(
            patient: patient, summary: named ? try await summary(of: patient, staff) : nil, services: services,
            clinicians: parts.facts.directory?.practitioners ?? [], names: parts.facts.names(services), service: chosen?.code ?? "",
            clinician: ID<Practitioner>.chosen(with), now: staff.now)
    }

    // MARK: A new visit at a time that is not offered

    @Sendable private func chooseOver(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let known = try await newVisit(request.uri.queryParameters["service"].map(String.init), with: nil, context, staff)
        return overPage(over(known, OverForm(service: known.service)), in: staff.frame(at: .patients)).response()
    }

    @Sendable private func bookOver(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let form = OverForm(context.web.form)
        let known = try await newVisit(form.service, with: form.with, context, staff)
        var view = over(known, form)
        let place = form.place.split(separator: "/").last.map(String.init) ?? ""
        guard let practitioner = known.clinician, let location = ID<Location>(place) else { throw HTTPError(.badRequest) }
        let appointment = ID<Appointment>(try parts.submission(context))
        let command = BookOver(
            appointment: appointment, patient: known.patient, practitioner: practitioner, location: location, service: form.service,
            start: form.start, reason: form.reason, collisions: form.collisions, key: appointment.uuid)
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(known.patient)/visits/\(appointment)?done=booked")
        case .refused(let refusal):
            view.refusal = refusal
            let isInvalid = if case .invalid = refusal { true } else { false }
            return overPage(view, in: staff.frame(at: .patients)).response(isInvalid ? .unprocessableContent : .conflict)
        }
    }

    private func over(_ known: PatientTimesView, _ form: OverForm) -> OverView {
        OverView(
            patient: known.patient, summary: known.summary, services: known.services,
            directory: parts.facts.directory ?? Directory(practitioners: [], locations: []), names: known.names, form: form, now: known.now)
    }

    // MARK: One that is there

    @Sendable private func show(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        async let byVideo = deviceTest(context, staff)
        var view = try await visit(context, staff).view
        view.done = request.uri.queryParameters["done"].flatMap { PatientVisitView.Done(rawValue: String($0)) }
        if view.done == .series {
            let asked = request.uri.queryParameters
            view.seriesBooked = request.number("booked") ?? 0
            view.seriesMissed = (asked["missed"].map(String.init) ?? "").split(separator: ",").prefix(60).compactMap { Day(String($0)) }
        }
        if view.done == .seriesMoved {
            view.seriesBooked = request.number("moved") ?? 0
            view.seriesKept = request.number("kept") ?? 0
        }
        view.byVideo = await byVideo
        if let series = view.visit.series {
            let coming = try await parts.bus.ask(ReadAppointments(patient: view.patient), as: staff.person.token).coming
            view.series = coming.filter { $0.series == series }
        }
        return patientVisitPage(view, in: staff.frame(at: .patients)).response()
    }

    /// Beside the visit: while telemedicine is away the page shows no way to the call, and waits for nothing else longer.
    private func deviceTest(_ context: GatewayContext, _ staff: Staff) async -> KeptDeviceTest? {
        guard let patient = try? context.id("id", of: Patient.self), let visit = try? context.id("visit", of: Appointment.self) else { return nil }
        let query = ReadDeviceTest(patient: patient, appointment: visit)
        if case .done(let kept)? = try? await parts.bus.request(query, as: staff.person.token) { return kept }
        return nil
    }

    @Sendable private func chooseNewTime(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let asked = request.uri.queryParameters
        async let summary = summary(of: try context.id("id", of: Patient.self), staff)
        var (known, services) = try await visit(named: false, context, staff)
        guard known.isComing else {
            known.summary = try await summary
            return try await refused(known, .tooLate, staff)
        }
        var view = times(known, services, with: asked["with"].map(String.init), staff)
        try await addTimes(to: &view, from: asked["from"].flatMap { Day(String($0)) }, staff)
        view.summary = try await summary
        return patientTimesPage(view, in: staff.frame(at: .patients)).response()
    }

    @Sendable private func move(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let form = context.web.form
        let (known, services) = try await visit(context, staff)
        var view = times(known, services, with: form["with"], staff)
        view.posted = form
        guard let version = form.number("version") else { throw HTTPError(.badRequest) }
        guard let slot = form["slot"].flatMap(ChosenSlot.init) else { return try await refused(&view, .nothingChosen, staff) }
        if let series = known.visit.series, let scope = form["scope"].flatMap(SeriesScope.init), scope != .one {
            return try await moveSeries(series, scope, slot, version, known, &view, context, staff)
        }
        let command = RescheduleAppointment(
            appointment: known.visit.appointment, patient: known.patient, version: version, practitioner: slot.practitioner,
            location: slot.location, start: slot.start, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(known.patient)/visits/\(known.visit.appointment)?done=moved")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(.tooLate), .refused(.pastCutOff): return try await refused(known, .tooLate, staff)
        case .refused(.changedMeanwhile): return try await refused(known, .changedMeanwhile, staff)
        case .refused(.taken(let near)): return try await refused(&view, .taken(near), staff)
        case .refused(.notOffered(let near)): return try await refused(&view, .notOffered(near), staff)
        case .refused(.resourceTaken(let names, let near)): return try await refused(&view, .resourceTaken(names, near), staff)
        case .refused(.patientBusy(let other)): return try await refused(&view, .patientBusy(other), staff)
        }
    }

    /// All of them or none: what stands in the way is shown first.
    private func moveSeries(
        _ series: UUID, _ scope: SeriesScope, _ slot: ChosenSlot, _ version: Int, _ known: PatientVisitView, _ view: inout PatientTimesView,
        _ context: GatewayContext, _ staff: Staff
    ) async throws -> Response {
        let command = MoveSeries(
            series: series, patient: known.patient, from: known.visit.appointment, version: version, practitioner: slot.practitioner,
            location: slot.location, start: slot.start, all: scope == .all,
            leaving: context.web.form.all("leaving").prefix(60).compactMap { ID<Appointment>($0) }, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done(let answer):
            let done = "done=series-moved&moved=\(answer.moved.count)&kept=\(answer.kept.count)"
            return .seeOther("/patients/\(known.patient)/visits/\(known.visit.appointment)?\(done)")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(.tooLate): return try await refused(known, .tooLate, staff)
        case .refused(.changedMeanwhile): return try await refused(known, .changedMeanwhile, staff)
        case .refused(.conflicts(let conflicts)):
            // Where the time that was chosen is the trouble there is nothing to leave: another is chosen.
            let isChosen = conflicts.contains { $0.appointment == known.visit.appointment }
            guard !isChosen else { return try await refused(&view, .taken([]), staff) }
            let found = SeriesConflictsView(visit: known, scope: scope, slot: context.web.form["slot"] ?? "", command: command, conflicts: conflicts)
            return seriesConflictsPage(found, in: staff.frame(at: .patients)).response(.conflict)
        }
    }

    @Sendable private func cancel(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let known = try await visit(context, staff).view
        let command = CancelAppointment(appointment: known.visit.appointment, patient: known.patient, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(known.patient)/visits/\(known.visit.appointment)?done=cancelled")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(.tooLate): return try await refused(known, .tooLate, staff)
        }
    }

    @Sendable private func cancelRest(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let known = try await visit(context, staff).view
        guard let series = known.visit.series else { throw HTTPError(.notFound) }
        let command = CancelSeries(
            series: series, patient: known.patient, from: known.visit.appointment, all: context.web.form["scope"] == SeriesScope.all.rawValue,
            key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(known.patient)/visits/\(known.visit.appointment)?done=cancelled")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(.tooLate): return try await refused(known, .tooLate, staff)
        }
    }

    @Sendable private func mark(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let known = try await visit(context, staff).view
        let form = context.web.form
        guard let version = form.number("version"), let status = form["status"] else { throw HTTPError(.badRequest) }
        let command = MarkAppointment(
            appointment: known.visit.appointment, patient: known.patient, version: version, status: status, reason: form.trimmed("reason"),
            key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(known.patient)/visits/\(known.visit.appointment)?done=marked")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            var view = known
            view.notMarked = refusal
            return patientVisitPage(view, in: staff.frame(at: .patients)).response(refusal == .reasonMissing ? .unprocessableContent : .conflict)
        }
    }

    private func visit(
        named: Bool = true, _ context: GatewayContext, _ staff: Staff
    ) async throws -> (view: PatientVisitView, services: [VisitService]) {
        let patient = try context.id("id", of: Patient.self)
        let id = try context.id("visit", of: Appointment.self)
        let found = try await parts.bus.ask(ReadAppointments(patient: patient, only: id), as: staff.person.token)
        guard let visit = (found.coming + found.past).first else { throw HTTPError(.notFound) }
        let view = PatientVisitView(
            patient: patient, summary: named ? try await summary(of: patient, staff) : nil, visit: visit, names: parts.facts.names(found.services),
            mayBook: staff.mayBook, role: staff.person.role, now: staff.now)
        return (view, found.services)
    }

    private func times(_ known: PatientVisitView, _ services: [VisitService], with: String?, _ staff: Staff) -> PatientTimesView {
        PatientTimesView(
            patient: known.patient, summary: known.summary, services: services, clinicians: parts.facts.directory?.practitioners ?? [],
            names: known.names, service: known.visit.service, clinician: with == nil ? known.visit.practitioner : ID<Practitioner>.chosen(with),
            moving: known.visit, now: staff.now)
    }

    // MARK: Both

    private func summary(of patient: ID<Patient>, _ staff: Staff) async throws -> PatientSummary? {
        try await Available<PatientSummary?> { () async throws(BusError) in
            try await parts.bus.ask(ReadPatientSummaries(patients: [patient]), as: staff.person.token).patients.first
        }.value ?? nil
    }

    private func addTimes(to view: inout PatientTimesView, from: Day?, _ staff: Staff) async throws {
        let query = FindOpenings(service: view.service, practitioner: view.clinician, fromDay: from?.iso, days: Self.daysShown)
        let found = try await parts.bus.ask(query, as: staff.person.token)
        let page = DaysOfOpenings(found, from: from ?? view.now.day, days: Self.daysShown, today: view.now.day)
        (view.openings, view.nextDay) = (page.openings, page.nextDay)
    }

    /// The times again, with what stands in the way.
    private func refused(_ view: inout PatientTimesView, _ problem: VisitProblem, _ staff: Staff) async throws -> Response {
        view.problem = problem
        try await addTimes(to: &view, from: view.postedDay(after: Self.daysShown), staff)
        let isMissing =
            switch problem {
            case .nothingChosen, .seriesWrong: true
            default: false
            }
        return patientTimesPage(view, in: staff.frame(at: .patients)).response(isMissing ? .unprocessableContent : .conflict)
    }

    /// The visit's own page, with what stands in the way.
    private func refused(_ known: PatientVisitView, _ problem: VisitProblem, _ staff: Staff) async throws -> Response {
        var view = known
        view.problem = problem
        return patientVisitPage(view, in: staff.frame(at: .patients)).response(.conflict)
    }
}

extension ID<Practitioner> {
    /// Who was chosen in a list of clinicians; nil for anybody.
    static func chosen(_ option: String?) -> ID<Practitioner>? {
        option.flatMap { $0.hasPrefix("Practitioner/") ? ID(String($0.dropFirst("Practitioner/".count))) : nil }
    }
}
