internal import Foundation

/// What a file may be.
enum ContentType: String {
    case pdf = "application/pdf"
    case png = "image/png"
    case jpeg = "image/jpeg"
    case text = "text/plain"

    /// Whether a name ends as files of this content do: what says otherwise is not what somebody thinks they send.
    func isSaid(by name: String) -> Bool {
        let ending = name.lowercased().split(separator: ".", omittingEmptySubsequences: false).last.map { String($0) } ?? ""
        return switch self {
        case .pdf: ending == "pdf"
        case .png: ending == "png"
        case .jpeg: ["jpg", "jpeg", "jfif"].contains(ending)
        case .text: ending == "txt"
        }
    }
}

/// Looks at a file part by part, from its beginning, to say what it is. Names and senders are not believed.
struct ContentLook {
    private static let headLength = 1_024
    private static let pngStart: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

    private var head: [UInt8] = []
    private var isText = true
    /// The beginning of a character whose end is in the next part.
    private var begun: [UInt8] = []

    mutating func look(at part: [UInt8]) {
        if head.count < Self.headLength { head += part.prefix(Self.headLength - head.count) }
        guard isText else { return }
        let bytes = begun + part
        let whole = bytes.count - Self.begunCharacter(at: bytes)
        begun = Array(bytes[whole...])
        let hasControls = bytes.contains { $0 < 32 && $0 != 9 && $0 != 10 && $0 != 12 && $0 != 13 || $0 == 127 }
        isText = !hasControls && String(validating: bytes[..<whole], as: UTF8.self) != nil
    }

    /// Nil when it is nothing that is accepted.
    var type: ContentType? {
        if head.starts(with: "%PDF-".utf8) { return .pdf }
        if head.starts(with: Self.pngStart) { return head.dropFirst(12).starts(with: "IHDR".utf8) ? .png : nil }
        if head.starts(with: [0xff, 0xd8, 0xff]) { return .jpeg }
        return isText && begun.isEmpty && !head.isEmpty && !isMarkup ? .text : nil
    }

    /// HTML, SVG and XML are text, and more than text to a browser.
    private var isMarkup: Bool {
        let start = head.starts(with: [0xef, 0xbb, 0xbf]) ? head.dropFirst(3) : head[...]
        let first = start.drop { $0 <= 32 }
        guard first.first == UInt8(ascii: "<"), let next = first.dropFirst().first else { return false }
        switch next {
        case UInt8(ascii: "!"), UInt8(ascii: "?"), UInt8(ascii: "/"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
            return true
        default: return false
        }
    }

    /// How many bytes at the end begin a character of UTF-8 without ending it.
    private static func begunCharacter(at bytes: [UInt8]) -> Int {
        for (length, byte) in bytes.suffix(3).reversed().enumerated() where byte & 0xc0 != 0x80 {
            let needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
            return needed > length + 1 ? length + 1 : 0
        }
        return 0
    }
}
