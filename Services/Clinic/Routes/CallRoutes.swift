import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Visits by video: who waits, and the visit itself.
struct CallRoutes {
    let parts: GatewayParts
    /// Where guests go: the clinic's own address is not for them.
    let portalAddress: String

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/calls",
            parts.staff(where: \.readsCharts) { _, _, staff in
                let room = try await parts.bus.ask(ReadWaitingRoom(), as: staff.person.token)
                let patients = Array(Set(room.calls.map(\.patient)))
                let names = try await Available { () async throws(BusError) in
                    patients.isEmpty ? [] : try await parts.bus.ask(ReadPatientSummaries(patients: patients), as: staff.person.token).patients
                }
                let view = WaitingRoomView(
                    room: room, patients: names.value ?? [], names: parts.facts.names([]), now: staff.now)
                return waitingRoomPage(view, in: staff.frame(at: .day)).response()
            })
        routes.get("/patients/:id/visits/:visit/call", parts.chart { _, context, staff in try await page(context, staff).response().withCamera() })
        routes.post("/patients/:id/visits/:visit/call/admit", parts.chart { _, context, staff in
            let (patient, appointment) = try ids(context)
            let command = AdmitPatient(patient: patient, appointment: appointment, key: try parts.submission(context))
            return try await done(try await parts.bus.request(command, as: staff.person.token), context, staff)
        })
        routes.post("/patients/:id/visits/:visit/call/end", parts.chart { _, context, staff in
            let (patient, appointment) = try ids(context)
            let command = EndCall(patient: patient, appointment: appointment, key: try parts.submission(context))
            return try await done(try await parts.bus.request(command, as: staff.person.token), context, staff)
        })
        routes.post("/patients/:id/visits/:visit/call/ticket", parts.chart { _, context, staff in
            let (patient, appointment) = try ids(context)
            return try await parts.callTicket(for: patient, appointment, context, as: staff.person.token)
        })
        routes.post("/patients/:id/visits/:visit/call/chat", parts.chart(write))
        routes.get("/patients/:id/visits/:visit/call/guests", parts.chart { _, context, staff in
            try await guests(context, staff) { _ in }.response()
        })
        routes.post("/patients/:id/visits/:visit/call/guests", parts.chart(invite))
        routes.post("/patients/:id/visits/:visit/call/guests/:guest/admit", parts.chart { _, context, staff in
            let (patient, appointment) = try ids(context)
            let guest = try context.id("guest", of: Guest.self)
            let command = AdmitGuest(patient: patient, appointment: appointment, guest: guest, key: try parts.submission(context))
            try await parts.changeGuest(command, as: staff.person.token)
            return .seeOther("/patients/\(patient)/visits/\(appointment)/call")
        })
        routes.post("/patients/:id/visits/:visit/call/guests/:guest/remove", parts.chart { _, context, staff in
            let (patient, appointment) = try ids(context)
            let guest = try context.id("guest", of: Guest.self)
            let command = RemoveGuest(patient: patient, appointment: appointment, guest: guest, key: try parts.submission(context))
            try await parts.changeGuest(command, as: staff.person.token)
            return .seeOther("/patients/\(patient)/visits/\(appointment)/call/guests")
        })
    }

    @Sendable private func invite(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let (patient, appointment) = try ids(context)
        switch try await parts.inviteGuest(for: patient, appointment, context, as: staff.person.token) {
        case .success(let made):
            return try await guests(context, staff) { $0.link = ("\(portalAddress)/guest/\(made.secret)", made.name) }.response()
        case .failure(let no):
            return try await guests(context, staff) { $0.refusal = no.refusal }
                .response(no.refusal == .noName ? .unprocessableContent : .conflict)
        }
    }

    private func guests(_ context: GatewayContext, _ staff: Staff, _ change: (inout ClinicGuestsView) -> Void) async throws -> HTML {
        let (patient, appointment) = try ids(context)
        async let summary = Available { () async throws(BusError) in
            try await parts.bus.ask(ReadPatientSummaries(patients: [patient]), as: staff.person.token).patients.first
        }
        guard case .done(let call) = try await parts.bus.request(ReadCall(patient: patient, appointment: appointment), as: staff.person.token) else {
            throw HTTPError(.notFound)
        }
        var view = ClinicGuestsView(call: call, summary: (try await summary).value ?? nil, now: staff.now)
        change(&view)
        return clinicGuestsPage(view, in: staff.frame(at: .patients))
    }

    private func ids(_ context: GatewayContext) throws -> (ID<Patient>, ID<Appointment>) {
        (try context.id("id", of: Patient.self), try context.id("visit", of: Appointment.self))
    }

    private func page(
        _ context: GatewayContext, _ staff: Staff, hasChanged: Bool = false, chat refused: CallChat? = nil
    ) async throws -> HTML {
        let (patient, appointment) = try ids(context)
        async let summary = Available { () async throws(BusError) in
            try await parts.bus.ask(ReadPatientSummaries(patients: [patient]), as: staff.person.token).patients.first
        }
        switch try await parts.bus.request(ReadCall(patient: patient, appointment: appointment), as: staff.person.token) {
        case .refused: throw HTTPError(.notFound)
        case .done(let call):
            var view = ClinicCallView(
                call: call, summary: (try await summary).value ?? nil, hasChanged: hasChanged, chat: refused, names: parts.facts.names([]),
                now: staff.now)
            if refused == nil, call.state.isOpen { view.chat = try await parts.callChat(of: patient, appointment, as: staff.person.token) }
            return clinicCallPage(view, in: staff.frame(at: .patients))
        }
    }

    @Sendable private func write(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let (patient, appointment) = try ids(context)
        guard case .done(let call) = try await parts.bus.request(ReadCall(patient: patient, appointment: appointment), as: staff.person.token) else {
            throw HTTPError(.notFound)
        }
        let frame = staff.frame(at: .patients)
        guard let refused = try await parts.writeInCall(call, context, frame.t, as: staff.person.token) else {
            return .seeOther("/patients/\(patient)/visits/\(appointment)/call")
        }
        return try await page(context, staff, chat: refused).response(.conflict).withCamera()
    }

    private func done<C: Command>(_ answer: Answer<C>, _ context: GatewayContext, _ staff: Staff) async throws -> Response
    where C.Refusal == CallRefusal {
        switch answer {
        case .done:
            let (patient, appointment) = try ids(context)
            return .seeOther("/patients/\(patient)/visits/\(appointment)/call")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused: return try await page(context, staff, hasChanged: true).response(.conflict).withCamera()
        }
    }
}
