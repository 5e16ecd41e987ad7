internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

/// What it takes to read and change calls.
struct CallStore: Sendable {
    /// Minutes before the visit from which on the patient can wait, and after its end until it is over.
    static let (opensBefore, lastsAfter) = (15, 60)
    /// Seconds without a window after which who waits has left: a phone in a pocket, or a look at another page, is no leaving.
    static let leftAfter = 600.0

    let sealer: Sealer
    var relay: RelayServer?

    func sealed(_ text: String, of patient: ID<Patient>, _ table: StaticString, _ column: StaticString, row: UUID) throws -> [UInt8] {
        try sealer.cipher(for: patient.uuid, making: true).seal(Array(text.utf8), at: Place(table, column, row: row))
    }

    /// Nil where the text is gone with the patient's key.
    func opened(_ sealed: [UInt8], of patient: UUID, _ table: StaticString, _ column: StaticString, row: UUID) -> String? {
        let bytes = try? sealer.cipher(for: patient).open(sealed, at: Place(table, column, row: row))
        return bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    /// What waits for a window that is gone.
    func forgetSignals(to window: UUID, _ tx: Transaction) { tx.queue("DELETE FROM signal WHERE \"to\" = \(window)") }
}

/// A call as it stands in its row.
struct CallRow: Sendable {
    let id: UUID
    let version: Int
    let patient: UUID
    let practitioner: UUID
    let state: CallState
    let (start, end, opens): (ZonedTime, ZonedTime, ZonedTime)
    let waitingSince: Date?
    let (patientWindow, clinicianWindow): (UUID?, UUID?)
    let (place, region): ([UInt8]?, [UInt8]?)
    let hasStarted: Bool
    let lateChoice: LateChoice?
    /// From when the patient can wait until its time is over.
    let isInTime: Bool
    let now: Date

    static let columns: SQL = """
        id, version, patient, practitioner, state, start_at, to_char(start_at AT TIME ZONE zone, 'YYYY-MM-DD"T"HH24:MI'), end_at,
        to_char(end_at AT TIME ZONE zone, 'YYYY-MM-DD"T"HH24:MI'), start_at - make_interval(mins => \(CallStore.opensBefore)::int),
        to_char((start_at - make_interval(mins => \(CallStore.opensBefore)::int)) AT TIME ZONE zone, 'YYYY-MM-DD"T"HH24:MI'), zone,
        waiting_since, patient_window, clinician_window, place, started_at IS NOT NULL,
        clock_timestamp() >= start_at - make_interval(mins => \(CallStore.opensBefore)::int)
            AND clock_timestamp() < end_at + make_interval(mins => \(CallStore.lastsAfter)::int), clock_timestamp(), late_choice, region
        """

    /// - Parameter rest: what comes after `FROM call`; of calls by video that have a time.
    static func read(_ rest: SQL, _ tx: Transaction) async throws -> [CallRow] {
        let rows = try await tx.all(
            "SELECT \(columns) FROM call \(rest)", as: UUID.self, Int.self, UUID.self, UUID.self, String.self, Date.self, String.self, Date.self,
            String.self, Date.self, String.self, String.self, Date?.self, UUID?.self, UUID?.self, [UInt8]?.self, Bool.self, Bool.self, Date.self,
            String?.self, [UInt8]?.self)
        return rows.compactMap { row in
            guard let state = CallState(rawValue: row.4) else { return nil }
            return CallRow(
                id: row.0, version: row.1, patient: row.2, practitioner: row.3, state: state,
                start: ZonedTime(row.5, local: row.6, zone: row.11), end: ZonedTime(row.7, local: row.8, zone: row.11),
                opens: ZonedTime(row.9, local: row.10, zone: row.11), waitingSince: row.12, patientWindow: row.13, clinicianWindow: row.14,
                place: row.15, region: row.20, hasStarted: row.16, lateChoice: row.19.flatMap(LateChoice.init), isInTime: row.17, now: row.18)
        }
    }

    static func one(_ id: ID<Appointment>, of patient: ID<Patient>, _ tx: Transaction) async throws -> CallRow? {
        try await read("WHERE id = \(id.uuid) AND patient = \(patient.uuid) AND is_video AND start_at IS NOT NULL", tx).first
    }

    /// Keeps everybody else from it until this transaction ends.
    static func locked(_ id: ID<Appointment>, of patient: ID<Patient>, _ tx: Transaction) async throws -> CallRow? {
        try await read("WHERE id = \(id.uuid) AND patient = \(patient.uuid) AND is_video AND start_at IS NOT NULL FOR UPDATE", tx).first
    }

    /// The window of whoever asks.
    func window(of actor: Actor) -> UUID? { actor.role == .patient ? patientWindow : clinicianWindow }
    func otherWindow(of actor: Actor) -> UUID? { actor.role == .patient ? clinicianWindow : patientWindow }

    /// - Parameter place: where the patient is; nil for who is not told.
    func view(place: String? = nil) -> CallView {
        var view = CallView(
            appointment: ID(id), version: version, patient: ID(patient), practitioner: ID(practitioner), state: state, start: start, end: end,
            opens: opens, waitingSince: waitingSince, patientWindow: patientWindow.map { ID($0) }, clinicianWindow: clinicianWindow.map { ID($0) },
            place: place, asOf: now)
        view.lateChoice = lateChoice
        return view
    }
}

extension CallStore {
    func view(_ row: CallRow, for actor: Actor) -> CallView {
        row.view(place: actor.role == .patient ? nil : row.place.flatMap { opened($0, of: row.patient, "call", "place", row: row.id) })
    }

    /// The call as it is now, after what this transaction did to it, told to whoever has a window open.
    func changed(_ id: UUID, for actor: Actor, _ tx: Transaction) async throws -> CallView {
        guard let row = try await CallRow.read("WHERE id = \(id)", tx).first else { throw TryLater("no-call") }
        try tx.emit(CallChanged(appointment: ID(id), version: row.version, patient: ID(row.patient), state: row.state))
        return view(row, for: actor)
    }
}
