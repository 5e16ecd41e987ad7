internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus

extension Bookings {
    /// Visits and times in the words of FHIR.
    func answerFHIR(_ service: Registry) {
        service.answer(SearchAppointments.self, to: .visits, with: searchAppointments)
        service.answer(SearchSlots.self, to: .looking, with: searchSlots)
        service.answer(SearchSchedules.self, to: .looking, with: searchSchedules)
    }
}

/// What appointments, slots and schedules have in common as FHIR R4 resources.
enum VisitResource {
    static let visitTypes = "urn:chartline:visit-type"
    static let series = "urn:chartline:series"
    static let resources = "urn:chartline:resource"
    /// The zone people agreed on, beside the offset it had.
    private static let zoneCode = "http://hl7.org/fhir/StructureDefinition/tz-code"

    static func visitType(_ code: String, _ service: VisitService?) -> JSONValue {
        let name = service.flatMap { $0.name["en"] ?? $0.name.sorted { $0.key < $1.key }.first?.value }
        return .concept(system: visitTypes, code: code, display: name, text: name)
    }

    /// Members of an element that is an instant: `start` and `_start`.
    static func members(_ name: String, _ time: ZonedTime) -> [(name: String, value: JSONValue)] {
        let zone: JSONValue = ["extension": [["url": .string(zoneCode), "valueCode": .string(time.zone)]]]
        return [(name, .string(time.written)), ("_" + name, zone)]
    }

    static func instant(_ date: Date) -> JSONValue { .string(date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))) }

    static func text(_ resource: JSONValue) -> String { String(decoding: resource.bytes, as: UTF8.self) }
}

extension ZonedTime {
    /// As FHIR writes an instant, by the clocks it was agreed by: `2026-11-24T10:40:00-06:00`.
    var written: String {
        guard let wall = try? Date.ISO8601FormatStyle().parse(local + ":00Z") else { return instant.formatted(.iso8601) }
        let minutes = Int((wall.timeIntervalSince(instant) / 60).rounded())
        let (hours, rest) = abs(minutes).quotientAndRemainder(dividingBy: 60)
        let sign = minutes < 0 ? "-" : "+"
        return "\(local):00\(sign)\(hours < 10 ? "0" : "")\(hours):\(rest < 10 ? "0" : "")\(rest)"
    }
}

extension Array where Element == FoundResource {
    /// A page of what was found: one more than belongs to it says that there is another.
    func page(of count: Int, total: Int) -> FoundResources {
        let page = Array(prefix(count))
        return FoundResources(resources: page, total: total, next: self.count > count ? page.last?.id : nil)
    }
}
