public import Contracts
import Foundation
public import MessageBus
import Synchronization

/// What every page says of the clinic: its name, zone, people and places. Asked for again and again, so that a page never waits for it.
public final class ClinicFacts: Sendable {
    private struct State {
        var site: Site
        var directory: Directory?
        var isSetUp = false
        /// The one that is shown, and those that pages still open may show.
        var logos: [Logo] = []
    }

    private static let logosKept = 4

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

    /// A logo that is or was shown a while ago.
    func logo(_ digest: String) -> Logo? { state.withLock { $0.logos.first { $0.digest == digest } } }

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

    func refresh() async {
        let clinic = try? await bus.ask(ReadClinic())
        let directory = try? await bus.ask(ReadDirectory())
        let logo = await logo(clinic?.texts)
        state.withLock { state in
            if let directory { state.directory = directory }
            if let clinic, let name = clinic.name, let zone = clinic.zone.flatMap({ Zone($0) }) {
                let place = state.directory?.locations.first { $0.zone == zone.name }
                let texts = clinic.texts
                let phone = texts.flatMap { $0.phone.isEmpty ? nil : $0.phone } ?? place?.phone
                state.site = Site(name: name, address: place?.address, phone: phone, zone: zone, isDemo: state.site.isDemo)
                (state.site.emergency, state.site.welcome) = (texts?.emergency.written ?? [:], texts?.welcome.written ?? [:])
                state.site.logo = logo
                if let logo { state.logos = [logo] + state.logos.filter { $0.digest != logo.digest }.prefix(Self.logosKept - 1) }
                state.isSetUp = true
            }
        }
    }

    /// What is shown: a new picture once it is here, until then the one before.
    private func logo(_ texts: ClinicTexts?) async -> Logo? {
        guard let texts, let logo = texts.logo else { return nil }
        let alt = texts.logoAlt.isEmpty ? texts.name : texts.logoAlt
        if let known = self.logo(logo.digest) { return Logo(logo, Data(known.bytes), alt: alt) }
        guard case .done(let read)? = try? await bus.request(ReadClinicLogo(digest: logo.digest)) else { return site.logo }
        return Logo(logo, read.bytes, alt: alt)
    }
}

extension [String: String] {
    /// Without those that say nothing.
    fileprivate var written: [String: String] { filter { !$0.value.isEmpty } }
}
