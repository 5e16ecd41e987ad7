/// Strings between their JSON form and Swift.
public enum JSONText {
    /// - Parameter text: any text.
    /// - Returns: the text in quotes, with only what must be escaped escaped.
    public static func quoted(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        append(text, to: &bytes)
        return bytes
    }

    static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0A: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case 0x0D: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
            case 0x09: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
            case 0..<0x20: bytes += Array("\\u00".utf8) + [hex(byte >> 4), hex(byte & 15)]
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// The text of a string or name that the parser accepted.
    static func decoded(_ bytes: [UInt8], _ cell: JSONDocument.Cell) -> String {
        let inner = bytes[Int(cell.start) + 1..<Int(cell.end) - 1]
        guard cell.escaped else { return String(decoding: inner, as: UTF8.self) }
        var text = String.UnicodeScalarView()
        var pending: [UInt8] = []
        var at = inner.startIndex
        while at < inner.endIndex {
            guard inner[at] == UInt8(ascii: "\\"), at + 1 < inner.endIndex else {
                pending.append(inner[at])
                at += 1
                continue
            }
            text.append(contentsOf: String(decoding: pending, as: UTF8.self).unicodeScalars)
            pending.removeAll(keepingCapacity: true)
            let (scalar, length) = escape(inner[at...])
            text.append(scalar)
            at += length
        }
        text.append(contentsOf: String(decoding: pending, as: UTF8.self).unicodeScalars)
        return String(text)
    }

    private static func escape(_ bytes: ArraySlice<UInt8>) -> (Unicode.Scalar, Int) {
        let start = bytes.startIndex
        switch bytes[start + 1] {
        case UInt8(ascii: "b"): return ("\u{8}", 2)
        case UInt8(ascii: "f"): return ("\u{C}", 2)
        case UInt8(ascii: "n"): return ("\n", 2)
        case UInt8(ascii: "r"): return ("\r", 2)
        case UInt8(ascii: "t"): return ("\t", 2)
        case UInt8(ascii: "u"):
            let unit = self.unit(bytes.dropFirst(2))
            guard (0xD800...0xDBFF).contains(unit) else { return (Unicode.Scalar(unit) ?? "\u{FFFD}", 6) }
            let low = self.unit(bytes.dropFirst(8))
            return (Unicode.Scalar(0x10000 + (unit & 0x3FF) << 10 + low & 0x3FF) ?? "\u{FFFD}", 12)
        case let other: return (Unicode.Scalar(other), 2)
        }
    }

    private static func unit(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.prefix(4).reduce(0) { $0 << 4 | (hexDigit($1) ?? 0) }
    }

    static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    private static func hex(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}
