internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

/// What holding and booking share.
struct Bookings: Sendable {
    /// Days ahead that can be booked.
    var horizonDays = 180
    /// How long a hold lasts, by the database's clock.
    var holdSeconds = 600.0
    /// Holds a patient, and a patient's account, may have open at once.
    static let holdsAtMost = 2

    static func wait(for patient: ID<Patient>, _ tx: Transaction) {
        tx.queue("SELECT pg_advisory_xact_lock(\(LockSpace.patient.rawValue), hashtext(\(patient.description)))")
    }

    /// What those wait for who want a time of a clinician on the same day; SQL that says the same of a row is in `RescheduleAppointment`.
    static func turn(_ practitioner: ID<Practitioner>, _ start: Date) -> String {
        "\(practitioner)/\(Int((start.timeIntervalSince1970 / 86_400).rounded(.down)))"
    }
}

/// First keys of two-part advisory locks: each kind has numbers of its own, apart from the single keys the relay and the migrations use.
enum LockSpace: Int32 {
    case publication = 1
    case patient = 2
    case practitionerDay = 3
    case placeDay = 4
}

/// Of holding and of booking: the same time for the same patient.
protocol TimeWanted {
    var appointment: ID<Appointment> { get }
    var patient: ID<Patient> { get }
    var practitioner: ID<Practitioner> { get }
    var location: ID<Location> { get }
    var service: String { get }
    var start: Date { get }
}

extension HoldAppointment: TimeWanted {}
extension BookAppointment: TimeWanted {}

extension TimeWanted {
    /// Those who want the same time of a clinician, or a time for the same patient, come one after the other: the exclusion constraints then answer
    /// at once, where concurrent inserts would wait for each other until the deadlock detector looks. Patient before clinician, in every transaction.
    func takeTurns(_ tx: Transaction) {
        Bookings.wait(for: patient, tx)
        tx.queue("SELECT pg_advisory_xact_lock(\(LockSpace.practitionerDay.rawValue), hashtext(\(Bookings.turn(practitioner, start))))")
        takeTurnsForResources(tx)
    }

    /// Gives back the times of lapsed holds, so that nobody is refused because of one. The holds themselves end by `lapseHolds`.
    func freeLapsed(_ tx: Transaction) {
        tx.queue(
            """
            UPDATE appointment SET live = false
            WHERE patient = \(patient.uuid) AND status = 'pending' AND live AND hold_until <= clock_timestamp()
            """)
        tx.queue(
            """
            DELETE FROM resource_time
            WHERE resource = \(practitioner.uuid) AND hold_until <= clock_timestamp()
                AND period && (SELECT tstzrange(\(start) - make_interval(mins => minutes_before),
                        \(start) + make_interval(mins => minutes + minutes_after)) FROM visit_service WHERE code = \(service))
            """)
        Bookings.freeLapsedResources(of: location, for: service, tx)
    }

    /// The offered time that is wanted, as row `o`; no row when it is not offered, or a room or a device that it needs is not free.
    /// - Parameter evenWithout: also when one is not.
    func offered(horizonDays: Int, evenWithout: Bool = false) -> SQL {
        let has: SQL =
            evenWithout
            ? ""
            : """
            AND NOT EXISTS (SELECT FROM needed(\(service), o.location, o.takes, coalesce(o.session, \(appointment.description))) n
                WHERE n.resource IS NULL)
            """
        return """
        (SELECT o.* FROM (SELECT DISTINCT zone FROM publication WHERE practitioner = \(practitioner.uuid) AND location = \(location.uuid)) z
        CROSS JOIN LATERAL offered(\(service), \(practitioner.uuid), \(location.uuid), (\(start) AT TIME ZONE z.zone)::date, 1) o
        WHERE o.zone = z.zone AND o.start_at = \(start) AND o.start_at >= now() + make_interval(mins => o.notice_minutes)
            AND o.start_at < now() + make_interval(days => least(\(horizonDays)::int, o.horizon_days))
            AND NOT EXISTS (SELECT FROM leave l WHERE l.practitioner = o.practitioner AND l.period && o.takes)
            -- What is booked over has a lane of its own, which no constraint compares with the one that is taken here. It is never a hold.
            AND NOT EXISTS (SELECT FROM resource_time r WHERE r.resource = \(practitioner.uuid) AND NOT r.is_other AND r.lane >= 100
                AND r.period && o.takes AND r.appointment <> \(appointment.uuid)) \(has)) o
        """
    }
}
