internal import Contracts
internal import Crypto
internal import Foundation

/// A picture that every browser shows, and nothing but the picture: no place, no camera, no thumbnail, no comment, nothing behind its end.
///
/// There is no decoder here. A file is taken apart by its own structure and put together again from the parts that make the picture, so that it is
/// what it says it is from its first byte to its last.
struct ClinicLogoImage {
    static let mostBytes = 100_000
    private static let sides = 16...1_024

    let bytes: [UInt8]
    let logo: ClinicLogo

    /// - Throws: `ImageProblem`.
    init(_ file: Data) throws(ImageProblem) {
        guard file.count <= Self.mostBytes else { throw .tooLarge }
        let (type, picture): (String, Picture)
        if file.starts(with: PNG.signature) {
            (type, picture) = ("image/png", try PNG.picture(Array(file)))
        } else {
            (type, picture) = ("image/jpeg", try JPEG.picture(Array(file)))
        }
        guard Self.sides.contains(picture.width), Self.sides.contains(picture.height) else { throw .notThatSize }
        bytes = picture.bytes
        let digest = SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        logo = ClinicLogo(digest: digest, type: type, width: picture.width, height: picture.height)
    }

    fileprivate struct Picture {
        var bytes: [UInt8]
        var width = 0
        var height = 0
    }
}

/// Chunks of length, type, content and checksum (ISO/IEC 15948).
private enum PNG {
    static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
    /// What the picture is made of: size and kind, palette, transparency, pixels, end. Everything else says something about it.
    private static let kept: Set<String> = ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"]

    static func picture(_ file: [UInt8]) throws(ImageProblem) -> ClinicLogoImage.Picture {
        var picture = ClinicLogoImage.Picture(bytes: signature)
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

/// Segments between markers (ISO/IEC 10918-1), baseline or progressive, of eight bits, in grey or YCbCr.
private enum JPEG {
    static func picture(_ file: [UInt8]) throws(ImageProblem) -> ClinicLogoImage.Picture {
        guard file.starts(with: [0xff, 0xd8]) else { throw .notAnImage }
        var picture = ClinicLogoImage.Picture(bytes: [0xff, 0xd8])
        var (at, hasPixels) = (2, false)
        while at + 4 <= file.count {
            guard file[at] == 0xff else { throw .notAnImage }
            let marker = file[at + 1]
            if marker == 0xff {  // a marker may have any number of them before it
                at += 1
                continue
            }
            let length = Int(file[at + 2]) << 8 | Int(file[at + 3])
            guard length >= 2, length <= file.count - at - 2 else { throw .notAnImage }
            var end = at + 2 + length
            switch marker {
            case 0xc0, 0xc1, 0xc2:
                guard length >= 8, picture.width == 0, file[at + 4] == 8, [1, 3].contains(file[at + 9]) else { throw .notAnImage }
                picture.height = Int(file[at + 5]) << 8 | Int(file[at + 6])
                picture.width = Int(file[at + 7]) << 8 | Int(file[at + 8])
            case 0xda:
                guard picture.width > 0 else { throw .notAnImage }
                hasPixels = true
                end = pixels(file, from: end)
            // Tables, and what says how colours are meant.
            case 0xc4, 0xdb, 0xdd: break
            case 0xee where file[(at + 4)..<end].starts(with: "Adobe".utf8) && length == 14: break
            // Whatever programs have to say, Exif among it, and comments.
            case 0xe0...0xef, 0xfe:
                at = end
                continue
            default: throw .notAnImage
            }
            picture.bytes += file[at..<end]
            at = end
            if hasPixels, at + 2 <= file.count, file[at] == 0xff, file[at + 1] == 0xd9 {
                picture.bytes += [0xff, 0xd9]
                return picture
            }
        }
        throw .notAnImage
    }

    /// - Returns: where the next marker is that is none of a scan's own.
    private static func pixels(_ file: [UInt8], from start: Int) -> Int {
        var at = start
        while at + 1 < file.count {
            if file[at] == 0xff, file[at + 1] != 0, file[at + 1] != 0xff, !(0xd0...0xd7).contains(file[at + 1]) { return at }
            at += 1
        }
        return file.count
    }
}
