public import Contracts
public import MessageBus
import Synchronization

/// What every page says of the clinic: its name, zone, people and places. Asked for again and again, so that a page never waits for it.
public final class ClinicFacts: Sendable {
    private struct State {
        var site: Site
        var directory: Directory?
        var isSetUp = false
    }

    private let bus: any Bus
    private let state: Mutex<State>

    /// - Parameter isDemo: pages carry a banner.
    public init(_ bus: any Bus, isDemo: Bool) {
        self.bus = bus
        // Until the clinic is set up there is nobody to show a time to; pages before sign-in show none.
        state = Mutex(State(site: Site(name: "Chartline", zone: .beforeSetUp, isDemo: isDemo)))
    }

    public var site: Site { state.withLock { $0.site } }
    public var directory: Directory? { state.withLock { $0.directory } }

    public func names(_ services: [VisitService] = []) -> ClinicNames { ClinicNames(directory, services: services) }

    /// Waits until the clinic's zone is known, which right after the start it is not: no time is shown in another one.
    /// - Throws: `unavailable` at the current deadline.
    func known() async throws(BusError) {
        while !state.withLock({ $0.isSetUp }) {
            guard let deadline = Deadline.current, ContinuousClock.now < deadline else { throw .unavailable }
            do { try await Task.sleep(for: .milliseconds(20)) } catch { throw .unavailable }
        }
    }

    /// Asks until the task is cancelled: every second until both are known, then every half minute.
    public func keepCurrent() async throws {
        while !Task.isCancelled {
            await refresh()
            try await Task.sleep(for: state.withLock { $0.isSetUp && $0.directory != nil } ? .seconds(30) : .seconds(1))
        }
    }

    private func refresh() async {
        let clinic = try? await bus.ask(ReadClinic())
        let directory = try? await bus.ask(ReadDirectory())
        state.withLock { state in
            if let directory { state.directory = directory }
            if let clinic, let name = clinic.name, let zone = clinic.zone.flatMap({ Zone($0) }) {
                let place = state.directory?.locations.first { $0.zone == zone.name }
                state.site = Site(name: name, address: place?.address, phone: place?.phone, zone: zone, isDemo: state.site.isDemo)
                state.isSetUp = true
            }
        }
    }
}
