import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// What a patient measures at home.
struct ReadingsRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/readings",
            parts.visitor { request, _, visitor in
                let readings = try await parts.bus.own(ReadHomeReadings(patient: visitor.patient), visitor.token)
                let view = ReadingsView(
                    readings: readings, zone: zone(readings, visitor), isSaved: request.uri.queryParameters["saved"] != nil)
                return readingsPage(view, in: visitor.frame(at: .results, readings.patient, asOf: readings.asOf)).response()
            })
        routes.get(
            "/readings/:measure",
            parts.visitor { _, context, visitor in
                let measure = try measure(context)
                let readings = try await parts.bus.own(ReadHomeReadings(patient: visitor.patient), visitor.token)
                let now = Moment(visitor.now.instant, in: zone(readings, visitor))
                return page(ReadingFormView(measure: measure, form: ReadingForm(measure, at: now), now: now), readings, visitor).response()
            })
        routes.post("/readings/:measure", parts.visitor(keep))
    }

    private func measure(_ context: GatewayContext) throws -> HomeMeasure {
        guard let measure = context.parameters.get("measure").flatMap({ HomeMeasure(rawValue: $0) }) else { throw HTTPError(.notFound) }
        return measure
    }

    /// Where the patient lives; where that is not on file, where the clinic is. The page says which.
    private func zone(_ readings: HomeReadings, _ visitor: Visitor) -> Zone { readings.zone.flatMap { Zone($0) } ?? visitor.now.zone }

    private func page(_ view: ReadingFormView, _ readings: HomeReadings, _ visitor: Visitor) -> HTML {
        readingFormPage(view, in: visitor.frame(at: .results, readings.patient, asOf: readings.asOf))
    }

    @Sendable private func keep(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let measure = try measure(context)
        let form = ReadingForm(context.web.form)
        let submission = try parts.submission(context)
        let readings = try await parts.bus.own(ReadHomeReadings(patient: visitor.patient), visitor.token)
        let zone = zone(readings, visitor)
        var view = ReadingFormView(measure: measure, form: form, now: Moment(visitor.now.instant, in: zone))
        let command = RecordHomeReading(
            patient: visitor.patient, observation: ID(submission), measure: measure, value: ReadingForm.digits(form.value),
            second: measure == .bloodPressure ? ReadingForm.digits(form.second) : nil, unit: form.unit, local: form.local ?? "", zone: zone.name,
            key: submission)
        guard form.local != nil else {
            view.problems = [EntryProblem("local", .notADate)]
            return page(view, readings, visitor).response(.unprocessableContent)
        }
        switch try await parts.bus.request(command, as: visitor.token) {
        case .done: return .seeOther("/readings?saved=1")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(.idInUse): throw HTTPError(.conflict)
        case .refused(.invalid(let problems)):
            view.problems = problems
            return page(view, readings, visitor).response(.unprocessableContent)
        }
    }
}

/// What was typed.
struct ReadingForm: Sendable {
    var value = ""
    var second = ""
    var unit: String
    var day: String
    var time: String

    init(_ measure: HomeMeasure, at now: Moment) {
        unit = measure.units.first ?? ""
        day = now.day.iso
        time = "\(Self.two(now.minuteOfDay / 60)):\(Self.two(now.minuteOfDay % 60))"
    }

    init(_ form: FormData) {
        func typed(_ name: String) -> String { String(form.trimmed(name).prefix(40)) }
        (value, second, unit, day, time) = (typed("value"), typed("second"), typed("unit"), typed("day"), typed("time"))
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// As people write them: a comma is a point.
    static func digits(_ typed: String) -> String { typed.replacing(",", with: ".") }

    /// The wall time; nil while day or time cannot be read.
    var local: String? {
        guard let day = Day(typed: day), let minutes = Self.minutes(time) else { return nil }
        return "\(day.iso)T\(Self.two(minutes / 60)):\(Self.two(minutes % 60))"
    }

    /// Minutes since midnight of `7:40`, `19:40`, `7:40 pm`.
    static func minutes(_ typed: String) -> Int? {
        let text = typed.lowercased().replacing(".", with: "")
        guard let match = text.wholeMatch(of: /([0-9]{1,2}):([0-9]{2}) ?(am|pm|a m|p m)?/), let hour = Int(match.1), let minute = Int(match.2),
            minute < 60
        else { return nil }
        guard let half = match.3 else { return hour < 24 ? hour * 60 + minute : nil }
        guard (1...12).contains(hour) else { return nil }
        return (hour % 12 + (half.hasPrefix("p") ? 12 : 0)) * 60 + minute
    }
}
