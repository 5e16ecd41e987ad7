/// Why bytes are not the JSON that FHIR allows, and where.
public struct JSONError: Error, Sendable, Equatable {
    /// In words a reader of the file can act on: `a number cannot end with a point`.
    public var reason: String
    /// Bytes from the start of the file, a byte order mark included.
    public var offset: Int
    /// The first line is 1.
    public var line: Int
    /// Where in the document: `Bundle.entry[3].resource.valueQuantity.value`. The root is named after its resourceType, if that came
    /// before the fault, else `$`.
    public var path: String
    /// Number of the Bundle entry the fault is in, from 0.
    public var entry: Int?
    /// The path inside that entry's resource, named after its type: `Observation.valueQuantity.value`.
    public var resourcePath: String?
}
