import Contracts
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
                return recordPage(RecordView(chart: chart, now: visitor.now), in: visitor.frame(at: .record, chart.patient, asOf: chart.asOf))
                    .response()
            })
        routes.get(
            "/results",
            parts.visitor { _, _, visitor in
                let chart = try await visitor.readChart()
                let view = ResultsView(results: chart.results, now: visitor.now)
                return resultsPage(view, in: visitor.frame(at: .results, chart.patient, asOf: chart.asOf)).response()
            })
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
}
