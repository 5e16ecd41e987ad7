public import Foundation

/// A kind of visit patients can book, as the clinic words it.
public struct VisitService: Codable, Sendable, Equatable {
    /// Stable key: `office-visit`.
    public var code: String
    /// By language: `en`, `es`.
    public var name: [String: String]
    public var minutes: Int
    /// Nil from who does not know of rules: those that are there stay.
    public var rules: VisitRules?

    public init(code: String, name: [String: String], minutes: Int, rules: VisitRules? = nil) {
        (self.code, self.name, self.minutes, self.rules) = (code, name, minutes, rules)
    }
}

/// A time that can be booked.
public struct Opening: Codable, Sendable, Equatable {
    public var practitioner: ID<Practitioner>
    public var location: ID<Location>
    /// `VisitService.code`
    public var service: String
    public var start: ZonedTime
    public var end: ZonedTime

    public init(practitioner: ID<Practitioner>, location: ID<Location>, service: String, start: ZonedTime, end: ZonedTime) {
        (self.practitioner, self.location, self.service, self.start, self.end) = (practitioner, location, service, start, end)
    }
}

/// Says when a clinician sees patients. Wall times in the location's zone; the zone must be one PostgreSQL knows.
public struct PublishAvailability: Command {
    public static let name = "scheduling.publish-availability.v1"
    public typealias Reply = Done
    public typealias Refusal = AvailabilityRefusal

    public var practitioner: ID<Practitioner>
    public var location: ID<Location>
    public var zone: String
    public var services: [VisitService]
    public var weekly: [WeeklyHours]
    /// First local day, `2026-11-23`.
    public var from: String
    /// Last local day.
    public var until: String
    public var minimumNoticeMinutes: Int
    public var key: UUID

    public init(
        practitioner: ID<Practitioner>, location: ID<Location>, zone: String, services: [VisitService], weekly: [WeeklyHours],
        from: String, until: String, minimumNoticeMinutes: Int = 60, key: UUID = .v7()
    ) {
        self.practitioner = practitioner
        self.location = location
        self.zone = zone
        self.services = services
        self.weekly = weekly
        self.from = from
        self.until = until
        self.minimumNoticeMinutes = minimumNoticeMinutes
        self.key = key
    }
}

public struct WeeklyHours: Codable, Sendable, Equatable {
    /// ISO: 1 Monday … 7 Sunday.
    public var weekday: Int
    /// `09:00`
    public var from: String
    /// `12:30`
    public var until: String

    public init(weekday: Int, from: String, until: String) {
        (self.weekday, self.from, self.until) = (weekday, from, until)
    }
}

public enum AvailabilityRefusal: String, Codable, Sendable {
    case unknownZone, invalidHours, invalidDays, invalidServices
}

/// Free times, soonest first.
public struct FindOpenings: Query {
    public static let name = "scheduling.find-openings.v1"
    public typealias Reply = Openings

    public var service: String
    public var practitioner: ID<Practitioner>?
    public var location: ID<Location>?
    /// Local day; today when nil.
    public var fromDay: String?
    public var days: Int
    public var limit: Int

    public init(
        service: String, practitioner: ID<Practitioner>? = nil, location: ID<Location>? = nil, fromDay: String? = nil, days: Int = 14,
        limit: Int = 200
    ) {
        self.service = service
        self.practitioner = practitioner
        self.location = location
        self.fromDay = fromDay
        self.days = days
        self.limit = limit
    }
}

public struct Openings: Codable, Sendable, Equatable {
    public var openings: [Opening]
    public var services: [VisitService]
    public var more: Bool

    public init(openings: [Opening], services: [VisitService], more: Bool) {
        (self.openings, self.services, self.more) = (openings, services, more)
    }
}

/// Takes a time out of the openings for ten minutes while the patient fills in the form. Sender makes the appointment's id.
public struct HoldAppointment: Command {
    public static let name = "scheduling.hold-appointment.v1"
    public typealias Reply = Held
    public typealias Refusal = BookingRefusal

    public var appointment: ID<Appointment>
    public var patient: ID<Patient>
    public var practitioner: ID<Practitioner>
    public var location: ID<Location>
    public var service: String
    public var start: Date

    public var patients: [ID<Patient>] { [patient] }
    public var key: UUID { appointment.uuid }

    public init(
        appointment: ID<Appointment>, patient: ID<Patient>, practitioner: ID<Practitioner>, location: ID<Location>, service: String,
        start: Date
    ) {
        self.appointment = appointment
        self.patient = patient
        self.practitioner = practitioner
        self.location = location
        self.service = service
        self.start = start
    }
}

public struct Held: Codable, Sendable, Equatable {
    public var appointment: ID<Appointment>
    public var start: ZonedTime
    public var end: ZonedTime
    /// When the hold lapses, by the database's clock.
    public var until: Date

    public init(appointment: ID<Appointment>, start: ZonedTime, end: ZonedTime, until: Date) {
        (self.appointment, self.start, self.end, self.until) = (appointment, start, end, until)
    }
}

/// Books a held time (same id), or a free one at once. Of many who race for one time exactly one gets it.
public struct BookAppointment: Command {
    public static let name = "scheduling.book-appointment.v1"
    public typealias Reply = Booked
    public typealias Refusal = BookingRefusal

    public var appointment: ID<Appointment>
    public var patient: ID<Patient>
    public var practitioner: ID<Practitioner>
    public var location: ID<Location>
    public var service: String
    public var start: Date
    public var key: UUID
    /// True: only what is held under this id. An id that nobody holds then gets the same refusal as one of somebody else.
    public var onlyHeld: Bool?

    public var patients: [ID<Patient>] { [patient] }

    public init(
        appointment: ID<Appointment>, patient: ID<Patient>, practitioner: ID<Practitioner>, location: ID<Location>, service: String,
        start: Date, key: UUID, onlyHeld: Bool? = nil
    ) {
        self.appointment = appointment
        self.patient = patient
        self.practitioner = practitioner
        self.location = location
        self.service = service
        self.start = start
        self.key = key
        self.onlyHeld = onlyHeld
    }
}

public struct Booked: Codable, Sendable, Equatable {
    public var appointment: ID<Appointment>
    public var version: Int
    public var start: ZonedTime
    public var end: ZonedTime

    public init(appointment: ID<Appointment>, version: Int, start: ZonedTime, end: ZonedTime) {
        (self.appointment, self.version, self.start, self.end) = (appointment, version, start, end)
    }
}

public enum BookingRefusal: Codable, Sendable, Equatable {
    /// Someone else has it. Up to three free times near it, each bookable at the moment of the answer.
    case taken(alternatives: [Opening])
    /// Not a time that is offered: outside the hours, too soon, in the past.
    case notOffered(alternatives: [Opening])
    /// The patient already has a visit then.
    case patientBusy(with: ID<Appointment>)
    /// Two holds are open already.
    case tooManyHolds
    /// The ten minutes are over.
    case holdLapsed(alternatives: [Opening])
    /// The id belongs to another appointment.
    case idInUse
    /// Patients do not book this kind of visit by themselves; the clinic does.
    case byClinicOnly
    /// The patient has one of this kind to come, and may have only one.
    case oneIsOpen(with: ID<Appointment>)
    /// The clinician is free, but nothing of a sort of rooms or devices that it needs: which there are, or the sort where there are none.
    case resourceTaken(names: [String], alternatives: [Opening])
}

public struct CancelAppointment: Command {
    public static let name = "scheduling.cancel-appointment.v1"
    public typealias Reply = Cancelled
    public typealias Refusal = CancelRefusal

    public var appointment: ID<Appointment>
    public var patient: ID<Patient>
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(appointment: ID<Appointment>, patient: ID<Patient>, key: UUID) {
        (self.appointment, self.patient, self.key) = (appointment, patient, key)
    }
}

public struct Cancelled: Codable, Sendable, Equatable {
    public var appointment: ID<Appointment>
    public var version: Int

    public init(appointment: ID<Appointment>, version: Int) {
        (self.appointment, self.version) = (appointment, version)
    }
}

public enum CancelRefusal: String, Codable, Sendable {
    case notFound
    /// It has begun, or is no longer booked; for a patient also when it begins sooner than `VisitRules.cutOffMinutes`.
    case tooLate
}

/// An appointment as its owner knows it.
public struct AppointmentLine: Codable, Sendable, Equatable {
    public var appointment: ID<Appointment>
    public var version: Int
    /// FHIR code: pending, booked, arrived, checked-in, fulfilled, cancelled, noshow.
    public var status: String
    public var patient: ID<Patient>
    public var practitioner: ID<Practitioner>
    public var location: ID<Location>
    public var service: String
    public var start: ZonedTime
    public var end: ZonedTime
    public var holdUntil: Date?
    /// True where staff booked it over others, or at a time that was not offered.
    public var isOverride: Bool?
    /// What it was booked together with.
    public var series: UUID?
    /// True where it is not when its series has it: it was moved by itself, or left when others were moved.
    public var isApart: Bool?

    public init(
        appointment: ID<Appointment>, version: Int, status: String, patient: ID<Patient>, practitioner: ID<Practitioner>,
        location: ID<Location>, service: String, start: ZonedTime, end: ZonedTime, holdUntil: Date? = nil, isOverride: Bool? = nil,
        series: UUID? = nil, isApart: Bool? = nil
    ) {
        self.appointment = appointment
        self.version = version
        self.status = status
        self.patient = patient
        self.practitioner = practitioner
        self.location = location
        self.service = service
        self.start = start
        self.end = end
        self.holdUntil = holdUntil
        self.isOverride = isOverride
        self.series = series
        self.isApart = isApart
    }
}

/// A patient's coming appointments, soonest first, with the last few past ones.
public struct ReadAppointments: Query {
    public static let name = "scheduling.read-appointments.v1"
    public typealias Reply = Appointments

    public var patient: ID<Patient>
    /// Nil for all there is room for; else this one alone, however far away it is.
    public var only: ID<Appointment>?

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, only: ID<Appointment>? = nil) {
        (self.patient, self.only) = (patient, only)
    }
}

public struct Appointments: Codable, Sendable, Equatable {
    public var coming: [AppointmentLine]
    public var past: [AppointmentLine]
    public var services: [VisitService]
    public var asOf: Date

    public init(coming: [AppointmentLine], past: [AppointmentLine], services: [VisitService], asOf: Date) {
        (self.coming, self.past, self.services, self.asOf) = (coming, past, services, asOf)
    }
}

/// Every appointment of one local day at a location, in time order.
public struct ReadDay: Query {
    public static let name = "scheduling.read-day.v1"
    public typealias Reply = DayOfAppointments

    public var location: ID<Location>?
    /// `2026-11-23` in each location's own zone; today when nil.
    public var day: String?

    public init(location: ID<Location>? = nil, day: String? = nil) {
        (self.location, self.day) = (location, day)
    }
}

public struct DayOfAppointments: Codable, Sendable, Equatable {
    public var day: String
    public var appointments: [AppointmentLine]
    public var services: [VisitService]
    public var asOf: Date

    public init(day: String, appointments: [AppointmentLine], services: [VisitService], asOf: Date) {
        (self.day, self.appointments, self.services, self.asOf) = (day, appointments, services, asOf)
    }
}

/// One appointment, asked by a worker at the moment it acts.
public struct ReadAppointment: Query {
    public static let name = "scheduling.read-appointment.v1"
    public typealias Reply = AppointmentLine
    public typealias Refusal = CancelRefusal

    public var appointment: ID<Appointment>

    public init(appointment: ID<Appointment>) {
        self.appointment = appointment
    }
}

public struct AppointmentHeld: Event, Equatable {
    public static let name = "scheduling.appointment-held.v1"

    public var appointment: ID<Appointment>
    public var version: Int
    public var patient: ID<Patient>
    public var until: Date

    public init(appointment: ID<Appointment>, version: Int, patient: ID<Patient>, until: Date) {
        (self.appointment, self.version, self.patient, self.until) = (appointment, version, patient, until)
    }
}

public struct AppointmentBooked: Event, Equatable {
    public static let name = "scheduling.appointment-booked.v1"

    public var appointment: ID<Appointment>
    public var version: Int
    public var patient: ID<Patient>
    public var practitioner: ID<Practitioner>
    public var location: ID<Location>
    public var start: ZonedTime
    public var end: ZonedTime
    /// The code of its kind; nil from who does not say.
    public var service: String?

    public init(
        appointment: ID<Appointment>, version: Int, patient: ID<Patient>, practitioner: ID<Practitioner>, location: ID<Location>,
        start: ZonedTime, end: ZonedTime, service: String? = nil
    ) {
        self.appointment = appointment
        self.version = version
        self.patient = patient
        self.practitioner = practitioner
        self.location = location
        self.start = start
        self.end = end
        self.service = service
    }
}

public struct AppointmentRescheduled: Event, Equatable {
    public static let name = "scheduling.appointment-rescheduled.v1"

    public var appointment: ID<Appointment>
    public var version: Int
    public var patient: ID<Patient>
    public var practitioner: ID<Practitioner>
    public var location: ID<Location>
    public var start: ZonedTime
    public var end: ZonedTime
    /// What it was before.
    public var old: AppointmentTime?

    public init(
        appointment: ID<Appointment>, version: Int, patient: ID<Patient>, practitioner: ID<Practitioner>, location: ID<Location>,
        start: ZonedTime, end: ZonedTime, old: AppointmentTime? = nil
    ) {
        self.appointment = appointment
        self.version = version
        self.patient = patient
        self.practitioner = practitioner
        self.location = location
        self.start = start
        self.end = end
        self.old = old
    }
}

/// When and with whom a visit was to be.
public struct AppointmentTime: Codable, Sendable, Equatable {
    public var practitioner: ID<Practitioner>
    public var location: ID<Location>
    public var start: ZonedTime
    public var end: ZonedTime

    public init(practitioner: ID<Practitioner>, location: ID<Location>, start: ZonedTime, end: ZonedTime) {
        (self.practitioner, self.location, self.start, self.end) = (practitioner, location, start, end)
    }
}

public struct AppointmentCancelled: Event, Equatable {
    public static let name = "scheduling.appointment-cancelled.v1"

    public var appointment: ID<Appointment>
    public var version: Int
    public var patient: ID<Patient>
    /// Code: by-patient, by-clinic, hold-expired, patient-deceased, entered-in-error.
    public var reason: String

    public init(appointment: ID<Appointment>, version: Int, patient: ID<Patient>, reason: String) {
        (self.appointment, self.version, self.patient, self.reason) = (appointment, version, patient, reason)
    }
}
