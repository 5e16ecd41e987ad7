import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Writing to the record, and reading all of it.
struct EntryRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/patients/:id/record", parts.chart(showTimeline))
        routes.get("/patients/:id/entries/new", parts.chart(showNew))
        routes.post("/patients/:id/entries", parts.chart(keepNew))
        routes.get("/patients/:id/entries/:entry", parts.chart(show))
        routes.post("/patients/:id/entries/:entry", parts.chart(keep))
        routes.post("/patients/:id/entries/:entry/retract", parts.chart(retract))
    }

    @Sendable private func showTimeline(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let query = request.uri.queryParameters
        let section = try query["section"].map { name in
            guard let section = RecordSection(rawValue: String(name)) else { throw HTTPError(.notFound) }
            return section
        }
        let after = try query["after"].map { text in
            guard let id = ID<Resource>(String(text)) else { throw HTTPError(.notFound) }
            return id
        }
        let asked = ReadTimeline(patient: try context.id("id", of: Patient.self), section: section, after: after)
        async let chart = staff.readChart(asked.patient)
        guard case .done(let timeline) = try await parts.bus.request(asked, as: staff.person.token) else { throw BusError.notAllowed }
        let view = TimelineView(chart: try await chart, timeline: timeline, section: section, continues: after != nil, now: staff.now)
        return timelinePage(view, in: staff.frame(at: .patients)).response()
    }

    @Sendable private func showNew(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        guard let kind = request.uri.queryParameters["kind"].flatMap({ EntryKind(rawValue: String($0)) }) else { throw HTTPError(.notFound) }
        let isTold = kind == .immunization || kind == .procedure || kind == .socialHistory
        let form = EntryForm(
            kind, ["status": kind == .immunization ? "completed" : "active"].merging(isTold ? ["date": staff.now.day.iso] : [:]) { $1 })
        var view = try await view(context, staff, form)
        view.encounter = request.uri.queryParameters["encounter"].flatMap { ID(String($0)) }
        return entryPage(view, in: staff.frame(at: .patients)).response()
    }

    @Sendable private func show(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let entry = try await read(context, staff)
        guard let content = entry.content else {
            let chart = try await staff.readChart(try context.id("id", of: Patient.self))
            let view = LineView(chart: chart, entry: entry, names: parts.facts.names(), now: staff.now)
            return linePage(view, in: staff.frame(at: .patients)).response()
        }
        return entryPage(try await view(context, staff, EntryForm(content), entry), in: staff.frame(at: .patients)).response()
    }

    @Sendable private func keepNew(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let submission = try parts.submission(context)
        return try await keep(ID(submission), nil, context, staff)
    }

    @Sendable private func keep(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let entry = try await read(context, staff)
        return try await keep(entry.entry, entry, context, staff)
    }

    private func keep(_ id: ID<Resource>, _ entry: EntryView?, _ context: GatewayContext, _ staff: Staff) async throws -> Response {
        let typed = context.web.form
        guard let kind = typed["kind"].flatMap(EntryKind.init), let version = typed.number("version"), (version == 0) == (entry == nil)
        else { throw HTTPError(.badRequest) }
        let form = EntryForm(kind, typed: typed)
        let patient = try context.id("id", of: Patient.self)
        let encounter = ID<Resource>(typed.trimmed("encounter"))
        let command = KeepEntry(
            patient: patient, entry: id, version: version, content: form.content, encounter: encounter, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther(encounter.map { "/patients/\(patient)/encounters/\($0)" } ?? "/patients/\(patient)")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            var view = try await view(context, staff, form, entry)
            (view.refusal, view.encounter) = (refusal, encounter)
            return entryPage(view, in: staff.frame(at: .patients)).response(.unprocessableContent)
        }
    }

    @Sendable private func retract(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let entry = try await read(context, staff)
        guard let content = entry.content, let version = context.web.form.number("version") else { throw HTTPError(.badRequest) }
        let patient = try context.id("id", of: Patient.self)
        let reason = context.web.form.trimmed("reason-of-retraction")
        let command = RetractEntry(patient: patient, entry: entry.entry, version: version, reason: reason, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(patient)")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            var view = try await view(context, staff, EntryForm(content), entry)
            view.refusal = refusal
            if case .invalid(let problems) = refusal {
                view.refusal = .invalid(problems: problems.map { EntryProblem("reason-of-retraction", $0.fault) })
            }
            return entryPage(view, in: staff.frame(at: .patients)).response(.unprocessableContent)
        }
    }

    private func read(_ context: GatewayContext, _ staff: Staff) async throws -> EntryView {
        let query = ReadEntry(patient: try context.id("id", of: Patient.self), entry: try context.id("entry", of: Resource.self))
        guard case .done(let entry) = try await parts.bus.request(query, as: staff.person.token) else { throw HTTPError(.notFound) }
        return entry
    }

    private func view(
        _ context: GatewayContext, _ staff: Staff, _ form: EntryForm, _ entry: EntryView? = nil
    ) async throws -> EntryPageView {
        let chart = try await staff.readChart(try context.id("id", of: Patient.self))
        return EntryPageView(chart: chart, form: form, entry: entry, names: parts.facts.names(), now: staff.now)
    }
}
