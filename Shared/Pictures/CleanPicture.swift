public import Contracts
public import Foundation

/// A picture that every browser shows, and nothing but the picture: no place, no camera, no thumbnail, no comment, nothing behind its end.
///
/// There is no decoder here. A file is taken apart by its own structure and put together again from the parts that make the picture, so that it is
/// what it says it is from its first byte to its last.
public struct CleanPicture: Sendable {
    public let bytes: [UInt8]
    /// `image/png` or `image/jpeg`.
    public let type: String
    /// In pixels.
    public let width: Int
    public let height: Int

    /// - Parameters:
    ///   - mostBytes: of the file.
    ///   - sides: how many pixels each side may have.
    /// - Throws: `ImageProblem`.
    public init(_ file: Data, atMost mostBytes: Int, sides: ClosedRange<Int>) throws(ImageProblem) {
        guard file.count <= mostBytes else { throw .tooLarge }
        let parts: Parts
        if file.starts(with: PNG.signature) {
            (type, parts) = ("image/png", try PNG.picture(Array(file)))
        } else {
            (type, parts) = ("image/jpeg", try JPEG.picture(Array(file)))
        }
        guard sides.contains(parts.width), sides.contains(parts.height) else { throw .notThatSize }
        (bytes, width, height) = (parts.bytes, parts.width, parts.height)
    }

    struct Parts {
        var bytes: [UInt8]
        var width = 0
        var height = 0
    }
}
