import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// What somebody keeps for their own work.
struct FavouriteRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/favourites", parts.staff(where: \.readsCharts, show))
        routes.post("/favourites/phrases", parts.staff(where: \.readsCharts, keepPhrase))
        routes.post("/favourites/phrases/remove", parts.staff(where: \.readsCharts, dropPhrase))
        routes.post("/favourites/orders/remove", parts.staff(where: \.mayOrder, dropOrder))
        routes.post("/patients/:id/orders/:order/favourite", parts.chart(keepOrder))
    }

    private func view(_ staff: Staff) async throws -> FavouritesView {
        async let phrases = parts.bus.ask(ReadPhrases(), as: staff.person.token).phrases
        let orders = staff.mayOrder ? try await parts.bus.ask(ReadFavouriteOrders(), as: staff.person.token).orders : nil
        return FavouritesView(phrases: try await phrases, orders: orders)
    }

    @Sendable private func show(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        var view = try await view(staff)
        view.wasKept = request.uri.queryParameters["kept"] != nil
        return favouritesPage(view, in: staff.frame(at: nil)).response()
    }

    @Sendable private func keepPhrase(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let form = context.web.form
        let typed = form.trimmed("name")
        let phrase = Phrase((typed.hasPrefix(".") ? String(typed.dropFirst()) : typed).lowercased(), form.trimmed("text"))
        switch try await parts.bus.request(KeepPhrase(phrase: phrase, key: try parts.submission(context)), as: staff.person.token) {
        case .done: return .seeOther("/favourites?kept=1")
        case .refused(let refusal):
            var view = try await view(staff)
            (view.refusal, view.typed) = (refusal, phrase)
            return favouritesPage(view, in: staff.frame(at: nil)).response(.unprocessableContent)
        }
    }

    @Sendable private func dropPhrase(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let command = DropPhrase(phrase: context.web.form.trimmed("phrase"), key: try parts.submission(context))
        _ = try await parts.bus.ask(command, as: staff.person.token)
        return .seeOther("/favourites?kept=1")
    }

    @Sendable private func dropOrder(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        guard let favourite = ID<FavouriteOrder>(context.web.form.trimmed("favourite")) else { throw HTTPError(.badRequest) }
        _ = try await parts.bus.ask(DropFavouriteOrder(favourite: favourite, key: try parts.submission(context)), as: staff.person.token)
        return .seeOther("/favourites?kept=1")
    }

    /// What was ordered, without the reason: that is the patient's.
    @Sendable private func keepOrder(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        guard staff.mayOrder else { throw HTTPError(.notFound) }
        let order = try await parts.order(
            try context.id("order", of: Resource.self), of: try context.id("id", of: Patient.self), for: staff)
        guard let favourite = FavouriteOrder(order) else { throw HTTPError(.notFound) }
        switch try await parts.bus.request(KeepFavouriteOrder(order: favourite, key: try parts.submission(context)), as: staff.person.token) {
        case .done: return .seeOther("/favourites?kept=1")
        case .refused(let refusal):
            var view = try await view(staff)
            view.refusal = refusal
            return favouritesPage(view, in: staff.frame(at: nil)).response(.unprocessableContent)
        }
    }
}
