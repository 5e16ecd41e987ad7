internal import Crypto
internal import Foundation

/// Seals what travels over the broker: AES-256-GCM under a key every service of the installation has.
///
/// The file holds a line a key, `<id 1…255> <64 hexadecimal digits>`; the first seals, all open. To rotate, put the new key on the second line
/// everywhere, then on the first line everywhere, then remove the old one.
public struct BusCipher: Sendable {
    private let current: UInt8
    private let keys: [UInt8: SymmetricKey]

    public init(file path: String) throws(SealingError) {
        guard let data = FileManager.default.contents(atPath: path), let text = String(data: data, encoding: .utf8) else {
            throw .keyFile("\(path): cannot be read as text")
        }
        try self.init(lines: text, named: path)
    }

    /// - Parameter lines: as in the file.
    public init(lines: String, named name: String = "bus keys") throws(SealingError) {
        var keys: [UInt8: SymmetricKey] = [:]
        var first: UInt8?
        for line in lines.split(separator: "\n") where !line.allSatisfy(\.isWhitespace) {
            let parts = line.split(separator: " ")
            guard parts.count == 2, let id = UInt8(parts[0]), id > 0, let bytes = [UInt8](hex: parts[1]), bytes.count == 32 else {
                throw .keyFile("\(name): each line holds a number from 1 to 255 and 64 hexadecimal digits")
            }
            keys[id] = SymmetricKey(data: bytes)
            first = first ?? id
        }
        guard let first else { throw .keyFile("\(name): holds no key") }
        (current, self.keys) = (first, keys)
    }

    /// - Parameter context: bound to the content; opening needs the same.
    /// - Returns: key id, nonce, ciphertext, tag.
    public func seal(_ content: [UInt8], context: String) throws(SealingError) -> [UInt8] {
        guard let key = keys[current] else { throw .unknownKey(Int(current)) }
        do {
            let box = try AES.GCM.seal(content, using: key, authenticating: Array(context.utf8))
            var sealed: [UInt8] = []
            sealed.reserveCapacity(content.count + 29)
            sealed.append(current)
            sealed.append(contentsOf: box.nonce)
            sealed.append(contentsOf: box.ciphertext)
            sealed.append(contentsOf: box.tag)
            return sealed
        } catch { throw .tooLarge }
    }

    public func open(_ sealed: [UInt8], context: String) throws(SealingError) -> [UInt8] {
        guard sealed.count >= 29, let id = sealed.first else { throw .notAuthentic }
        guard let key = keys[id] else { throw .unknownKey(Int(id)) }
        do {
            let box = try AES.GCM.SealedBox(combined: sealed[1...])
            return try [UInt8](AES.GCM.open(box, using: key, authenticating: Array(context.utf8)))
        } catch { throw .notAuthentic }
    }
}
