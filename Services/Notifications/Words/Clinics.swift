internal import Contracts
internal import MessageBus
internal import Synchronization

/// The clinic's names and places as records knows them, asked at most once a minute.
final class Clinics: Sendable {
    private struct Known {
        let directory: Directory?
        let clinic: ClinicSettings?
        let until: ContinuousClock.Instant

        /// What administrators call it, or what it was called when it was set up.
        var name: String? { clinic?.texts?.name ?? directory?.organization ?? clinic?.name }
        var phone: String? { clinic?.texts.flatMap { $0.phone.isEmpty ? nil : $0.phone } }
        var closing: [String: String] { (clinic?.texts?.closing ?? [:]).filter { !$0.value.isEmpty } }
    }

    private static let keptFor = Duration.seconds(60)
    private let bus: any Bus
    private let known = Mutex<Known?>(nil)

    init(_ bus: any Bus) { self.bus = bus }

    func words(for location: ID<Location>) async -> ClinicWords {
        let known = await current()
        let place = known.directory?.locations.first { $0.id == location }
        let line = place.map { place in [place.name, place.address].compactMap(\.self).joined(separator: ", ") }
        return ClinicWords(name: known.name, place: line, phone: place?.phone ?? known.phone, closing: known.closing)
    }

    /// The clinic as a whole, for what is about no visit.
    func words() async -> ClinicWords {
        let known = await current()
        let phone = known.phone ?? known.directory?.locations.first?.phone
        return ClinicWords(name: known.name, place: nil, phone: phone, closing: known.closing)
    }

    private func current() async -> Known {
        let before = known.withLock { $0 }
        if let before, before.until > .now { return before }
        let directory = try? await bus.ask(ReadDirectory())
        let clinic = try? await bus.ask(ReadClinic())
        // What was known last is better than nothing; whoever did not answer is asked again soon.
        let answered = directory != nil && clinic != nil
        let fresh = Known(
            directory: directory ?? before?.directory, clinic: clinic ?? before?.clinic, until: .now + (answered ? Self.keptFor : .seconds(5)))
        known.withLock { $0 = fresh }
        return fresh
    }
}
