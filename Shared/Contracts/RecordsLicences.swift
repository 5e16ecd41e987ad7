public import Foundation

/// A state of the United States, its district or one of its territories, by its postal code: where a licence to practise holds, and where a patient
/// can be.
public struct Region: Codable, Sendable, Hashable, Comparable {
    public let code: String

    /// Where no licence on file holds.
    public static let elsewhere = Region(known: "XX")
    /// By name.
    public static let all = names.sorted { $0.value < $1.value }.map { Region(known: $0.key) }

    private static let names: [String: String] = [
        "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado", "CT": "Connecticut",
        "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois",
        "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland",
        "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska",
        "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina",
        "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island",
        "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VA": "Virginia",
        "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming", "AS": "American Samoa", "GU": "Guam",
        "MP": "Northern Mariana Islands", "PR": "Puerto Rico", "VI": "U.S. Virgin Islands",
    ]

    private init(known code: String) { self.code = code }

    /// - Returns: nil for what is no such code.
    public init?(_ code: String) {
        guard Self.names[code] != nil || code == Self.elsewhere.code else { return nil }
        self.code = code
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let region = Region(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no region of that code")
        }
        self = region
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(code)
    }

    /// As addresses have it, in every language; empty for what is elsewhere.
    public var name: String { Self.names[code] ?? "" }

    public static func < (one: Region, other: Region) -> Bool { one.code < other.code }
}

/// Changes where somebody is licensed to see patients. None on file says nothing.
public struct KeepLicences: Command {
    public static let name = "records.keep-licences.v1"
    public typealias Reply = SettingKept
    public typealias Refusal = LicencesRefusal

    public var practitioner: ID<Practitioner>
    /// What the writer read; 0 where nothing is on file yet.
    public var version: Int
    public var regions: [Region]
    public var key: UUID

    public init(practitioner: ID<Practitioner>, version: Int, regions: [Region], key: UUID) {
        (self.practitioner, self.version, self.regions, self.key) = (practitioner, version, regions, key)
    }
}

public enum LicencesRefusal: Codable, Sendable, Equatable {
    /// Nobody of the clinic's directory.
    case notFound
    /// Somebody else changed it since.
    case changedMeanwhile(version: Int)
}

/// Where somebody is licensed, who changed it when, and what one of the changes did.
public struct ReadLicences: Query {
    public static let name = "records.read-licences.v1"
    public typealias Reply = LicencesView
    public typealias Refusal = SettingRefusal

    public var practitioner: ID<Practitioner>
    /// The change to show; the newest when it is not named.
    public var version: Int?

    public init(practitioner: ID<Practitioner>, version: Int? = nil) { (self.practitioner, self.version) = (practitioner, version) }
}

public struct LicencesView: Codable, Sendable, Equatable {
    /// 0 where nothing was ever on file: then there is no change.
    public var version: Int
    public var regions: [Region]
    /// Newest first, at most 100.
    public var changes: [SettingChange]
    public var total: Int
    /// The change that is shown.
    public var shown: Int
    /// Nil for the first.
    public var before: [Region]?
    public var after: [Region]

    public init(
        version: Int, regions: [Region], changes: [SettingChange], total: Int, shown: Int, before: [Region]? = nil, after: [Region]
    ) {
        (self.version, self.regions, self.changes, self.total) = (version, regions, changes, total)
        (self.shown, self.before, self.after) = (shown, before, after)
    }
}

/// An administrator has changed where somebody is licensed: all of it, as it is now.
public struct LicencesChanged: Event, Equatable {
    public static let name = "records.licences-changed.v1"

    public var practitioner: ID<Practitioner>
    public var version: Int
    public var regions: [Region]

    public init(practitioner: ID<Practitioner>, version: Int, regions: [Region]) {
        (self.practitioner, self.version, self.regions) = (practitioner, version, regions)
    }
}
