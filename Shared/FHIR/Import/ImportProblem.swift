/// Something in a file that keeps it from being imported, said so that its sender can find and mend it.
public struct ImportProblem: Error, Sendable, Equatable, Codable {
    /// Number of the Bundle entry, from 0; nil if the fault is in the file as a whole.
    public var entry: Int?
    /// `Observation.valueQuantity.value`; empty if the fault has no place.
    public var path: String
    public var reason: String
    /// Line in the file, from 1.
    public var line: Int?

    public init(entry: Int? = nil, path: String = "", reason: String, line: Int? = nil) {
        (self.entry, self.path, self.reason, self.line) = (entry, path, reason, line)
    }

    init(_ error: JSONError) {
        self.init(entry: error.entry, path: error.resourcePath ?? error.path, reason: error.reason, line: error.line)
    }

    /// `entry 3: Observation.valueQuantity.value: must be a number (line 12)`
    public var text: String {
        let place = [entry.map { "entry \($0)" }, path.isEmpty ? nil : path].compactMap(\.self)
        return (place + [reason]).joined(separator: ": ") + (line.map { " (line \($0))" } ?? "")
    }
}

/// All that is wrong with a file, at most `ImportLimits.problems`.
public struct ImportProblems: Error, Sendable, Equatable {
    public var problems: [ImportProblem]

    public init(_ problems: [ImportProblem]) {
        self.problems = problems
    }
}

/// Bounds of one file.
public struct ImportLimits: Sendable {
    public var bytes = 32 << 20
    public var entries = 50_000
    public var problems = 20

    public init() {}
}
