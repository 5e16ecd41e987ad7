internal import Foundation
internal import Glibc
public import Logging
internal import MessageBus
internal import Synchronization

/// One JSON object a line on standard output: time in UTC, level, service, a constant message, metadata, the trace at hand.
public struct JSONLogHandler: LogHandler {
    public var logLevel: Logger.Level = .info
    public var metadata: Logger.Metadata = [:]
    private let service: String
    private let label: String

    public init(service: String, label: String) { (self.service, self.label) = (service, label) }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var line =
            "{\"at\":\"\(Self.now())\",\"level\":\"\(event.level)\",\"service\":\(Self.quoted(service)),"
            + "\"message\":\(Self.quoted("\(event.message)"))"
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        for key in all.keys.sorted() { line += ",\(Self.quoted(key)):\(Self.quoted(all[key].map { "\($0)" } ?? ""))" }
        if all["trace"] == nil, let trace = TraceContext.current { line += ",\"trace\":\"\(trace.trace)\"" }
        line += "}\n"
        Self.write(line)
    }

    /// Whole lines, however many threads log.
    private static let output = Mutex<Void>(())
    private static func write(_ line: String) {
        var line = line
        line.withUTF8 { bytes in
            output.withLock { _ in
                var rest = bytes[...]
                while !rest.isEmpty {
                    let count = Glibc.write(1, rest.baseAddress, rest.count)
                    guard count > 0 else { return }
                    rest = rest.dropFirst(count)
                }
            }
        }
    }

    private static func now() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var parts = tm()
        gmtime_r(&time.tv_sec, &parts)
        func padded(_ value: Int, _ digits: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        return "\(parts.tm_year + 1900)-\(padded(Int(parts.tm_mon) + 1, 2))-\(padded(Int(parts.tm_mday), 2))T\(padded(Int(parts.tm_hour), 2)):"
            + "\(padded(Int(parts.tm_min), 2)):\(padded(Int(parts.tm_sec), 2)).\(padded(time.tv_nsec / 1_000_000, 3))Z"
    }

    /// JSON's own escapes, and nothing a terminal would obey.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case _ where scalar.value < 32 || (127...159).contains(scalar.value):
                let hex = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension UnsafeBufferPointer<UInt8>.SubSequence {
    fileprivate var baseAddress: UnsafePointer<UInt8>? { base.baseAddress.map { $0 + startIndex } }
}
