import Access
import Contracts
import Crypto
import Foundation
import MessageBus
import Postgres
import TestSupport

@testable import Telemedicine

/// An answer the test was not about.
struct Unexpected: Error {
    let what: String
    init(_ what: String) { self.what = what }
}

/// One patient with a video visit with Dr. Okafor, who is on her care team.
struct VisitRoom: Sendable {
    let test: ServiceUnderTest
    let patient = ID<Patient>()
    let account = ID<Account>()
    let okafor = ID<Practitioner>()
    let okaforsAccount = ID<Account>()
    let appointment = ID<Appointment>()

    var bus: InMemoryBus { test.bus }
    var keys: TestKeys { test.keys }

    /// - Parameter minutes: from now until it begins.
    static func open(in minutes: Double = 5, isVideo: Bool = true, relay: RelayServer? = nil, _ body: (VisitRoom) async throws -> Void) async throws {
        try await withService("telemedicine", migrations: TelemedicineService.migrations) { registry, sealer in
            TelemedicineService.answers(registry, CallStore(sealer: sealer, relay: relay), VideoKinds(listed: "video-visit"))
        } _: { test in
            let room = VisitRoom(test: test)
            let team = CareTeamChanged(team: .init(), version: 1, patient: room.patient, members: [room.okafor])
            try await test.hear(team, handler: "note-team-on-care-team-changed")
            try await room.book(room.appointment, in: minutes)
            if isVideo { try await room.run("UPDATE call SET is_video = true, ask_at = NULL") }
            try await body(room)
        }
    }

    func booking(_ id: ID<Appointment>, in minutes: Double, version: Int = 2, of service: String? = nil) -> AppointmentBooked {
        AppointmentBooked(
            appointment: id, version: version, patient: patient, practitioner: okafor, location: .init(), start: time(minutes),
            end: time(minutes + 20), service: service)
    }

    func book(_ id: ID<Appointment>, in minutes: Double) async throws {
        try await test.hear(booking(id, in: minutes), handler: "open-call-on-appointment-booked")
    }

    func time(_ minutes: Double) -> ZonedTime {
        ZonedTime(Date(timeIntervalSinceNow: minutes * 60), local: "2026-11-27T10:40", zone: "America/Chicago")
    }

    func run(_ statement: SQL) async throws { _ = try await test.pool.asWorker(of: "telemedicine") { tx in try await tx.run(statement) } }

    /// Looks what is over, as if the patient's window, where it is closed, had been closed so much longer.
    func watch(after seconds: Double = 0) async throws {
        try await run("UPDATE call SET window_gone_at = window_gone_at - make_interval(secs => \(seconds))")
        _ = try await test.pool.asWorker(of: "telemedicine") { tx in try await watchCalls(tx) }
    }

    func sql<T: PostgresDecodable & Sendable>(_ query: SQL, as type: T.Type) async throws -> T? {
        try await test.pool.asWorker(of: "telemedicine") { tx in try await tx.first(query, as: type) }
    }

    func patientToken(_ other: ID<Account>? = nil) async throws -> ActorToken {
        try await keys.token(
            Actor(issuer: "identity", role: .patient, account: other ?? account, session: .init(), patients: [patient], purpose: "own-record"))
    }

    func doctorToken() async throws -> ActorToken { try await keys.staff(.clinician, practitioner: okafor) }

    func view(as token: ActorToken) async throws -> CallView {
        guard case .done(let view) = try await bus.request(ReadCall(patient: patient, appointment: appointment), as: token) else {
            throw Unexpected("no call")
        }
        return view
    }

    func enter(consents: Bool = true, place: String = "12 Elm Street", region: Region? = nil) async throws -> Answer<EnterLobby> {
        try await bus.request(
            EnterLobby(patient: patient, appointment: appointment, consents: consents, place: place, region: region, key: .v7()),
            as: patientToken())
    }

    func admit() async throws -> Answer<AdmitPatient> {
        try await bus.request(AdmitPatient(patient: patient, appointment: appointment, key: .v7()), as: doctorToken())
    }

    func ticket(as token: ActorToken) async throws -> (Data, Answer<IssueCallTicket>) {
        let digest = Data(SHA256.hash(data: Data("\(UUID.v7())".utf8)))
        let command = IssueCallTicket(patient: patient, appointment: appointment, digest: digest, key: .v7())
        return (digest, try await bus.request(command, as: token))
    }

    func show(_ digest: Data, _ window: ID<CallWindow>, opening: UUID = .v7(), as token: ActorToken) async throws -> Answer<OpenCallWindow> {
        try await bus.request(
            OpenCallWindow(patient: patient, appointment: appointment, digest: digest, window: window, key: opening), as: token)
    }

    /// A window with a ticket of its own. - Returns: it, and the key it was opened with.
    func window(_ window: ID<CallWindow> = .init(), as token: ActorToken) async throws -> (ID<CallWindow>, UUID) {
        let opening = UUID.v7()
        guard case .done = try await show(ticket(as: token).0, window, opening: opening, as: token) else { throw Unexpected("no window") }
        return (window, opening)
    }

    func close(_ window: ID<CallWindow>, _ opening: UUID, as token: ActorToken) async throws {
        _ = try await bus.request(
            CloseCallWindow(patient: patient, appointment: appointment, window: window, opening: opening, key: .v7()), as: token)
    }

    func send(_ bodies: String..., from window: ID<CallWindow>, as token: ActorToken) async throws -> Answer<SendSignals> {
        try await bus.request(SendSignals(patient: patient, appointment: appointment, window: window, bodies: bodies, key: .v7()), as: token)
    }

    func signals(for window: ID<CallWindow>, after position: Int = 0, as token: ActorToken) async throws -> Answer<ReadSignals> {
        try await bus.request(ReadSignals(patient: patient, appointment: appointment, window: window, after: position), as: token)
    }
}
