import Foundation
import Sealing
import Testing

@Suite struct TimeCodeTests {
    /// RFC 6238, appendix B, the last six of its eight digits.
    @Test(arguments: [
        (59.0, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"), (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ])
    func theStandardsOwnExamples(_ seconds: Double, _ code: String) {
        let codes = TimeCodes(secret: Array("12345678901234567890".utf8))
        #expect(codes.code(at: TimeCodes.step(at: Date(timeIntervalSince1970: seconds))) == code)
    }

    @Test func oneStepBeforeAndAfterIsGood() {
        let codes = TimeCodes.random()
        let now = Date(timeIntervalSince1970: 1_800_000_015)
        let step = TimeCodes.step(at: now)
        for away in Int64(-1)...1 { #expect(codes.step(of: codes.code(at: step + away), at: now) == step + away) }
        for away: Int64 in [-2, 2] { #expect(codes.step(of: codes.code(at: step + away), at: now) == nil) }
        for wrong in ["", "12345", codes.code(at: step) + "0", "abcdef", "٠١٢٣٤٥"] { #expect(codes.step(of: wrong, at: now) == nil) }
    }

    @Test func secretsAreTypedAsTheyAreShown() {
        #expect(TimeCodes(secret: Array("12345678901234567890".utf8)).base32 == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
        for length in 16...24 {
            let codes = TimeCodes(secret: (0..<length).map { _ in UInt8.random(in: 0...255) })
            #expect(TimeCodes(base32: codes.base32) == codes)
            #expect(TimeCodes(base32: codes.base32.lowercased() + "==") == codes)
        }
        for wrong in ["", "GEZDGNBV", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ!"] {
            #expect(TimeCodes(base32: wrong) == nil)
        }
    }
}
