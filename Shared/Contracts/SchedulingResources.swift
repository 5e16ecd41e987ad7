public import Foundation

/// A room or a device of a place that a visit takes for its time.
public struct PlaceResource: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        case room, device
    }

    public var id: UUID
    public var location: ID<Location>
    public var kind: Kind
    /// What kinds of visit name: any of a sort will do. As codes are written: `treatment-room`.
    public var sort: String
    /// 1 to 100 characters.
    public var name: String
    /// It is given to no visit any more.
    public var isRetired: Bool

    public init(id: UUID, location: ID<Location>, kind: Kind, sort: String, name: String, isRetired: Bool = false) {
        self.id = id
        self.location = location
        self.kind = kind
        self.sort = sort
        self.name = name
        self.isRetired = isRetired
    }
}

/// Adds a room or a device; names it anew, retires it or takes it back. Its place and sort stay.
public struct KeepResource: Command {
    public static let name = "scheduling.keep-resource.v1"
    public typealias Reply = SettingKept
    public typealias Refusal = ResourceRefusal

    public var resource: PlaceResource
    /// What the writer read; 0 for a new one.
    public var version: Int
    public var key: UUID

    public init(resource: PlaceResource, version: Int, key: UUID) { (self.resource, self.version, self.key) = (resource, version, key) }
}

public enum ResourceRefusal: Codable, Sendable, Equatable {
    case notFound
    /// Fields are `sort`, `name`.
    case invalid(problems: [EntryProblem])
    /// Somebody else changed it since.
    case changedMeanwhile(version: Int)
    /// There are 80.
    case tooMany
}

/// Every room and device, by place, sort and name.
public struct ReadResources: Query {
    public static let name = "scheduling.read-resources.v1"
    public typealias Reply = PlaceResources

    public init() {}
}

public struct PlaceResources: Codable, Sendable, Equatable {
    public var lines: [ResourceLine]

    public init(lines: [ResourceLine]) { self.lines = lines }
}

public struct ResourceLine: Codable, Sendable, Equatable {
    public var resource: PlaceResource
    public var version: Int

    public init(resource: PlaceResource, version: Int) { (self.resource, self.version) = (resource, version) }
}
