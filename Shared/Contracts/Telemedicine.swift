public import Foundation

/// How far a visit by video is. What may follow what is `CallState.after` in telemedicine.
public enum CallState: String, Codable, Sendable, CaseIterable {
    case scheduled
    /// The patient is in the waiting room.
    case waiting
    /// The clinician has let the patient in.
    case admitted
    /// Both are there.
    case live
    /// One of them was there and is not.
    case reconnecting
    case ended, cancelled
    /// Nobody came, of the one side or the other.
    case missedPatient, missedClinician

    /// Nothing follows.
    public var isOver: Bool { [.ended, .cancelled, .missedPatient, .missedClinician].contains(self) }

    /// The patient has gone there, and it is not over.
    public var isUnderWay: Bool { self == .waiting || isOpen }

    /// The two may speak to each other.
    public var isOpen: Bool { [.admitted, .live, .reconnecting].contains(self) }
}

/// A visit by video, as both sides see it.
public struct CallView: Codable, Sendable, Equatable {
    public var appointment: ID<Appointment>
    public var version: Int
    public var patient: ID<Patient>
    public var practitioner: ID<Practitioner>
    public var state: CallState
    public var start: ZonedTime
    public var end: ZonedTime
    /// From when the patient can wait.
    public var opens: ZonedTime
    public var waitingSince: Date?
    /// The window of each side, while there is one.
    public var patientWindow: ID<CallWindow>?
    public var clinicianWindow: ID<CallWindow>?
    /// Where the patient says they are; the clinic alone is told.
    public var place: String?
    /// In which state that is, where they were asked; the clinic alone is told.
    public var region: Region?
    /// Whether the clinician who reads it holds no licence for there; a nurse is told it of the visit's. Nil where nothing is on file to go by.
    public var lacksLicence: Bool?
    public var asOf: Date
    /// For whoever has a window of it, once the patient is let in.
    public var relay: CallRelay?
    /// What a patient chose who was kept waiting.
    public var lateChoice: LateChoice?
    /// Who else was asked in and not sent away; missing in a list of calls.
    public var guests: [CallGuest]?

    public init(
        appointment: ID<Appointment>, version: Int, patient: ID<Patient>, practitioner: ID<Practitioner>, state: CallState, start: ZonedTime,
        end: ZonedTime, opens: ZonedTime, waitingSince: Date? = nil, patientWindow: ID<CallWindow>? = nil, clinicianWindow: ID<CallWindow>? = nil,
        place: String? = nil, asOf: Date
    ) {
        (self.appointment, self.version, self.patient, self.practitioner) = (appointment, version, patient, practitioner)
        (self.state, self.start, self.end, self.opens, self.waitingSince) = (state, start, end, opens, waitingSince)
        (self.patientWindow, self.clinicianWindow, self.place, self.asOf) = (patientWindow, clinicianWindow, place, asOf)
    }
}

/// What a browser is to show the TURN server. Good for ten minutes.
public struct CallRelay: Codable, Sendable, Equatable {
    public var urls: [String]
    public var username: String
    public var credential: String

    public init(urls: [String], username: String, credential: String) {
        (self.urls, self.username, self.credential) = (urls, username, credential)
    }
}

extension CallView {
    /// From so many seconds after the start on a visit is late.
    public static let lateAfter = 600.0

    /// Whether one of the two keeps the other waiting.
    public var isLate: Bool {
        (state == .scheduled || state == .waiting) && asOf >= start.instant.addingTimeInterval(Self.lateAfter) && asOf < end.instant
    }
}

/// What somebody does who waits no longer.
public enum LateChoice: String, Codable, Sendable, CaseIterable {
    /// They book another time.
    case rebook
    /// They are called instead; scheduling has the promise.
    case phone
}

public enum CallRefusal: Codable, Sendable, Equatable {
    case notFound
    /// The waiting room opens at this time.
    case notYet(ZonedTime)
    /// What the call is now does not allow it.
    case notNow(CallState)
    /// The patient has not agreed to a visit by video.
    case noConsent
    /// In which place the patient is has not been said, or in more than 200 characters.
    case noPlace
    /// The ticket is used, too old, or somebody else's.
    case noTicket
    /// Another window has taken the place of this one.
    case replaced
    case tooLong
    /// So many tickets were asked for in the last minute.
    case tooMany
}

/// One visit by video.
public struct ReadCall: Query {
    public static let name = "telemedicine.read-call.v1"
    public typealias Reply = CallView
    public typealias Refusal = CallRefusal

    public var patient: ID<Patient>
    public var appointment: ID<Appointment>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, appointment: ID<Appointment>) { (self.patient, self.appointment) = (patient, appointment) }
}

/// The patient goes to the waiting room: from a quarter of an hour before the visit on.
public struct EnterLobby: Command {
    public static let name = "telemedicine.enter-lobby.v1"
    public typealias Reply = CallView
    public typealias Refusal = CallRefusal

    public var patient: ID<Patient>
    public var appointment: ID<Appointment>
    /// They agree to be seen by video.
    public var consents: Bool
    /// Where they are, in their words: what an ambulance would need.
    public var place: String
    /// In which state that is; nil from a gateway that does not ask.
    public var region: Region?
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, appointment: ID<Appointment>, consents: Bool, place: String, region: Region? = nil, key: UUID) {
        (self.patient, self.appointment, self.consents) = (patient, appointment, consents)
        (self.place, self.region, self.key) = (place, region, key)
    }
}

/// The patient was kept waiting for ten minutes, and waits no longer. The clinic missed the visit, not they.
public struct ChooseWhenLate: Command {
    public static let name = "telemedicine.choose-when-late.v1"
    public typealias Reply = CallView
    public typealias Refusal = CallRefusal

    public var patient: ID<Patient>
    public var appointment: ID<Appointment>
    public var choice: LateChoice
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, appointment: ID<Appointment>, choice: LateChoice, key: UUID) {
        (self.patient, self.appointment, self.choice, self.key) = (patient, appointment, choice, key)
    }
}

/// The clinician lets the patient in.
public struct AdmitPatient: Command {
    public static let name = "telemedicine.admit-patient.v1"
    public typealias Reply = CallView
    public typealias Refusal = CallRefusal

    public var patient: ID<Patient>
    public var appointment: ID<Appointment>
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, appointment: ID<Appointment>, key: UUID) {
        (self.patient, self.appointment, self.key) = (patient, appointment, key)
    }
}

/// The clinician ends the visit, for both.
public struct EndCall: Command {
    public static let name = "telemedicine.end-call.v1"
    public typealias Reply = CallView
    public typealias Refusal = CallRefusal

    public var patient: ID<Patient>
    public var appointment: ID<Appointment>
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, appointment: ID<Appointment>, key: UUID) {
        (self.patient, self.appointment, self.key) = (patient, appointment, key)
    }
}

/// Whom clinicians and nurses find waiting, and who is being seen: soonest first.
public struct ReadWaitingRoom: Query {
    public static let name = "telemedicine.read-waiting-room.v1"
    public typealias Reply = WaitingRoom

    public init() {}
}

public struct WaitingRoom: Codable, Sendable, Equatable {
    /// At most 50.
    public var calls: [CallView]
    public var asOf: Date

    public init(calls: [CallView], asOf: Date) { (self.calls, self.asOf) = (calls, asOf) }
}
