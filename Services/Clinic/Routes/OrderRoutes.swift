import Access
import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Orders, and where each of them stands.
struct OrderRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/patients/:id/orders", parts.chart(showAll))
        routes.get("/patients/:id/orders/new", parts.chart(showNew))
        routes.post("/patients/:id/orders", parts.chart(place))
        routes.get("/patients/:id/orders/:order", parts.chart(show))
        routes.post("/patients/:id/orders/:order", parts.chart(change))
        routes.post("/patients/:id/orders/:order/ticket", parts.chart(issueTicket))
    }

    @Sendable private func showAll(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let patient = try context.id("id", of: Patient.self)
        async let chart = staff.readChart(patient)
        guard case .done(let orders) = try await parts.bus.request(ReadOrders(patient: patient), as: staff.person.token) else {
            throw HTTPError(.notFound)
        }
        let view = OrdersView(chart: try await chart, orders: orders, mayOrder: staff.mayOrder, now: staff.now)
        return ordersPage(view, in: staff.frame(at: .patients)).response()
    }

    @Sendable private func showNew(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        async let chart = staff.readChart(try context.id("id", of: Patient.self))
        guard staff.mayOrder else { throw HTTPError(.notFound) }
        let favourites = try await favourites(of: staff)
        let asked = request.uri.queryParameters["favourite"]
        let chosen = favourites.first { asked.map(String.init) == $0.address }
        let encounter = request.uri.queryParameters["encounter"].flatMap { ID<Resource>(String($0)) }
        let view = NewOrderView(
            chart: try await chart, form: OrderForm(today: staff.now.day, chosen), encounter: encounter, favourites: favourites, now: staff.now)
        return newOrderPage(view, in: staff.frame(at: .patients)).response()
    }

    @Sendable private func place(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let patient = try context.id("id", of: Patient.self)
        let typed = context.web.form
        let (form, encounter) = (OrderForm(typed: typed), ID<Resource>(typed.trimmed("encounter")))
        let command = form.command(for: patient, in: encounter, draft: typed["draft"] == "yes", key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(patient)/orders/\(command.order)")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            let view = NewOrderView(
                chart: try await staff.readChart(patient), form: form, encounter: encounter, favourites: try await favourites(of: staff),
                refusal: refusal, now: staff.now)
            return newOrderPage(view, in: staff.frame(at: .patients)).response(.unprocessableContent)
        }
    }

    /// None while they cannot be read: an order needs no favourites.
    private func favourites(of staff: Staff) async throws -> [FavouriteOrder] {
        let found = try await Available { () async throws(BusError) in
            try await parts.bus.ask(ReadFavouriteOrders(), as: staff.person.token)
        }
        return found.value?.orders ?? []
    }

    private func view(_ context: GatewayContext, _ staff: Staff) async throws -> OrderView {
        let patient = try context.id("id", of: Patient.self)
        async let chart = staff.readChart(patient)
        let order = try await parts.order(try context.id("order", of: Resource.self), of: patient, for: staff)
        // Without them, while scheduling is away: an order is read all the same.
        let services = try await Available { () async throws(BusError) in
            try await parts.bus.ask(ReadAppointments(patient: patient), as: staff.person.token).services
        }.value ?? []
        return OrderView(
            chart: try await chart, order: order, mayOrder: staff.mayOrder, names: parts.facts.names(services),
            kinds: services.filter { $0.rules?.isByOrder == true }, now: staff.now)
    }

    @Sendable private func show(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        var view = try await view(context, staff)
        view.isTicketed = request.uri.queryParameters["ticket"] != nil
        return orderPage(view, in: staff.frame(at: .patients)).response()
    }

    /// The order is there and open, as the record says at this moment.
    @Sendable private func issueTicket(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        var view = try await view(context, staff)
        guard staff.mayOrder, view.order.status == "active" else { throw HTTPError(.notFound) }
        let patient = view.chart.patient.id
        let command = IssueTicket(
            order: view.order.order, patient: patient, service: context.web.form["service"] ?? "", key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(patient)/orders/\(command.order)?ticket=1")
        case .refused(.notByOrder): throw HTTPError(.notFound)
        case .refused(.over):
            view.isOver = true
            return orderPage(view, in: staff.frame(at: .patients)).response(.conflict)
        }
    }

    @Sendable private func change(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let form = context.web.form
        guard let version = form.number("version") else { throw HTTPError(.badRequest) }
        let command = ChangeOrder(
            patient: try context.id("id", of: Patient.self), order: try context.id("order", of: Resource.self), version: version,
            status: form.trimmed("status"), reason: form.trimmed("reason"), key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done where command.status == "entered-in-error": return .seeOther("/patients/\(command.patient)/orders")
        case .done: return .seeOther("/patients/\(command.patient)/orders/\(command.order)")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            var view = try await view(context, staff)
            view.refusal = refusal
            view.typed = (command.status, command.reason)
            let status: HTTPResponse.Status = if case .invalid = refusal { .unprocessableContent } else { .conflict }
            return orderPage(view, in: staff.frame(at: .patients)).response(status)
        }
    }
}

extension GatewayParts {
    /// One order of a patient.
    func order(_ id: ID<Resource>, of patient: ID<Patient>, for staff: Staff) async throws -> OrderLine {
        guard case .done(let all) = try await bus.request(ReadOrders(patient: patient), as: staff.person.token),
            let order = all.orders.first(where: { $0.order == id })
        else { throw HTTPError(.notFound) }
        return order
    }
}
