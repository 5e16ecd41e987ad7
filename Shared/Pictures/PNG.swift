internal import Contracts

/// Chunks of length, type, content and checksum (ISO/IEC 15948).
enum PNG {
    static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
    /// What the picture is made of: size and kind, palette, transparency, pixels, end. Everything else says something about it.
    private static let kept: Set<String> = ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"]

    static func picture(_ file: [UInt8]) throws(ImageProblem) -> CleanPicture.Parts {
        var picture = CleanPicture.Parts(bytes: signature)
        var (at, hasPixels) = (signature.count, false)
        while at + 12 <= file.count {
            let length = number(file, at)
            guard length <= file.count - at - 12 else { throw .notAnImage }
            let name = String(decoding: file[(at + 4)..<(at + 8)], as: UTF8.self)
            let (content, end) = (file[(at + 8)..<(at + 8 + length)], at + 12 + length)
            guard number(file, end - 4) == Int(checksum(file[(at + 4)..<(end - 4)])), (name == "IHDR") == (at == signature.count) else {
                throw .notAnImage
            }
            if name == "IHDR" {
                guard length == 13 else { throw .notAnImage }
                (picture.width, picture.height) = (number(file, content.startIndex), number(file, content.startIndex + 4))
            }
            if name == "IDAT" { hasPixels = true }
            if kept.contains(name) { picture.bytes += file[at..<end] }
            if name == "IEND" {
                guard hasPixels else { throw .notAnImage }
                return picture
            }
            at = end
        }
        throw .notAnImage
    }

    private static func number(_ file: [UInt8], _ at: Int) -> Int { file[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) } }

    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? 0xedb8_8320 ^ (value >> 1) : value >> 1 }
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var checksum: UInt32 = 0xffff_ffff
        for byte in bytes { checksum = table[Int((checksum ^ UInt32(byte)) & 0xff)] ^ (checksum >> 8) }
        return ~checksum
    }
}
