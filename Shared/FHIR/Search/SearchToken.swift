/// The 64-bit numbers a coding is searched by: FNV-1a over UTF-8, with its end mixed (the finaliser of MurmurHash3), so that near
/// texts lie far apart. The function is part of stored data: changing it means extracting every resource again.
public enum SearchToken {
    /// `Observation/code/http://loinc.org|18262-6`
    public static func text(type: String, parameter: String, system: String?, code: String) -> String {
        "\(type)/\(parameter)/\(system ?? "")|\(code)"
    }

    /// `Observation/code/18262-6`, for searches that name no system.
    public static func text(type: String, parameter: String, code: String) -> String {
        "\(type)/\(parameter)/\(code)"
    }

    public static func hash(_ text: String) -> Int64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
        return Int64(bitPattern: hash ^ hash >> 33)
    }
}
