public import Foundation

/// What was found of a camera or a microphone.
public enum DeviceState: String, Codable, Sendable, CaseIterable {
    case works
    /// There is none, or another program has it.
    case missing
    /// The browser was told not to let us use it.
    case denied
}

public enum SpeakerState: String, Codable, Sendable, CaseIterable { case heard, notHeard, unasked }

/// Whether pictures and sound get through, at worst by way of the TURN server.
public enum NetworkState: String, Codable, Sendable, CaseIterable {
    case reached, unreachable
    /// Nobody could be asked.
    case untested
}

/// How a visit can take place with what there is.
public enum CallWay: Sendable { case video, audio, phone }

/// What a patient's device can do, as their browser found out.
public struct DeviceTest: Codable, Sendable, Equatable {
    public var camera: DeviceState
    public var microphone: DeviceState
    public var speaker: SpeakerState
    public var network: NetworkState

    public init(camera: DeviceState, microphone: DeviceState, speaker: SpeakerState, network: NetworkState) {
        (self.camera, self.microphone, self.speaker, self.network) = (camera, microphone, speaker, network)
    }

    public var way: CallWay {
        guard microphone == .works, speaker != .notHeard, network != .unreachable else { return .phone }
        return camera == .works ? .video : .audio
    }
}

/// What a browser tries the TURN server with, before the visit.
public struct ReadTestRelay: Query {
    public static let name = "telemedicine.read-test-relay.v1"
    public typealias Reply = TestRelay
    public typealias Refusal = CallRefusal

    public var patient: ID<Patient>
    public var appointment: ID<Appointment>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, appointment: ID<Appointment>) { (self.patient, self.appointment) = (patient, appointment) }
}

public struct TestRelay: Codable, Sendable, Equatable {
    /// Nil where the clinic has no TURN server.
    public var relay: CallRelay?

    public init(relay: CallRelay?) { self.relay = relay }
}

/// The patient's device was tried. The newest takes the place of the one before.
public struct KeepDeviceTest: Command {
    public static let name = "telemedicine.keep-device-test.v1"
    public typealias Reply = Done
    public typealias Refusal = CallRefusal

    public var patient: ID<Patient>
    public var appointment: ID<Appointment>
    public var test: DeviceTest
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, appointment: ID<Appointment>, test: DeviceTest, key: UUID) {
        (self.patient, self.appointment, self.test, self.key) = (patient, appointment, test, key)
    }
}

/// Whether a visit takes place by video, and what the patient's device could do: for the desk too, which calls ahead.
public struct ReadDeviceTest: Query {
    public static let name = "telemedicine.read-device-test.v1"
    public typealias Reply = KeptDeviceTest
    public typealias Refusal = CallRefusal

    public var patient: ID<Patient>
    public var appointment: ID<Appointment>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, appointment: ID<Appointment>) { (self.patient, self.appointment) = (patient, appointment) }
}

public struct KeptDeviceTest: Codable, Sendable, Equatable {
    public var state: CallState
    /// Nil where none was tried.
    public var test: DeviceTest?
    public var testedAt: Date?

    public init(state: CallState, test: DeviceTest? = nil, testedAt: Date? = nil) {
        (self.state, self.test, self.testedAt) = (state, test, testedAt)
    }
}
