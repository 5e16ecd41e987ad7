import Access
import Contracts
import Hummingbird
import MessageBus
import Web

/// What administrators set, and where.
struct SettingsRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/settings",
            parts.staff(where: \.isAdministrator) { _, _, staff in settingsPage(in: staff.frame(at: .settings)).response() })
    }
}

extension Staff {
    /// What the people who work here are called; none when that cannot be asked for now.
    func colleagues() async throws -> [ID<Account>: String] {
        let staff = try await Available { () async throws(BusError) in try await parts.bus.ask(ReadStaff(), as: person.token) }
        return Dictionary(staff.value?.accounts.map { ($0.account, $0.displayName ?? $0.username) } ?? [], uniquingKeysWith: { first, _ in first })
    }
}
