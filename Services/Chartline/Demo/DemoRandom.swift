/// SplitMix64: small, quick, and the same on every machine.
struct DemoRandom: RandomNumberGenerator {
    private var state: UInt64

    /// - Parameter stream: what is drawn here; streams of one seed do not disturb each other.
    init(seed: UInt64, stream: String) {
        state = seed
        for byte in stream.utf8 { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    mutating func between(_ low: Int, _ high: Int) -> Int {
        low + Int(next() % UInt64(max(1, high - low + 1)))
    }

    mutating func chance(_ percent: Int) -> Bool { between(1, 100) <= percent }

    /// About -3 to 3, mostly near 0.
    mutating func bell() -> Double {
        (0..<6).reduce(-3) { sum, _ in sum + Double(next() >> 11) / Double(1 << 53) } * 1.0
    }

    mutating func pick<Value>(_ values: [Value]) -> Value? {
        values.isEmpty ? nil : values[between(0, values.count - 1)]
    }

    /// `urn:uuid:…`, of version 4's form.
    static func url(seed: UInt64, _ label: String) -> String {
        var random = DemoRandom(seed: seed, stream: "url/" + label)
        let (high, low) = (random.next(), random.next())
        let hex = [high & 0xFFFF_FFFF_FFFF_0FFF | 0x4000, low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000]
            .map { word in
                let digits = String(word, radix: 16)
                return String(repeating: "0", count: 16 - digits.count) + digits
            }
            .joined()
        let characters = Array(hex)
        let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(characters[$0]) }
        return "urn:uuid:" + groups.joined(separator: "-")
    }
}
