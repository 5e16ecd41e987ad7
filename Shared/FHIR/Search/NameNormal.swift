internal import Foundation

/// Names as they are compared: small letters without accents, hyphens as spaces, apostrophes and points left out, single spaces.
public enum NameNormal {
    /// - Parameter name: `García-Núñez`, `O’Brien`.
    /// - Returns: `garcia nunez`, `obrien`.
    public static func of(_ name: String) -> String {
        var out = ""
        var isSpace = true
        for scalar in name.decomposedStringWithCompatibilityMapping.lowercased().unicodeScalars {
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark, .format, .control: continue
            case .dashPunctuation, .spaceSeparator, .connectorPunctuation:
                if !isSpace { out.append(" ") }
                isSpace = true
                continue
            default: break
            }
            if let letters = letters[scalar] {
                out += letters
            } else if scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
                out.unicodeScalars.append(scalar)
            } else {
                continue
            }
            isSpace = false
        }
        while out.last == " " { out.removeLast() }
        return out
    }

    /// Letters that do not come apart into a plain letter and an accent.
    private static let letters: [Unicode.Scalar: String] = [
        "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n",
    ]
}
