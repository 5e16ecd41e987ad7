public import Contracts
public import Foundation

/// The value of a time's radio button: everything the hold needs, nothing about the patient.
public func slotValue(_ opening: Opening) -> String { slotValue(opening.practitioner, opening.location, opening.service, opening.start) }

/// The same of a time that is held.
public func slotValue(_ visit: AppointmentLine) -> String { slotValue(visit.practitioner, visit.location, visit.service, visit.start) }

private func slotValue(_ practitioner: ID<Practitioner>, _ location: ID<Location>, _ service: String, _ start: ZonedTime) -> String {
    "\(practitioner)|\(location)|\(service)|\(Int(start.instant.timeIntervalSince1970))"
}

/// A chosen time, read back from its radio button.
public struct ChosenSlot: Sendable, Equatable {
    public var practitioner: ID<Practitioner>
    public var location: ID<Location>
    public var service: String
    public var start: Date

    /// - Returns: nil for anything `slotValue` did not write.
    public init?(_ value: String) {
        let parts = value.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, let practitioner = ID<Practitioner>(parts[0]), let location = ID<Location>(parts[1]),
            (1...64).contains(parts[2].utf8.count), let seconds = Int(parts[3]), (0..<10_000_000_000).contains(seconds)
        else { return nil }
        self.practitioner = practitioner
        self.location = location
        service = parts[2]
        start = Date(timeIntervalSince1970: Double(seconds))
    }
}
