public import Foundation

/// Lets whoever asks open one window of a call, once, within half a minute.
public struct IssueCallTicket: Command {
    public static let name = "telemedicine.issue-call-ticket.v1"
    public typealias Reply = Done
    public typealias Refusal = CallRefusal

    public var patient: ID<Patient>
    public var appointment: ID<Appointment>
    /// SHA-256 of the secret; the secret goes to the browser and to nobody else.
    public var digest: Data
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, appointment: ID<Appointment>, digest: Data, key: UUID) {
        (self.patient, self.appointment, self.digest, self.key) = (patient, appointment, digest, key)
    }
}

/// A window with a ticket is there. It takes the place of the same side's window before, unless it is the same one again.
public struct OpenCallWindow: Command {
    public static let name = "telemedicine.open-call-window.v1"
    public typealias Reply = CallView
    public typealias Refusal = CallRefusal

    public var patient: ID<Patient>
    public var appointment: ID<Appointment>
    public var digest: Data
    /// Made by the page, once for as long as it stays open.
    public var window: ID<CallWindow>
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, appointment: ID<Appointment>, digest: Data, window: ID<CallWindow>, key: UUID) {
        (self.patient, self.appointment, self.digest, self.window, self.key) = (patient, appointment, digest, window, key)
    }
}

/// A window is there no more.
public struct CloseCallWindow: Command {
    public static let name = "telemedicine.close-call-window.v1"
    public typealias Reply = Done
    public typealias Refusal = CallRefusal

    public var patient: ID<Patient>
    public var appointment: ID<Appointment>
    public var window: ID<CallWindow>
    /// The key with which it was opened: what was opened again since is not closed.
    public var opening: UUID
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, appointment: ID<Appointment>, window: ID<CallWindow>, opening: UUID, key: UUID) {
        (self.patient, self.appointment, self.window, self.opening, self.key) = (patient, appointment, window, opening, key)
    }
}

/// What one window has for another: an offer, an answer, candidates; what was said meanwhile goes together, in order, all of it or nothing.
/// Telemedicine looks at its length and at nothing else.
public struct SendSignals: Command {
    public static let name = "telemedicine.send-signals.v1"
    public typealias Reply = Done
    public typealias Refusal = CallRefusal

    public var patient: ID<Patient>
    public var appointment: ID<Appointment>
    /// Of whoever sends it.
    public var window: ID<CallWindow>
    /// Nil: the one of the other side.
    public var to: ID<CallWindow>?
    /// At least one; at most 32 KiB of UTF-8, all of them together.
    public var bodies: [String]
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(
        patient: ID<Patient>, appointment: ID<Appointment>, window: ID<CallWindow>, to: ID<CallWindow>? = nil, bodies: [String], key: UUID
    ) {
        (self.patient, self.appointment, self.window, self.to, self.bodies, self.key) = (patient, appointment, window, to, bodies, key)
    }
}

/// What waits for a window, in order.
public struct ReadSignals: Query {
    public static let name = "telemedicine.read-signals.v1"
    public typealias Reply = Signals
    public typealias Refusal = CallRefusal

    public var patient: ID<Patient>
    public var appointment: ID<Appointment>
    public var window: ID<CallWindow>
    /// The position of the last one it has.
    public var after: Int

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, appointment: ID<Appointment>, window: ID<CallWindow>, after: Int) {
        (self.patient, self.appointment, self.window, self.after) = (patient, appointment, window, after)
    }
}

public struct Signals: Codable, Sendable, Equatable {
    public struct Signal: Codable, Sendable, Equatable {
        public var position: Int
        /// Whose it is; what the body says of that is not believed.
        public var from: ID<CallWindow>?
        public var body: String

        public init(position: Int, from: ID<CallWindow>? = nil, body: String) { (self.position, self.from, self.body) = (position, from, body) }
    }

    /// At most 50; where more wait, they are asked for after the last.
    public var signals: [Signal]

    public init(signals: [Signal]) { self.signals = signals }
}

/// Whoever has a window of the call open reads it anew.
public struct CallChanged: Event, Equatable {
    public static let name = "telemedicine.call-changed.v1"

    public var appointment: ID<Appointment>
    public var version: Int
    public var patient: ID<Patient>
    public var state: CallState

    public init(appointment: ID<Appointment>, version: Int, patient: ID<Patient>, state: CallState) {
        (self.appointment, self.version, self.patient, self.state) = (appointment, version, patient, state)
    }
}

/// Something waits for a window.
public struct SignalWaits: Event, Equatable {
    public static let name = "telemedicine.signal-waits.v1"

    public var appointment: ID<Appointment>
    public var window: ID<CallWindow>

    public init(appointment: ID<Appointment>, window: ID<CallWindow>) { (self.appointment, self.window) = (appointment, window) }
}

/// The patient waits to be let in.
public struct VisitWaiting: Event, Equatable {
    public static let name = "telemedicine.visit-waiting.v1"

    public var appointment: ID<Appointment>
    public var patient: ID<Patient>
    public var practitioner: ID<Practitioner>
    public var at: Date

    public init(appointment: ID<Appointment>, patient: ID<Patient>, practitioner: ID<Practitioner>, at: Date) {
        (self.appointment, self.patient, self.practitioner, self.at) = (appointment, patient, practitioner, at)
    }
}

/// Both were there for the first time.
public struct VisitStarted: Event, Equatable {
    public static let name = "telemedicine.visit-started.v1"

    public var appointment: ID<Appointment>
    public var patient: ID<Patient>
    public var practitioner: ID<Practitioner>
    public var at: Date

    public init(appointment: ID<Appointment>, patient: ID<Patient>, practitioner: ID<Practitioner>, at: Date) {
        (self.appointment, self.patient, self.practitioner, self.at) = (appointment, patient, practitioner, at)
    }
}

/// It is over, or nobody came: `state` says which.
public struct VisitEnded: Event, Equatable {
    public static let name = "telemedicine.visit-ended.v1"

    public var appointment: ID<Appointment>
    public var patient: ID<Patient>
    public var practitioner: ID<Practitioner>
    public var state: CallState
    public var at: Date

    public init(appointment: ID<Appointment>, patient: ID<Patient>, practitioner: ID<Practitioner>, state: CallState, at: Date) {
        (self.appointment, self.patient, self.practitioner, self.state, self.at) = (appointment, patient, practitioner, state, at)
    }
}
