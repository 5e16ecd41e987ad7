/// Reads one JSON text from bytes into cells. Iterative, so that depth costs no stack; every byte is looked at once.
struct JSONParser {
    static let maximumDepth = 64
    /// Cells hold 32-bit offsets.
    static let maximumBytes = Int(UInt32.max) - 1
    /// Objects with more members than this find duplicates with a set instead of by comparing hashes in turn.
    private static let linearNames = 24

    let bytes: [UInt8]
    /// Bytes dropped in front, to report offsets in the file.
    private let skipped: Int
    private let end: Int
    private var at = 0
    private var cells: [JSONDocument.Cell] = []
    private var open: [Frame] = []
    /// The names of all open objects, one stack.
    private var names: [UInt32] = []
    /// The names of open objects with many, by their cell.
    private var seen: [Int: Set<[UInt8]>] = [:]

    private struct Frame {
        var cell: Int
        var isObject: Bool
        /// Where this object's names begin in `names`.
        var firstName: Int
    }

    init(_ bytes: [UInt8]) {
        let hasMark = bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF
        skipped = hasMark ? 3 : 0
        self.bytes = hasMark ? Array(bytes.dropFirst(3)) : bytes
        end = self.bytes.count
        cells.reserveCapacity(min(end / 12, 1 << 20))
        open.reserveCapacity(Self.maximumDepth)
    }

    mutating func parse() throws(JSONError) -> [JSONDocument.Cell] {
        guard end <= Self.maximumBytes else { throw fault("the text is longer than 4 GiB", at: 0) }
        skipSpace()
        guard at < end else { throw fault("the file is empty", at: at) }
        try value()
        while let frame = open.last {
            skipSpace()
            guard at < end else { throw cutOff() }
            let isEmpty = cells.count == frame.cell + 1
            switch bytes[at] {
            case UInt8(ascii: "}") where frame.isObject, UInt8(ascii: "]") where !frame.isObject:
                at += 1
                close(frame)
            case UInt8(ascii: ",") where !isEmpty:
                at += 1
                skipSpace()
                guard at < end else { throw cutOff() }
                if bytes[at] == UInt8(ascii: "}") || bytes[at] == UInt8(ascii: "]") { throw fault("a comma with nothing after it", at: at) }
                if frame.isObject { try name() }
                try value()
            case _ where isEmpty:
                if frame.isObject { try name() }
                try value()
            default:
                throw fault(frame.isObject ? "expected a comma or the end of the object" : "expected a comma or the end of the array", at: at)
            }
        }
        skipSpace()
        guard at == end else { throw fault("there is more text after the end of the document", at: at) }
        return cells
    }

    // MARK: Values

    private mutating func value() throws(JSONError) {
        skipSpace()
        guard at < end else { throw cutOff() }
        switch bytes[at] {
        case UInt8(ascii: "{"): try begin(.object)
        case UInt8(ascii: "["): try begin(.array)
        case UInt8(ascii: "\""): try string(as: .string)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        case UInt8(ascii: "t"): try word([0x74, 0x72, 0x75, 0x65], .bool)
        case UInt8(ascii: "f"): try word([0x66, 0x61, 0x6C, 0x73, 0x65], .bool)
        case UInt8(ascii: "n"): try word([0x6E, 0x75, 0x6C, 0x6C], .null)
        case UInt8(ascii: "+"), UInt8(ascii: "."): throw fault("a number must begin with a digit or a minus sign", at: at)
        default: throw fault("expected a value", at: at)
        }
    }

    private mutating func begin(_ kind: JSONDocument.Cell.Kind) throws(JSONError) {
        guard open.count < Self.maximumDepth else { throw fault("nested deeper than \(Self.maximumDepth) levels", at: at) }
        open.append(Frame(cell: cells.count, isObject: kind == .object, firstName: names.count))
        cells.append(.init(kind: kind, start: UInt32(at)))
        at += 1
    }

    private mutating func close(_ frame: Frame) {
        cells[frame.cell].end = UInt32(at)
        cells[frame.cell].next = UInt32(cells.count)
        if names.count - frame.firstName >= Self.linearNames { seen[frame.cell] = nil }
        names.removeLast(names.count - frame.firstName)
        open.removeLast()
    }

    private mutating func append(_ kind: JSONDocument.Cell.Kind, from start: Int, escaped: Bool = false) {
        let next = UInt32(cells.count + 1)
        cells.append(.init(kind: kind, escaped: escaped, start: UInt32(start), end: UInt32(at), next: next))
    }

    private mutating func word(_ letters: [UInt8], _ kind: JSONDocument.Cell.Kind) throws(JSONError) {
        let start = at
        for letter in letters {
            guard at < end else { throw cutOff() }
            guard bytes[at] == letter else { throw fault("expected a value", at: start) }
            at += 1
        }
        append(kind, from: start)
    }

    private mutating func number() throws(JSONError) {
        let start = at
        if bytes[at] == UInt8(ascii: "-") { at += 1 }
        guard at < end else { throw cutOff() }
        let leadsWithZero = bytes[at] == UInt8(ascii: "0")
        guard digits() > 0 else { throw fault("a number needs a digit after its minus sign", at: start) }
        if leadsWithZero, at - start > (bytes[start] == UInt8(ascii: "-") ? 2 : 1) {
            throw fault("a number cannot begin with 0 and another digit", at: start)
        }
        if at < end, bytes[at] == UInt8(ascii: ".") {
            at += 1
            guard digits() > 0 else { throw at < end ? fault("a number needs a digit after its point", at: start) : cutOff() }
        }
        if at < end, bytes[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < end, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
            guard digits() > 0 else { throw at < end ? fault("a number needs a digit in its exponent", at: start) : cutOff() }
        }
        if at < end, bytes[at] == UInt8(ascii: ".") || bytes[at] == UInt8(ascii: "-") || (0x61...0x7A).contains(bytes[at] | 0x20) {
            throw fault("this is not a number", at: start)
        }
        append(.number, from: start)
    }

    private mutating func digits() -> Int {
        let start = at
        while at < end, bytes[at] &- 0x30 < 10 { at += 1 }
        return at - start
    }

    // MARK: Names

    private mutating func name() throws(JSONError) {
        guard bytes[at] == UInt8(ascii: "\"") else { throw fault("expected a name in quotes", at: at) }
        let start = at
        let index = cells.count
        try string(as: .name)
        let hash = NameHash.of(bytes, cells[index])
        cells[index].next = hash
        try refuseDuplicate(index, hash, at: start)
        skipSpace()
        guard at < end else { throw cutOff() }
        guard bytes[at] == UInt8(ascii: ":") else { throw fault("expected a colon after the name", at: at) }
        at += 1
    }

    private mutating func refuseDuplicate(_ index: Int, _ hash: UInt32, at start: Int) throws(JSONError) {
        let isDuplicate = isTaken(index, hash)
        names.append(UInt32(index))
        guard !isDuplicate else { throw fault("the name “\(spelled(index))” is there twice", at: start) }
    }

    /// Whether the innermost object has the name already.
    private mutating func isTaken(_ index: Int, _ hash: UInt32) -> Bool {
        guard let frame = open.last else { return false }
        guard names.count - frame.firstName >= Self.linearNames else {
            for place in frame.firstName..<names.count {
                let other = Int(names[place])
                if cells[other].next == hash, spelled(other).utf8.elementsEqual(spelled(index).utf8) { return true }
            }
            return false
        }
        if seen[frame.cell] == nil { seen[frame.cell] = Set(names[frame.firstName...].map { Array(spelled(Int($0)).utf8) }) }
        let name = Array(spelled(index).utf8)
        return seen[frame.cell]?.insert(name).inserted == false
    }

    private func spelled(_ index: Int) -> String {
        JSONText.decoded(bytes, cells[index])
    }

    // MARK: Strings

    private mutating func string(as kind: JSONDocument.Cell.Kind) throws(JSONError) {
        let start = at
        var escaped = false
        at += 1
        while at < end {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                at += 1
                append(kind, from: start, escaped: escaped)
                return
            }
            if byte == UInt8(ascii: "\\") {
                escaped = true
                try escape()
            } else if byte < 0x20 {
                throw fault(byte == 0 ? "the character U+0000 is not allowed" : "a control character inside a string", at: at)
            } else if byte < 0x80 {
                at += 1
            } else {
                try multibyte(byte)
            }
        }
        throw cutOff()
    }

    private mutating func escape() throws(JSONError) {
        let start = at
        at += 1
        guard at < end else { throw cutOff() }
        switch bytes[at] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            at += 1
        case UInt8(ascii: "u"):
            at += 1
            let unit = try hexUnit(start)
            if unit == 0 { throw fault("the character U+0000 is not allowed", at: start) }
            if (0xDC00...0xDFFF).contains(unit) { throw fault("half of a surrogate pair", at: start) }
            if (0xD800...0xDBFF).contains(unit) {
                guard at < end else { throw cutOff() }
                guard bytes[at] == UInt8(ascii: "\\"), at + 1 < end, bytes[at + 1] == UInt8(ascii: "u") else {
                    throw fault("half of a surrogate pair", at: start)
                }
                at += 2
                guard (0xDC00...0xDFFF).contains(try hexUnit(start)) else { throw fault("half of a surrogate pair", at: start) }
            }
        default:
            throw fault("an unknown escape", at: start)
        }
    }

    private mutating func hexUnit(_ start: Int) throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard at < end else { throw cutOff() }
            guard let digit = JSONText.hexDigit(bytes[at]) else { throw fault("an escape needs four hexadecimal digits", at: start) }
            unit = unit << 4 | digit
            at += 1
        }
        return unit
    }

    /// One character of two to four bytes: shortest form, no surrogate, not beyond U+10FFFF (Unicode, table 3-7).
    private mutating func multibyte(_ lead: UInt8) throws(JSONError) {
        let (length, second): (Int, ClosedRange<UInt8>)
        switch lead {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw fault("not valid UTF-8", at: at)
        }
        for place in 1..<length {
            guard at + place < end else { throw cutOff() }
            let byte = bytes[at + place]
            guard place == 1 ? second.contains(byte) : (0x80...0xBF).contains(byte) else { throw fault("not valid UTF-8", at: at) }
        }
        at += length
    }

    private mutating func skipSpace() {
        while at < end, bytes[at] <= 0x20 {
            let byte = bytes[at]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            at += 1
        }
    }

    // MARK: Faults

    private func cutOff() -> JSONError { fault("the text ends too early", at: end) }

    private func fault(_ reason: String, at offset: Int) -> JSONError {
        var error = JSONError(reason: reason, offset: offset + skipped, line: 1, path: "")
        error.line = 1 + bytes.prefix(offset).count { $0 == 0x0A }
        locate(&error)
        return error
    }

    /// Fills in the path. Only a fault pays for it: the open containers and the cells read so far say where the parser stood.
    private func locate(_ error: inout JSONError) {
        var path = open.first.flatMap { resourceType(of: $0) } ?? "$"
        var inner: String?
        let isEntryList = open.count > 1 && !open[1].isObject && lastName(in: open[0]) == "entry"
        for (depth, frame) in open.enumerated() {
            let step = frame.isObject ? lastName(in: frame).map { "." + $0 } ?? "" : "[\(place(in: frame))]"
            path += step
            inner? += step
            // Bundle → entry → [n] → resource: the fourth container is the resource itself.
            guard depth == 2, isEntryList else { continue }
            error.entry = place(in: open[1])
            if lastName(in: frame) == "resource" {
                inner = open.count > 3 ? resourceType(of: open[3]) ?? "resource" : "resource"
            }
        }
        error.path = path
        error.resourcePath = inner
    }

    private func lastName(in frame: Frame) -> String? {
        // The names of a frame end where those of the next frame begin.
        let limit = open.first { $0.cell > frame.cell }?.firstName ?? names.count
        return limit > frame.firstName ? spelled(Int(names[limit - 1])) : nil
    }

    private func place(in frame: Frame) -> Int {
        // A closed child leads to the next; the last one is still open, or is the one being read.
        var count = 0
        var index = frame.cell + 1
        while index < cells.count, cells[index].next > UInt32(index) {
            index = Int(cells[index].next)
            count += 1
        }
        return count
    }

    private func resourceType(of frame: Frame) -> String? {
        guard frame.isObject else { return nil }
        var index = frame.cell + 1
        while index + 1 < cells.count, cells[index].kind == .name {
            if cells[index + 1].kind == .string, spelled(index) == "resourceType" { return spelled(index + 1) }
            let next = Int(cells[index + 1].next)
            guard next > index else { return nil }
            index = next
        }
        return nil
    }
}

/// 32-bit FNV-1a of a member's name, to tell names apart without spelling them.
enum NameHash {
    static func of(_ bytes: [UInt8], _ cell: JSONDocument.Cell) -> UInt32 {
        guard cell.escaped else { return of(bytes[Int(cell.start) + 1..<Int(cell.end) - 1]) }
        return of(JSONText.decoded(bytes, cell).utf8)
    }

    static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var hash: UInt32 = 0x811C_9DC5
        for byte in bytes { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        return hash
    }
}
