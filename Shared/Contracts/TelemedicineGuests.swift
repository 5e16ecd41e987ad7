public import Foundation

/// Why somebody else is in a visit.
public enum GuestKind: String, Codable, Sendable, CaseIterable { case interpreter, family, other }

/// How far a guest of a visit is.
public enum GuestState: String, Codable, Sendable, CaseIterable {
    /// The link was made and nobody has used it.
    case invited
    /// Waits for the clinician.
    case waiting
    case admitted
    /// Left by themselves; they wait again when they come back.
    case left
    /// Sent away, or the visit is over.
    case removed
}

/// A guest, as the patient and the clinic see them.
public struct CallGuest: Codable, Sendable, Equatable {
    public var guest: ID<Guest>
    /// As whoever asked them in calls them.
    public var name: String
    public var kind: GuestKind
    public var state: GuestState
    /// Whether the patient asked them in, and not the clinic.
    public var isPatients: Bool
    /// While there is one, and they are let in.
    public var window: ID<CallWindow>?

    public init(
        guest: ID<Guest>, name: String, kind: GuestKind, state: GuestState, isPatients: Bool, window: ID<CallWindow>? = nil
    ) {
        (self.guest, self.name, self.kind, self.state) = (guest, name, kind, state)
        (self.isPatients, self.window) = (isPatients, window)
    }
}

public enum GuestRefusal: Codable, Sendable, Equatable {
    case notFound
    /// The link was used already.
    case used
    /// The visit is over, or the guest was sent away.
    case over
    /// The waiting room opens at this time.
    case notYet(ZonedTime)
    /// Nobody is let in before the patient, and nobody twice.
    case notNow
    /// There is no name, or it has more than 80 characters.
    case noName
    /// So many were asked in already, or are there.
    case tooMany
    case noTicket
    case replaced
    case tooLong
}

/// Asks somebody in, by a link that is good once, until the visit ends.
public struct InviteGuest: Command {
    public static let name = "telemedicine.invite-guest.v1"
    public typealias Reply = Done
    public typealias Refusal = GuestRefusal

    public var patient: ID<Patient>
    public var appointment: ID<Appointment>
    public var guest: ID<Guest>
    public var name: String
    public var kind: GuestKind
    /// SHA-256 of the link's secret, which goes to whoever asks them in and to nobody else.
    public var digest: Data

    public var patients: [ID<Patient>] { [patient] }
    public var key: UUID { guest.uuid }

    public init(patient: ID<Patient>, appointment: ID<Appointment>, guest: ID<Guest>, name: String, kind: GuestKind, digest: Data) {
        (self.patient, self.appointment, self.guest) = (patient, appointment, guest)
        (self.name, self.kind, self.digest) = (name, kind, digest)
    }
}

/// The clinician lets a guest in who waits.
public struct AdmitGuest: Command {
    public static let name = "telemedicine.admit-guest.v1"
    public typealias Reply = Done
    public typealias Refusal = GuestRefusal

    public var patient: ID<Patient>
    public var appointment: ID<Appointment>
    public var guest: ID<Guest>
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, appointment: ID<Appointment>, guest: ID<Guest>, key: UUID) {
        (self.patient, self.appointment, self.guest, self.key) = (patient, appointment, guest, key)
    }
}

/// Sends a guest away, or ends a link nobody has used.
public struct RemoveGuest: Command {
    public static let name = "telemedicine.remove-guest.v1"
    public typealias Reply = Done
    public typealias Refusal = GuestRefusal

    public var patient: ID<Patient>
    public var appointment: ID<Appointment>
    public var guest: ID<Guest>
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, appointment: ID<Appointment>, guest: ID<Guest>, key: UUID) {
        (self.patient, self.appointment, self.guest, self.key) = (patient, appointment, guest, key)
    }
}

/// What a link is for. Looking does not use it.
public struct ReadInvitation: Query {
    public static let name = "telemedicine.read-invitation.v1"
    public typealias Reply = GuestInvitation
    public typealias Refusal = GuestRefusal

    public var digest: Data

    public init(digest: Data) { self.digest = digest }
}

public struct GuestInvitation: Codable, Sendable, Equatable {
    public var patient: ID<Patient>
    public var appointment: ID<Appointment>
    public var guest: ID<Guest>
    public var name: String
    public var practitioner: ID<Practitioner>
    public var start: ZonedTime
    /// From when they can wait.
    public var opens: ZonedTime

    public init(
        patient: ID<Patient>, appointment: ID<Appointment>, guest: ID<Guest>, name: String, practitioner: ID<Practitioner>,
        start: ZonedTime, opens: ZonedTime
    ) {
        (self.patient, self.appointment, self.guest, self.name) = (patient, appointment, guest, name)
        (self.practitioner, self.start, self.opens) = (practitioner, start, opens)
    }
}

/// Uses the link: from now on the guest waits, and this browser alone is theirs.
public struct AcceptInvitation: Command {
    public static let name = "telemedicine.accept-invitation.v1"
    public typealias Reply = Done
    public typealias Refusal = GuestRefusal

    public var patient: ID<Patient>
    public var appointment: ID<Appointment>
    public var digest: Data
    /// SHA-256 of what the browser keeps from now on.
    public var session: Data
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, appointment: ID<Appointment>, digest: Data, session: Data, key: UUID) {
        (self.patient, self.appointment, self.digest, self.session, self.key) = (patient, appointment, digest, session, key)
    }
}

/// Who a guest's browser is. Ids go to gateways, and no further.
public struct GuestPass: Codable, Sendable, Equatable {
    public var patient: ID<Patient>
    public var appointment: ID<Appointment>
    public var guest: ID<Guest>
    public var session: Data

    public init(patient: ID<Patient>, appointment: ID<Appointment>, guest: ID<Guest>, session: Data) {
        (self.patient, self.appointment, self.guest, self.session) = (patient, appointment, guest, session)
    }
}

/// The visit as a guest sees it: who is there, and nothing else.
public struct ReadGuestCall: Query {
    public static let name = "telemedicine.read-guest-call.v1"
    public typealias Reply = GuestCall
    public typealias Refusal = GuestRefusal

    public var session: Data

    public init(session: Data) { self.session = session }
}

public struct GuestCall: Codable, Sendable, Equatable {
    public var pass: GuestPass
    public var name: String
    public var state: GuestState
    public var call: CallState
    public var practitioner: ID<Practitioner>
    public var start: ZonedTime
    /// Their own.
    public var window: ID<CallWindow>?
    /// The rest is for who was let in.
    public var patientWindow: ID<CallWindow>?
    public var clinicianWindow: ID<CallWindow>?
    public var guests: [CallGuest]
    public var relay: CallRelay?

    public init(
        pass: GuestPass, name: String, state: GuestState, call: CallState, practitioner: ID<Practitioner>, start: ZonedTime,
        window: ID<CallWindow>? = nil, patientWindow: ID<CallWindow>? = nil, clinicianWindow: ID<CallWindow>? = nil, guests: [CallGuest],
        relay: CallRelay? = nil
    ) {
        (self.pass, self.name, self.state, self.call, self.practitioner, self.start) = (pass, name, state, call, practitioner, start)
        (self.window, self.patientWindow, self.clinicianWindow) = (window, patientWindow, clinicianWindow)
        (self.guests, self.relay) = (guests, relay)
    }
}

/// Lets a guest open one window, once, within half a minute.
public struct IssueGuestTicket: Command {
    public static let name = "telemedicine.issue-guest-ticket.v1"
    public typealias Reply = Done
    public typealias Refusal = GuestRefusal

    public var pass: GuestPass
    public var digest: Data
    public var key: UUID

    public var patients: [ID<Patient>] { [pass.patient] }

    public init(pass: GuestPass, digest: Data, key: UUID) { (self.pass, self.digest, self.key) = (pass, digest, key) }
}

/// A guest's window with a ticket is there.
public struct OpenGuestWindow: Command {
    public static let name = "telemedicine.open-guest-window.v1"
    public typealias Reply = Done
    public typealias Refusal = GuestRefusal

    public var pass: GuestPass
    public var digest: Data
    public var window: ID<CallWindow>
    public var key: UUID

    public var patients: [ID<Patient>] { [pass.patient] }

    public init(pass: GuestPass, digest: Data, window: ID<CallWindow>, key: UUID) {
        (self.pass, self.digest, self.window, self.key) = (pass, digest, window, key)
    }
}

/// A guest leaves. Their browser can come back, and waits then.
public struct LeaveAsGuest: Command {
    public static let name = "telemedicine.leave-as-guest.v1"
    public typealias Reply = Done
    public typealias Refusal = GuestRefusal

    public var pass: GuestPass
    public var key: UUID

    public var patients: [ID<Patient>] { [pass.patient] }

    public init(pass: GuestPass, key: UUID) { (self.pass, self.key) = (pass, key) }
}

/// A guest's window is there no more.
public struct CloseGuestWindow: Command {
    public static let name = "telemedicine.close-guest-window.v1"
    public typealias Reply = Done
    public typealias Refusal = GuestRefusal

    public var pass: GuestPass
    public var window: ID<CallWindow>
    /// The key with which it was opened: what was opened again since is not closed.
    public var opening: UUID
    public var key: UUID

    public var patients: [ID<Patient>] { [pass.patient] }

    public init(pass: GuestPass, window: ID<CallWindow>, opening: UUID, key: UUID) {
        (self.pass, self.window, self.opening, self.key) = (pass, window, opening, key)
    }
}

/// What a guest's window has for another.
public struct SendGuestSignals: Command {
    public static let name = "telemedicine.send-guest-signals.v1"
    public typealias Reply = Done
    public typealias Refusal = GuestRefusal

    public var pass: GuestPass
    public var window: ID<CallWindow>
    public var to: ID<CallWindow>
    /// At least one; at most 32 KiB of UTF-8, all of them together.
    public var bodies: [String]
    public var key: UUID

    public var patients: [ID<Patient>] { [pass.patient] }

    public init(pass: GuestPass, window: ID<CallWindow>, to: ID<CallWindow>, bodies: [String], key: UUID) {
        (self.pass, self.window, self.to, self.bodies, self.key) = (pass, window, to, bodies, key)
    }
}

/// What waits for a guest's window, in order.
public struct ReadGuestSignals: Query {
    public static let name = "telemedicine.read-guest-signals.v1"
    public typealias Reply = Signals
    public typealias Refusal = GuestRefusal

    public var pass: GuestPass
    public var window: ID<CallWindow>
    /// The position of the last one it has.
    public var after: Int

    public var patients: [ID<Patient>] { [pass.patient] }

    public init(pass: GuestPass, window: ID<CallWindow>, after: Int) { (self.pass, self.window, self.after) = (pass, window, after) }
}
