import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// The patient's own record: lists, results, one result over time.
struct RecordRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/record",
            parts.visitor { _, _, visitor in
                let chart = try await visitor.readChart()
                let view = RecordView(chart: chart, seesAll: visitor.seesAll, now: visitor.now)
                return recordPage(view, in: visitor.frame(at: .record, chart.patient, asOf: chart.asOf)).response()
            })
        routes.get("/record/all", parts.visitor(showAll))
        routes.get(
            "/medicines",
            parts.visitor { request, _, visitor in
                let asked = request.uri.queryParameters["asked"].flatMap { ID<Resource>(String($0)) }
                return try await showMedicines(visitor, asked: asked).response()
            })
        routes.post("/medicines/:id/renew", parts.visitor(requestRenewal))
        routes.get("/record/visits/:id", parts.visitor(showSummary))
        routes.file("/record/visits/:id/pdf", parts.visitor(printSummary))
        routes.get(
            "/results",
            parts.visitor { request, _, visitor in
                async let released = Available { () async throws(BusError) in
                    try await parts.bus.ask(ReadReleaseChoice(patient: visitor.patient), as: visitor.token)
                }
                let chart = try await visitor.readChart()
                let wasSaved = request.uri.queryParameters["saved"] != nil
                let view = ResultsView(
                    results: chart.results, release: visitor.seesAll ? try await released : .missing, wasSaved: wasSaved, now: visitor.now)
                return resultsPage(view, in: visitor.frame(at: .results, chart.patient, asOf: chart.asOf)).response()
            })
        routes.post("/results/release", parts.visitor(choose))
        routes.get("/record/new", parts.visitor(showNews))
        routes.post("/record/new", parts.visitor(seeNews))
        routes.get(
            "/results/:id",
            parts.visitor { _, context, visitor in
                let result = try context.id("id", of: Resource.self)
                let series = try await parts.bus.own(ReadResultSeries(patient: visitor.patient, result: result), visitor.token)
                guard let newest = series.points.last else { throw HTTPError(.notFound) }
                let view = ResultView(newest: newest, series: series, zone: visitor.now.zone)
                return resultPage(view, in: visitor.frame(at: .results, series.patient, asOf: series.asOf)).response()
            })
    }

    @Sendable private func choose(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let form = context.web.form
        let choice = ReleaseChoice(afterComment: form.trimmed("release") == "comment", days: form.number("days") ?? 3)
        let command = ChangeReleaseChoice(patient: visitor.patient, choice: choice, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: visitor.token) {
        case .done: return .seeOther("/results?saved=1")
        case .refused(.invalidDays): throw HTTPError(.badRequest)
        }
    }

    @Sendable private func showNews(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let news = try await parts.bus.own(ReadNews(patient: visitor.patient), visitor.token)
        return newsPage(NewsView(news: news, now: visitor.now), in: visitor.frame(at: .record, news.patient, asOf: news.asOf)).response()
    }

    /// What was written since the page was shown stays new.
    @Sendable private func seeNews(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        guard let until = context.web.form.number("until") else { throw HTTPError(.badRequest) }
        let seen = Date(timeIntervalSince1970: TimeInterval(until) / 1_000)
        _ = try await parts.bus.ask(SeeNews(patient: visitor.patient, until: seen, key: try parts.submission(context)), as: visitor.token)
        return .seeOther("/")
    }

    private func showMedicines(_ visitor: Visitor, asked: ID<Resource>? = nil, refusal: RenewalRefusal? = nil) async throws -> HTML {
        let medicines = try await parts.bus.own(ReadMedicines(patient: visitor.patient), visitor.token)
        let view = MedicinesView(medicines: medicines, asked: asked, refusal: refusal, names: parts.facts.names())
        return medicinesPage(view, in: visitor.frame(at: .record, medicines.patient, asOf: medicines.asOf))
    }

    @Sendable private func requestRenewal(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let prescription = try context.id("id", of: Resource.self)
        let submission = try parts.submission(context)
        let words = context.web.form.trimmed("words-\(prescription)")
        let command = RequestRenewal(
            patient: visitor.patient, request: ID(submission), prescription: prescription, words: words.isEmpty ? nil : words, key: submission)
        switch try await parts.bus.request(command, as: visitor.token) {
        case .done: return .seeOther("/medicines?asked=\(prescription)")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal): return try await showMedicines(visitor, refusal: refusal).response(.unprocessableContent)
        }
    }

    @Sendable private func showAll(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let query = request.uri.queryParameters
        let section = try query["section"].map { name in
            guard let section = RecordSection(rawValue: String(name)) else { throw HTTPError(.notFound) }
            return section
        }
        let after = try query["after"].map { text in
            guard let id = ID<Resource>(String(text)) else { throw HTTPError(.notFound) }
            return id
        }
        let timeline = try await parts.bus.own(ReadTimeline(patient: visitor.patient, section: section, after: after), visitor.token)
        let view = WholeRecordView(timeline: timeline, section: section, continues: after != nil)
        return wholeRecordPage(view, in: visitor.frame(at: .record, timeline.patient, asOf: timeline.asOf)).response()
    }

    @Sendable private func showSummary(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let view = try await summary(context, visitor)
        return summaryPage(view, in: frame(of: view, visitor)).response()
    }

    @Sendable private func printSummary(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let view = try await summary(context, visitor)
        let frame = frame(of: view, visitor)
        let page = summaryPage(view, in: parts.onPaper(frame)).markup
        return await parts.printer.file("visit.pdf", of: page, orElse: "/record/visits/\(view.encounter.encounter)", in: frame)
    }

    private func frame(of view: SummaryView, _ visitor: Visitor) -> Frame {
        visitor.frame(at: .record, view.encounter.patient, asOf: view.encounter.asOf)
    }

    private func summary(_ context: GatewayContext, _ visitor: Visitor) async throws -> SummaryView {
        async let coming = Available<Appointments> { () async throws(BusError) in
            try await parts.bus.ask(ReadAppointments(patient: visitor.patient), as: visitor.token)
        }
        let query = ReadEncounter(patient: visitor.patient, encounter: try context.id("id", of: Resource.self))
        let encounter = try await parts.bus.own(query, visitor.token)
        return SummaryView(
            encounter: encounter, coming: try await coming, offersPDF: parts.printer.isAvailable, names: parts.facts.names(), now: visitor.now)
    }
}
