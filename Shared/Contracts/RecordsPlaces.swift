public import Foundation

/// A place of the clinic, as administrators write it.
public struct PlaceContent: Codable, Sendable, Equatable {
    /// 1 to 100 characters.
    public var name: String
    /// Street and number, at most 200 characters.
    public var line: String
    public var city: String
    public var state: String
    public var postalCode: String
    /// Empty where there is none.
    public var phone: String
    /// IANA name: whose clocks hours there go by.
    public var zone: String

    public init(
        name: String, line: String = "", city: String = "", state: String = "", postalCode: String = "", phone: String = "", zone: String
    ) {
        (self.name, self.line, self.city, self.state) = (name, line, city, state)
        (self.postalCode, self.phone, self.zone) = (postalCode, phone, zone)
    }
}

/// Changes what is said of a place. What else its FHIR Location says stays.
public struct KeepPlace: Command {
    public static let name = "records.keep-place.v1"
    public typealias Reply = SettingKept
    public typealias Refusal = PlaceRefusal

    public var location: ID<Location>
    /// What the writer read.
    public var version: Int
    public var content: PlaceContent
    public var key: UUID

    public init(location: ID<Location>, version: Int, content: PlaceContent, key: UUID) {
        (self.location, self.version, self.content, self.key) = (location, version, content, key)
    }
}

public enum PlaceRefusal: Codable, Sendable, Equatable {
    /// No place where somebody of the clinic works.
    case notFound
    /// Fields are those of `PlaceContent`; `zone` is `notPossible` where there is none of that name.
    case invalid(problems: [EntryProblem])
    /// Somebody else changed it since.
    case changedMeanwhile(version: Int)
}

/// A place as it is now, who changed it when, and what one of the changes did.
public struct ReadPlace: Query {
    public static let name = "records.read-place.v1"
    public typealias Reply = PlaceView
    public typealias Refusal = SettingRefusal

    public var location: ID<Location>
    /// The change to show; the newest when it is not named.
    public var version: Int?

    public init(location: ID<Location>, version: Int? = nil) { (self.location, self.version) = (location, version) }
}

public struct PlaceView: Codable, Sendable, Equatable {
    public var version: Int
    public var content: PlaceContent
    /// Newest first, at most 100.
    public var changes: [SettingChange]
    public var total: Int
    /// The change that is shown.
    public var shown: Int
    /// Nil for the first.
    public var before: PlaceContent?
    public var after: PlaceContent

    public init(
        version: Int, content: PlaceContent, changes: [SettingChange], total: Int, shown: Int, before: PlaceContent? = nil, after: PlaceContent
    ) {
        (self.version, self.content, self.changes, self.total) = (version, content, changes, total)
        (self.shown, self.before, self.after) = (shown, before, after)
    }
}

/// Changes where somebody works. Nurses see the visits of their places, and what is shared with a place is shared with who works there.
public struct KeepWorkplaces: Command {
    public static let name = "records.keep-workplaces.v1"
    public typealias Reply = SettingKept
    public typealias Refusal = WorkplacesRefusal

    public var practitioner: ID<Practitioner>
    /// What the writer read.
    public var version: Int
    public var locations: [ID<Location>]
    public var key: UUID

    public init(practitioner: ID<Practitioner>, version: Int, locations: [ID<Location>], key: UUID) {
        (self.practitioner, self.version, self.locations, self.key) = (practitioner, version, locations, key)
    }
}

public enum WorkplacesRefusal: Codable, Sendable, Equatable {
    /// Nobody of the clinic's directory.
    case notFound
    /// None of the clinic's places.
    case unknownPlace
    /// Nobody would work there, and so it would be none of the clinic's places any more.
    case deserted(location: ID<Location>)
    /// Somebody else changed it since.
    case changedMeanwhile(version: Int)
}

/// Where somebody works, who changed it when, and what one of the changes did.
public struct ReadWorkplaces: Query {
    public static let name = "records.read-workplaces.v1"
    public typealias Reply = WorkplacesView
    public typealias Refusal = SettingRefusal

    public var practitioner: ID<Practitioner>
    /// The change to show; the newest when it is not named.
    public var version: Int?

    public init(practitioner: ID<Practitioner>, version: Int? = nil) { (self.practitioner, self.version) = (practitioner, version) }
}

public struct WorkplacesView: Codable, Sendable, Equatable {
    public var version: Int
    public var locations: [ID<Location>]
    /// Newest first, at most 100.
    public var changes: [SettingChange]
    public var total: Int
    /// The change that is shown.
    public var shown: Int
    /// Nil for the first.
    public var before: [ID<Location>]?
    public var after: [ID<Location>]

    public init(
        version: Int, locations: [ID<Location>], changes: [SettingChange], total: Int, shown: Int, before: [ID<Location>]? = nil,
        after: [ID<Location>]
    ) {
        (self.version, self.locations, self.changes, self.total) = (version, locations, changes, total)
        (self.shown, self.before, self.after) = (shown, before, after)
    }
}

/// An administrator has changed what is said of a place. Hours there go by the clocks of its zone.
public struct PlaceChanged: Event, Equatable {
    public static let name = "records.place-changed.v1"

    public var location: ID<Location>
    public var version: Int
    /// IANA name.
    public var zone: String
    public var account: ID<Account>?

    public init(location: ID<Location>, version: Int, zone: String, account: ID<Account>? = nil) {
        (self.location, self.version, self.zone, self.account) = (location, version, zone, account)
    }
}
