internal import Foundation
internal import Sealing

/// A password's hash with everything that is needed to check it: `scrypt$ln=17,r=8,p=1$<salt>$<hash>`, both in hexadecimal digits.
struct Credential: Sendable, Equatable {
    struct Cost: Sendable, Equatable {
        /// N as a power of two: 17 is 128 MB and a third of a second.
        var logN: Int
        var blockSize = 8
        var parallelism = 1
    }

    let cost: Cost
    let salt: [UInt8]
    let hash: [UInt8]

    var text: String { "scrypt$ln=\(cost.logN),r=\(cost.blockSize),p=\(cost.parallelism)$\(salt.hex)$\(hash.hex)" }
}

extension Credential {
    /// Nil when `text` is of no scheme this version knows, or asks for a cost that no version set.
    init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "scrypt", let salt = [UInt8](hex: parts[2]), let hash = [UInt8](hex: parts[3]),
            salt.count >= 16, hash.count == 32
        else { return nil }
        var numbers: [Substring: Int] = [:]
        for pair in parts[1].split(separator: ",") {
            let sides = pair.split(separator: "=")
            guard sides.count == 2, let number = Int(sides[1]) else { return nil }
            numbers[sides[0]] = number
        }
        guard let logN = numbers["ln"], let blockSize = numbers["r"], let parallelism = numbers["p"],
            (10...20).contains(logN), (1...16).contains(blockSize), (1...4).contains(parallelism)
        else { return nil }
        self.init(cost: Cost(logN: logN, blockSize: blockSize, parallelism: parallelism), salt: salt, hash: hash)
    }
}
