internal import Configuration
internal import Foundation
internal import Sealing
internal import Synchronization

/// Reads a process's settings: environment variables with the prefix `CHARTLINE_`, or the same lines in the file that `CHARTLINE_SETTINGS` names.
/// Every problem is collected, so that the operator sees one list; unknown names are problems too.
///
/// Secrets are never settings: a setting names the file that holds one.
public final class Settings: Sendable {
    private struct Declared {
        let name: String
        let about: String
        let defaultValue: String?
    }

    private struct State {
        var declared: [Declared] = []
        var problems: [String] = []
    }

    private static let prefix = "CHARTLINE_"
    /// Names the deploy scripts use in the same environment.
    private static let notOurs: Set<String> = ["CHARTLINE_HOME", "CHARTLINE_SETTINGS", "CHARTLINE_SAMPLES", "CHARTLINE_BIN"]
    #if DEBUG
        private static let ofTests: Set<String> = ["CHARTLINE_FAULTS"]
    #else
        private static let ofTests: Set<String> = []
    #endif

    private let reader: ConfigReader
    private let names: Set<String>
    private let state = Mutex(State())

    /// - Parameter environment: `ProcessInfo.processInfo.environment`, or a test's own.
    public init(environment: [String: String]) {
        var values = environment
        var problem: String?
        if let file = environment["CHARTLINE_SETTINGS"] {
            if let text = try? String(contentsOfFile: file, encoding: .utf8) {
                for line in text.split(separator: "\n") where !line.hasPrefix("#") {
                    let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                    guard parts.count == 2 else { continue }
                    let name = parts[0].trimmingCharacters(in: .whitespaces)
                    if values[name] == nil { values[name] = parts[1].trimmingCharacters(in: .whitespaces) }
                }
            } else {
                problem = "CHARTLINE_SETTINGS: \(file) cannot be read"
            }
        }
        reader = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: values)).scoped(to: "chartline")
        names = Set(values.keys.filter { $0.hasPrefix(Self.prefix) }).subtracting(Self.notOurs).subtracting(Self.ofTests)
        if let problem { state.withLock { $0.problems.append(problem) } }
    }

    /// - Parameter key: `amqp.host` is `CHARTLINE_AMQP_HOST`.
    public func string(_ key: String, _ about: String, default value: String? = nil) -> String {
        declare(key, about, value)
        if let text = reader.string(forKey: ConfigKey(key)), !text.isEmpty { return text }
        if value == nil { problem(key, "is missing: \(about)") }
        return value ?? ""
    }

    public func optionalString(_ key: String, _ about: String) -> String? {
        declare(key, about, "")
        return reader.string(forKey: ConfigKey(key)).flatMap { $0.isEmpty ? nil : $0 }
    }

    public func int(_ key: String, _ about: String, default value: Int? = nil, in range: ClosedRange<Int> = 0...Int.max) -> Int {
        let text = string(key, about, default: value.map(String.init))
        guard let number = Int(text), range.contains(number) else {
            if !text.isEmpty { problem(key, "is \(text): a whole number from \(range.lowerBound) to \(range.upperBound) is needed") }
            return value ?? range.lowerBound
        }
        return number
    }

    public func port(_ key: String, _ about: String, default value: Int? = nil) -> Int { int(key, about, default: value, in: 1...65_535) }

    public func bool(_ key: String, _ about: String, default value: Bool) -> Bool {
        switch string(key, about, default: String(value)) {
        case "true": return true
        case "false": return false
        case let other:
            problem(key, "is \(other): true or false is needed")
            return value
        }
    }

    /// The content of the file the setting names. - Parameter optional: nil without a problem when the setting is not there.
    public func secret(_ key: String, _ about: String) -> String { secret(at: string(key, about), key) }

    public func optionalSecret(_ key: String, _ about: String) -> String? { optionalString(key, about).map { secret(at: $0, key) } }

    private func secret(at path: String, _ key: String) -> String {
        guard !path.isEmpty else { return "" }
        do { return try SecretFile.text(path) } catch {
            problem(key, "\(error)")
            return ""
        }
    }

    /// For what only the process itself can check.
    public func problem(_ key: String, _ what: String) { state.withLock { $0.problems.append("\(Self.name(key)) \(what)") } }

    /// A line a setting that was asked for: name, default, what it is, with tabs between.
    public var listing: String {
        state.withLock { $0.declared }.map { "\($0.name)\t\($0.defaultValue ?? "(needed)")\t\($0.about)" }.joined(separator: "\n")
    }

    /// What is wrong, a line each; unknown names last. Empty when all is well.
    public var problems: [String] {
        state.withLock { state in
            let unknown = names.subtracting(state.declared.map(\.name)).sorted().map { "\($0) is not a setting of this process" }
            return state.problems + unknown
        }
    }

    private func declare(_ key: String, _ about: String, _ value: String?) {
        state.withLock { $0.declared.append(Declared(name: Self.name(key), about: about, defaultValue: value)) }
    }

    private static func name(_ key: String) -> String { prefix + key.replacing(".", with: "_").uppercased() }
}
