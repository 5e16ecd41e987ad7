internal import Foundation

/// Names of time zones in the IANA database.
public enum ZoneNames {
    /// - Parameter name: `America/Chicago`, `UTC`. Offsets and abbreviations are no zones: they know no summer time.
    public static func isKnown(_ name: String) -> Bool {
        guard name == "UTC" || name == "Etc/UTC" || name.contains("/"), name.utf8.count <= 64 else { return false }
        let allowed = name.utf8.allSatisfy { byte in
            Primitive.isDigit(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "_")
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
        }
        return allowed && TimeZone(identifier: name) != nil
    }
}
