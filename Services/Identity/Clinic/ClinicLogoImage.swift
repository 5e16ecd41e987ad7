internal import Contracts
internal import Crypto
internal import Foundation
internal import Pictures

/// A logo as it is kept: the picture alone, by its digest.
struct ClinicLogoImage {
    static let mostBytes = 100_000
    private static let sides = 16...1_024

    let bytes: [UInt8]
    let logo: ClinicLogo

    /// - Throws: `ImageProblem`.
    init(_ file: Data) throws(ImageProblem) {
        let picture = try CleanPicture(file, atMost: Self.mostBytes, sides: Self.sides)
        bytes = picture.bytes
        let digest = SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        logo = ClinicLogo(digest: digest, type: picture.type, width: picture.width, height: picture.height)
    }
}
