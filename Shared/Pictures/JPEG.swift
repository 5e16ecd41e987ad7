internal import Contracts

/// Segments between markers (ISO/IEC 10918-1), baseline or progressive, of eight bits, in grey or YCbCr.
enum JPEG {
    static func picture(_ file: [UInt8]) throws(ImageProblem) -> CleanPicture.Parts {
        guard file.starts(with: [0xff, 0xd8]) else { throw .notAnImage }
        var picture = CleanPicture.Parts(bytes: [0xff, 0xd8])
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
