import Access
import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Finding a patient, and their chart, read-only.
struct PatientRoutes {
    /// LOINC: blood pressure is what the first page draws.
    private static let trends = ["85354-9", "55284-4"]

    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/patients",
            parts.staff { _, _, staff in
                findPatientPage(
                    FindPatientView(today: staff.now.day, mayInvite: staff.mayInvite, isAtDesk: staff.isAtDesk), in: staff.frame(at: .patients)
                ).response()
            })
        routes.post(
            "/patients",
            parts.staff { _, context, staff in
                let text = String(context.web.form.trimmed("q").prefix(100))
                let found = try await parts.bus.ask(FindPatients(text: text), as: staff.person.token)
                return findPatientPage(FindPatientView(text: text, found: found, today: staff.now.day), in: staff.frame(at: .patients)).response()
            })
        routes.get("/patients/:id", parts.chart(show))
        routes.get(
            "/patients/:id/results",
            parts.chart { _, context, staff in
                let chart = try await staff.readChart(try context.id("id", of: Patient.self))
                return chartResultsPage(ChartResultsView(chart: chart, now: staff.now), in: staff.frame(at: .patients)).response()
            })
        routes.get("/patients/:id/results/:result", parts.chart(showResult))
    }

    @Sendable private func show(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let patient = try context.id("id", of: Patient.self)
        // Beside each other: who waits for one that is away must not take the other's time.
        async let visited = Available<Appointments> { () async throws(BusError) in
            try await parts.bus.ask(ReadAppointments(patient: patient), as: staff.person.token)
        }
        guard !staff.isAtDesk else {
            let known = try await staff.readPatient(patient)
            let visits = try await visited
            let view = DeskView(
                patient: known, visits: visits, names: parts.facts.names(visits.value?.services ?? []), mayBook: staff.mayBook, now: staff.now)
            return deskPage(view, in: staff.frame(at: .patients)).response()
        }
        async let ordered = Available<Orders> { () async throws(BusError) in
            guard case .done(let orders) = try await parts.bus.request(ReadOrders(patient: patient), as: staff.person.token) else {
                throw .unavailable
            }
            return orders
        }
        let chart = try await staff.readChart(patient, history: true)
        var trends: [ResultSeries] = []
        if let newest = chart.results.first(where: { Self.trends.contains($0.code) }),
            case .done(let series)? = try? await parts.bus.request(ReadResultSeries(patient: patient, result: newest.id), as: staff.person.token)
        {
            trends.append(series)
        }
        let visits = try await visited
        let view = ChartView(
            chart: chart, visits: visits, names: parts.facts.names(visits.value?.services ?? []), trends: trends,
            mayInvite: staff.mayInvite, mayPrescribe: staff.person.role == .clinician, orders: try await ordered, now: staff.now)
        return chartPage(view, in: staff.frame(at: .patients)).response()
    }

    @Sendable private func showResult(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let patient = try context.id("id", of: Patient.self)
        let result = try context.id("result", of: Resource.self)
        guard case .done(let series) = try await parts.bus.request(ReadResultSeries(patient: patient, result: result), as: staff.person.token),
            let newest = series.points.last
        else { throw HTTPError(.notFound) }
        let view = ChartResultView(chart: try await staff.readChart(patient), newest: newest, series: series, now: staff.now)
        return chartResultPage(view, in: staff.frame(at: .patients)).response()
    }
}
