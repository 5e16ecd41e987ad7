internal import Contracts
internal import MessageBus
internal import Synchronization

/// The clinic's names and places as records knows them, asked at most once a minute.
final class Clinics: Sendable {
    private struct Known {
        let directory: Directory?
        let name: String?
        let until: ContinuousClock.Instant
    }

    private static let keptFor = Duration.seconds(60)
    private let bus: any Bus
    private let known = Mutex<Known?>(nil)

    init(_ bus: any Bus) { self.bus = bus }

    func words(for location: ID<Location>) async -> ClinicWords {
        let known = await current()
        let place = known.directory?.locations.first { $0.id == location }
        let line = place.map { place in [place.name, place.address].compactMap(\.self).joined(separator: ", ") }
        return ClinicWords(name: known.directory?.organization ?? known.name, place: line, phone: place?.phone)
    }

    /// The clinic as a whole, for what is about no visit.
    func words() async -> ClinicWords {
        let known = await current()
        return ClinicWords(name: known.directory?.organization ?? known.name, place: nil, phone: known.directory?.locations.first?.phone)
    }

    private func current() async -> Known {
        if let kept = known.withLock({ $0 }), kept.until > .now { return kept }
        let directory = try? await bus.ask(ReadDirectory())
        var name: String?
        if directory?.organization == nil { name = try? await bus.ask(ReadClinic()).name }
        // A message without the place is better than none; whoever did not answer is asked again soon.
        let answered = directory != nil
        let fresh = Known(directory: directory, name: name, until: .now + (answered ? Self.keptFor : .seconds(5)))
        known.withLock { $0 = fresh }
        return fresh
    }
}
