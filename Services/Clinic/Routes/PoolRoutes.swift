import Contracts
import Hummingbird
import MessageBus
import Web

/// Who answers patients' messages, which administrators set.
struct PoolRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/settings/pools",
            parts.staff(where: \.isAdministrator) { request, _, staff in
                let found = try await parts.bus.ask(ReadPools(), as: staff.person.token)
                let wasKept = request.uri.queryParameters["kept"] != nil
                return poolsPage(found.pools, found.answered ?? [], wasKept: wasKept, in: staff.frame(at: .settings)).response()
            })
        routes.get(
            "/settings/pools/:pool",
            parts.staff(where: \.isAdministrator) { _, context, staff in
                poolPage(try await view(context, staff), in: staff.frame(at: .settings)).response()
            })
        routes.post("/settings/pools/:pool", parts.staff(where: \.isAdministrator, change))
    }

    private func view(_ context: GatewayContext, _ staff: Staff) async throws -> PoolView {
        let code = try context.parameters.require("pool")
        guard let pool = try await parts.bus.ask(ReadPools(), as: staff.person.token).pools.first(where: { $0.code == code }) else {
            throw HTTPError(.notFound)
        }
        return PoolView(pool: pool, typed: PoolForm(pool), directory: parts.facts.directory, names: parts.facts.names())
    }

    @Sendable private func change(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        var view = try await view(context, staff)
        guard let version = context.web.form.number("version") else { throw HTTPError(.badRequest) }
        view.typed = PoolForm(context.web.form, view.directory)
        guard var pool = view.typed.changed(view.pool) else {
            view.isUnreadable = true
            return poolPage(view, in: staff.frame(at: .settings)).response(.unprocessableContent)
        }
        pool.version = version
        switch try await parts.bus.request(KeepPool(pool: pool, key: try parts.submission(context)), as: staff.person.token) {
        case .done: return .seeOther("/settings/pools?kept=1")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            view.refusal = refusal
            return poolPage(view, in: staff.frame(at: .settings)).response(refusal == .changedMeanwhile ? .conflict : .unprocessableContent)
        }
    }
}
