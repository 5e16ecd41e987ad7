public import Crypto
internal import Foundation
internal import Synchronization

/// The keys that wrap patients' keys: a file with a line a key, `<id 1…255> <64 hexadecimal digits>`; the first wraps, all unwrap. A line of digits
/// alone is key 1.
///
/// To replace the master key put the new one on the first line, wrap every key anew (`chartline keys rotate --master`), then take the old line away.
/// The file is read again when it has changed: nothing has to be restarted.
public final class MasterKeys: Sendable {
    private struct State {
        var keys: [UInt8: SymmetricKey]
        var current: UInt8
        var modified: Date?
        var lookedAt: ContinuousClock.Instant
    }

    /// How old the answer to "has the file changed?" may be.
    private static let looksAgainAfter = Duration.seconds(1)

    private let path: String?
    private let state: Mutex<State>

    public init(file path: String) throws(SealingError) {
        self.path = path
        state = Mutex(try Self.read(path))
    }

    /// One key that is in no file, for tests.
    public init(_ key: SymmetricKey) {
        path = nil
        state = Mutex(State(keys: [1: key], current: 1, modified: nil, lookedAt: .now))
    }

    /// What wraps now, and its id.
    var current: (id: UInt8, key: SymmetricKey) {
        look(again: false)
        return state.withLock { ($0.current, $0.keys[$0.current] ?? SymmetricKey(size: .bits256)) }
    }

    /// Nil for a key that is not in the file, also not by now.
    func key(_ id: UInt8) -> SymmetricKey? {
        if let key = state.withLock({ $0.keys[id] }) { return key }
        look(again: true)
        return state.withLock { $0.keys[id] }
    }

    /// Every key there is.
    var all: [SymmetricKey] { state.withLock { Array($0.keys.values) } }

    private func look(again: Bool) {
        guard let path, again || state.withLock({ $0.lookedAt + Self.looksAgainAfter < .now }) else { return }
        // A file that is being written is none for a moment: what is known goes on.
        guard again || Self.modified(path) != state.withLock({ $0.modified }), let read = try? Self.read(path) else {
            state.withLock { $0.lookedAt = .now }
            return
        }
        state.withLock { $0 = read }
    }

    private static func modified(_ path: String) -> Date? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
    }

    private static func read(_ path: String) throws(SealingError) -> State {
        let modified = modified(path)
        guard let data = FileManager.default.contents(atPath: path), let text = String(data: data, encoding: .utf8) else {
            throw .keyFile("\(path): cannot be read as text")
        }
        var keys: [UInt8: SymmetricKey] = [:]
        var first: UInt8?
        for line in text.split(separator: "\n") where !line.allSatisfy(\.isWhitespace) {
            let parts = line.split(separator: " ")
            guard let digits = parts.last, let bytes = [UInt8](hex: digits), bytes.count == 32, parts.count <= 2,
                let id = parts.count == 2 ? UInt8(parts[0]) : 1, id > 0, keys[id] == nil
            else { throw .keyFile("\(path): each line holds a number from 1 to 255 and 64 hexadecimal digits") }
            keys[id] = SymmetricKey(data: bytes)
            first = first ?? id
        }
        guard let first else { throw .keyFile("\(path): holds no key") }
        return State(keys: keys, current: first, modified: modified, lookedAt: .now)
    }
}
