import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// The calendar: a day of every clinician or of every room and device, or a week of one clinician; and how a month went at the desk.
struct CalendarRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/calendar", parts.staff(show))
        routes.get("/calendar/month", parts.staff(where: \.isAtDesk, month))
    }

    @Sendable private func show(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let asked = request.uri.queryParameters
        let day = asked["day"].flatMap { Day(String($0)) } ?? staff.now.day
        let clinicians = parts.facts.directory?.practitioners ?? []
        let with = asked["with"].flatMap { ID<Practitioner>(String($0.split(separator: "/").last ?? "")) }
        let place = asked["place"].flatMap { ID<Location>(String($0.split(separator: "/").last ?? "")) }
        let first = with == nil ? day : day.monday
        let byRoom = asked["with"] == "rooms"
        let query = ReadCalendar(from: first.iso, days: with == nil ? 1 : 7, location: place, practitioner: with, withResources: byRoom ? true : nil)
        let found = try await parts.bus.ask(query, as: staff.person.token)
        let view = CalendarView(
            day: day, first: first, with: with, byRoom: byRoom, place: place, found: found, page: max(1, request.number("page") ?? 1),
            patients: await staff.summaries(of: found.appointments.map(\.patient)), clinicians: clinicians,
            places: parts.facts.directory?.locations ?? [], names: parts.facts.names(found.services), mayBook: staff.mayBook, now: staff.now)
        return calendarPage(view, in: staff.frame(at: .day)).response()
    }

    @Sendable private func month(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let month = request.uri.queryParameters["month"].flatMap { Day("\($0)-01") } ?? staff.now.day.firstOfMonth
        let found = try await parts.bus.ask(ReadScheduleMonth(month: month.yearAndMonth), as: staff.person.token)
        let view = ScheduleMonthView(month: month, found: found, names: parts.facts.names(found.services))
        return scheduleMonthPage(view, in: staff.frame(at: .day)).response()
    }
}

extension Day {
    /// The first day of its week.
    fileprivate var monday: Day {
        // 1970-01-01 was a Thursday.
        daysSince1970.map { Day(daysSince1970: $0 - ($0 + 3).modulo(7)) } ?? self
    }
}

extension Int {
    fileprivate func modulo(_ divisor: Int) -> Int { (self % divisor + divisor) % divisor }
}
