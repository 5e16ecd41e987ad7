public import Foundation

/// When a patient sees new results.
public struct ReleaseChoice: Codable, Sendable, Equatable {
    /// With a comment of the clinic's. If not: at once.
    public var afterComment: Bool
    /// How long they wait for one at the longest, 1 to 7.
    public var days: Int

    public init(afterComment: Bool = false, days: Int = 3) { (self.afterComment, self.days) = (afterComment, days) }
}

/// What the patient chose, and what waits because of it.
public struct ReadReleaseChoice: Query {
    public static let name = "records.read-release-choice.v1"
    public typealias Reply = ReleaseView

    public var patient: ID<Patient>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>) { self.patient = patient }
}

public struct ReleaseView: Codable, Sendable, Equatable {
    public var choice: ReleaseChoice
    /// Results that wait for a comment.
    public var waiting: Int
    /// When the last of them is shown whether or not anybody commented.
    public var latest: Date?

    public init(choice: ReleaseChoice, waiting: Int = 0, latest: Date? = nil) {
        (self.choice, self.waiting, self.latest) = (choice, waiting, latest)
    }
}

/// Chooses it. Whoever chooses to see results at once sees those that wait within seconds.
public struct ChangeReleaseChoice: Command {
    public static let name = "records.change-release-choice.v1"
    public typealias Reply = Done
    public typealias Refusal = ReleaseRefusal

    public var patient: ID<Patient>
    public var choice: ReleaseChoice
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, choice: ReleaseChoice, key: UUID) { (self.patient, self.choice, self.key) = (patient, choice, key) }
}

public enum ReleaseRefusal: Codable, Sendable, Equatable {
    case invalidDays
}
