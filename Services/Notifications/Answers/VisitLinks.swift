internal import Contracts
internal import Crypto
internal import Foundation

/// The links in messages about visits: which message, and a proof that we wrote it. Each is good for one visit at one time, and for nothing else.
struct VisitLinks: Sendable {
    private static let proofLength = 16
    private static let idLength = 16

    let key: SymmetricKey

    /// The last part of the address: 43 letters, digits, `-` and `_`.
    func link(_ intent: ID<Contracts.Intent>) -> String {
        sealed(withUnsafeBytes(of: intent.uuid.uuid) { Array($0) }, purpose: "visit/")
    }

    /// - Returns: nil for what is no link of ours.
    func intent(_ link: String) -> ID<Contracts.Intent>? {
        opened(link, length: Self.idLength, purpose: "visit/")?.withUnsafeBytes { ID(UUID(uuid: $0.loadUnaligned(as: uuid_t.self))) }
    }

    /// Some bytes with the proof behind them, as an address can hold it. - Parameter purpose: a proof made for one is none for another.
    func sealed(_ bytes: [UInt8], purpose: String) -> String {
        let text = Data(bytes + proof(bytes, purpose)).base64EncodedString()
        return text.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    func opened(_ link: String, length: Int, purpose: String) -> [UInt8]? {
        let whole = length + Self.proofLength
        // Written in one way only: as many letters as it takes, and none that says nothing.
        guard link.utf8.count == (whole * 4 + 2) / 3 else { return nil }
        let text = link.replacing("-", with: "+").replacing("_", with: "/") + String(repeating: "=", count: (3 - whole % 3) % 3)
        guard let bytes = Data(base64Encoded: text), bytes.count == whole else { return nil }
        let plain = [UInt8](bytes.prefix(length))
        var isSame: UInt8 = 0
        for (a, b) in zip(proof(plain, purpose), bytes.suffix(Self.proofLength)) { isSame |= a ^ b }
        return isSame == 0 ? plain : nil
    }

    private func proof(_ bytes: [UInt8], _ purpose: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Data(purpose.utf8) + Data(bytes), using: key).prefix(Self.proofLength))
    }
}
