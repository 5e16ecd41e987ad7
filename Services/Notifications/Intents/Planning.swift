internal import Contracts
internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

/// Turns what scheduling tells into intents. Versions decide, not the order in which events come.
struct Planning: Sendable {
    let sealer: Sealer
    /// Channels this installation does not use: what would be sent at once is not even tried. What is due later is, for then they may be on.
    let off: Set<Channel>
    let now: @Sendable () -> Date

    init(sealer: Sealer, off: Set<Channel> = [], now: @escaping @Sendable () -> Date = { Date() }) {
        (self.sealer, self.off, self.now) = (sealer, off, now)
    }

    enum Seen: String { case booked, cancelled }

    /// Notes how far the appointment has come, and withdraws what older versions planned. - Returns: false when a later version is known already.
    func advance(
        _ appointment: ID<Appointment>, to version: Int, _ state: Seen, of patient: ID<Patient>, in tx: Transaction
    ) async throws -> Bool {
        // First, because it waits for whoever handles another event of this appointment: the withdrawal then sees what that one planned.
        let isNew = try await tx.first(
            """
            INSERT INTO appointment_seen (appointment, version, patient, state)
            VALUES (\(appointment.uuid), \(version), \(patient.uuid), \(state.rawValue))
            ON CONFLICT (appointment) DO UPDATE SET version = excluded.version, state = excluded.state
                WHERE appointment_seen.version < excluded.version
            RETURNING xmax = 0
            """, as: Bool.self)
        guard let isNew else { return Fault.versionsIgnored.isOn }
        // Of an appointment nobody has told of before nothing was planned.
        guard !isNew else { return true }
        tx.queue(
            // What has been handed to a provider cannot be called back; everything else can.
            """
            UPDATE intent SET state = 'superseded', reason = \(state == .cancelled ? Reason.cancelled : .moved), next_at = NULL, lease_until = NULL
            WHERE appointment = \(appointment.uuid) AND version < \(version)
                AND (state = 'scheduled' OR state = 'claimed' AND handed_at IS NULL)
            """)
        return true
    }

    /// The confirmation now and the reminders in time, by both channels: one for every rule there is, of which the kind of visit may have few.
    func plan(
        _ appointment: ID<Appointment>, _ version: Int, _ patient: ID<Patient>, start: ZonedTime, home: Later, in tx: Transaction
    ) throws {
        let known = try copy(of: patient, home, in: tx)
        let zone = known?.home ?? TimeZone(identifier: start.zone)
        guard let zone else { throw DeadLetter("unknown-zone") }
        let now = now()
        let reminders = ReminderPlan.ladder.map { ReminderPlan($0, startsAt: start.instant, patientZone: zone, now: now) }
        let nobody = known?.isPractice == true ? Reason.practice : nil
        let late = start.instant <= now ? Reason.past : nil
        insert(
            Channel.allCases.flatMap { channel in
                [
                    Draft(
                        appointment, version, patient, .confirmation, channel, .atOnce, ZonedTime(now, in: zone), start,
                        nobody ?? late ?? offNow(channel),
                        answers: true),
                ]
                    + reminders.map {
                        Draft(appointment, version, patient, .reminder, channel, $0.timing, $0.due, start, nobody ?? $0.suppressed)
                    }
            }, tx)
    }

    func planCancellation(_ event: AppointmentCancelled, in tx: Transaction) async throws {
        // The event does not say when the visit was to be; the sender asks. The zone is only how the row tells its time.
        let home = home(of: event.patient, in: tx)
        let planned = try await tx.first(
            "SELECT due_zone FROM intent WHERE appointment = \(event.appointment.uuid) ORDER BY version DESC LIMIT 1", as: String.self)
        let known = try copy(of: event.patient, home, in: tx)
        let zone = known?.home ?? planned.flatMap { TimeZone(identifier: $0) } ?? .gmt
        let due = ZonedTime(now(), in: zone)
        insert(
            Channel.allCases.map { channel in
                Draft(
                    event.appointment, event.version, event.patient, .cancellation, channel, .atOnce, due, nil,
                    known?.isPractice == true ? .practice : offNow(channel),
                    answers: event.reason == "by-patient")
            }, tx)
    }

    /// The sealed copy of where a patient lives, read with the next statement.
    func home(of patient: ID<Patient>, in tx: Transaction) -> Later { tx.later("SELECT body FROM contact WHERE patient = \(patient.uuid)") }

    /// What the sealed copy says; nil, and records is asked soon, when there is none.
    private func copy(of patient: ID<Patient>, _ home: Later, in tx: Transaction) throws -> ContactCopy? {
        let kept = try home.first(as: [UInt8]?.self)
        guard let kept else {
            tx.queue("INSERT INTO contact (patient, ask_at) VALUES (\(patient.uuid), now()) ON CONFLICT DO NOTHING")
            return nil
        }
        return kept.flatMap { ContactCopy(sealed: $0, of: patient, sealer) }
    }

    private func offNow(_ channel: Channel) -> Reason? { off.contains(channel) ? .channelOff : nil }

    private struct Draft {
        let appointment: ID<Appointment>
        let version: Int
        let patient: ID<Patient>
        let kind: Kind
        let channel: Channel
        let timing: Timing
        let due: ZonedTime
        let start: ZonedTime?
        let suppressed: Reason?
        let answers: Bool

        init(
            _ appointment: ID<Appointment>, _ version: Int, _ patient: ID<Patient>, _ kind: Kind, _ channel: Channel, _ timing: Timing,
            _ due: ZonedTime, _ start: ZonedTime?, _ suppressed: Reason?, answers: Bool = false
        ) {
            (self.appointment, self.version, self.patient, self.kind, self.channel) = (appointment, version, patient, kind, channel)
            (self.timing, self.due, self.start, self.suppressed, self.answers) = (timing, due, start, suppressed, answers)
        }
    }

    private func insert(_ drafts: [Draft], _ tx: Transaction) {
        guard let first = drafts.first else { return }
        tx.queue(
            """
            INSERT INTO intent (id, appointment, version, patient, kind, channel, rule, due_at, due_local, due_zone, starts_at, starts_zone,
                answers, planned_at, state, reason, next_at)
            VALUES \(drafts.dropFirst().reduce(row(first)) { "\($0), \(row($1))" })
            ON CONFLICT ON CONSTRAINT intent_once DO NOTHING
            """)
    }

    private func row(_ draft: Draft) -> SQL {
        let state = draft.suppressed == nil ? "scheduled" : "suppressed"
        let next = draft.suppressed == nil ? draft.due.instant : nil
        return """
            (\(UUID.v7()), \(draft.appointment.uuid), \(draft.version)::int, \(draft.patient.uuid), \(draft.kind), \(draft.channel),
                \(draft.timing), \(draft.due.instant), \(draft.due.local), \(draft.due.zone), \(draft.start?.instant), \(draft.start?.zone),
                \(draft.answers), \(now()), \(state), \(draft.suppressed), \(next))
            """
    }
}
