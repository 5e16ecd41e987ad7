/// The W3C trace context of the work at hand, carried in AMQP headers and in outbox rows: one trace from click to e-mail.
public struct TraceContext: Sendable, Equatable {
    @TaskLocal public static var current: TraceContext?

    /// 32 hexadecimal digits.
    public let trace: String
    /// 16 hexadecimal digits.
    public let span: String

    public init() { (trace, span) = (Self.random(32), Self.random(16)) }

    private init(trace: String, span: String) { (self.trace, self.span) = (trace, span) }

    /// - Parameter traceparent: `00-<32>-<16>-<2>`; anything else starts a new trace.
    public init(traceparent: String?) {
        let parts = traceparent?.split(separator: "-", omittingEmptySubsequences: false) ?? []
        let isHex = { (text: Substring) in text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) } }
        guard parts.count == 4, parts[0] == "00", parts[1].utf8.count == 32, parts[2].utf8.count == 16, isHex(parts[1]), isHex(parts[2]) else {
            self.init()
            return
        }
        self.init(trace: String(parts[1]), span: String(parts[2]))
    }

    /// The same trace, a new span.
    public var child: TraceContext { TraceContext(trace: trace, span: Self.random(16)) }
    public var traceparent: String { "00-\(trace)-\(span)-01" }

    private static func random(_ digits: Int) -> String {
        let alphabet = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(digits)
        var bits: UInt64 = 0
        for index in 0..<digits {
            if index % 16 == 0 { bits = .random(in: 1...(.max)) }
            text.append(alphabet[Int(bits & 15)])
            bits >>= 4
        }
        return String(decoding: text, as: UTF8.self)
    }
}
