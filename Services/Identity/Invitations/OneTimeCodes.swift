internal import Crypto
internal import Foundation

/// One-time codes: 12 characters, 58 bits, shown as `K7QF-M2XP-9RTD`. The database keeps keyed hashes of them.
struct OneTimeCodes: Sendable {
    static let length = 12
    /// So many wrong birth dates end an invitation.
    static let tries = 5
    /// Without characters that are taken for one another: I, L, O, U, 0, 1.
    private static let alphabet = Array("23456789ABCDEFGHJKMNPQRSTVWXYZ")

    private let key: SymmetricKey

    init(key: SymmetricKey) { self.key = key }

    func make() -> String {
        var random = SystemRandomNumberGenerator()
        let characters = (0..<Self.length).compactMap { _ in Self.alphabet.randomElement(using: &random) }
        return Self.shown(characters)
    }

    /// Case, dashes and blanks do not count: people type codes from paper.
    func hash(code: String) -> [UInt8] { hash("code", String(code.uppercased().filter { $0.isLetter || $0.isNumber })) }

    /// Case, dashes and blanks do not count here either.
    func hash(recovery code: String, of account: UUID) -> [UInt8] {
        hash("recovery/\(account.uuidString.lowercased())", String(code.uppercased().filter { $0.isLetter || $0.isNumber }))
    }

    func hash(reset code: String) -> [UInt8] { hash("reset", String(code.uppercased().filter { $0.isLetter || $0.isNumber })) }

    /// The code a letter carries: derived, so that it is kept nowhere and can be told again while it is good.
    func code(of letter: UUID) -> String {
        let bytes = hash("letter", letter.uuidString.lowercased())
        let characters = stride(from: 0, to: 2 * Self.length, by: 2).map { place in
            Self.alphabet[(Int(bytes[place]) << 8 | Int(bytes[place + 1])) % Self.alphabet.count]
        }
        return Self.shown(characters)
    }

    private static func shown(_ characters: [Character]) -> String {
        stride(from: 0, to: length, by: 4).map { String(characters[$0..<($0 + 4)]) }.joined(separator: "-")
    }

    /// - Parameter birthDate: `1970-05-23`
    func hash(birthDate: String, of invitation: UUID) -> [UInt8] {
        hash("birth-date/\(invitation.uuidString.lowercased())", birthDate.trimmingCharacters(in: .whitespaces))
    }

    private func hash(_ purpose: String, _ text: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array("\(purpose)/\(text)".utf8), using: key))
    }
}
