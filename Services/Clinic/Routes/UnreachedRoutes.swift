import Contracts
import Hummingbird
import MessageBus
import Web

/// Whom no message has reached.
struct UnreachedRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/unreached",
            parts.staff(where: \.isAtDesk) { request, _, staff in
                let found = try await parts.bus.ask(ReadUnreached(), as: staff.person.token)
                let ids = Array(Set(found.lines.map(\.patient) + (found.letters ?? []).map(\.patient)))
                // Who asks about nobody is answered by nobody.
                let known = try await Available { () async throws(BusError) in
                    ids.isEmpty ? [] : try await parts.bus.ask(ReadPatientSummaries(patients: ids), as: staff.person.token).patients
                }
                let patients = Dictionary((known.value ?? []).map { ($0.id, $0) }) { first, _ in first }
                let isDone = request.uri.queryParameters["done"] != nil
                let view = UnreachedView(found: found, patients: patients, isDone: isDone, now: staff.now)
                return unreachedPage(view, in: staff.frame(at: .day)).response()
            })
        routes.post(
            "/unreached",
            parts.staff(where: \.isAtDesk) { _, context, staff in
                let form = context.web.form
                guard let intent = form["intent"].flatMap({ ID<Intent>($0) }), let patient = form["patient"].flatMap({ ID<Patient>($0) }) else {
                    throw HTTPError(.badRequest)
                }
                let command = CloseUnreached(intent: intent, patient: patient, key: try parts.submission(context))
                _ = try await parts.bus.request(command, as: staff.person.token)
                return .seeOther("/unreached?done=1")
            })
    }
}
