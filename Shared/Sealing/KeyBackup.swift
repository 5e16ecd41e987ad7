internal import Crypto
internal import Faults
public import Foundation

/// A file of the key store as it is kept: keys stay wrapped by the master key.
public struct KeyFile: Sendable, Equatable {
    /// In the store's folder: `3f/<patient>.key`, `root.key`, `destroyed/<patient>`, `holds/<patient>`.
    public var name: String
    public var content: Data

    public init(name: String, content: Data) { (self.name, self.content) = (name, content) }

    /// Nil for what is no file of a key store, and so belongs nowhere in one.
    var place: Place? {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        if parts == ["root.key"] { return .root }
        guard parts.count == 2 else { return nil }
        let id = UUID(uuidString: String(parts[1].hasSuffix(".key") ? parts[1].dropLast(4) : parts[1]))
        guard let id else { return nil }
        let lower = KeyStore.name(id)
        switch name {
        case "destroyed/\(lower)": return .destroyed(id)
        case "holds/\(lower)": return .held(id)
        case "\(lower.suffix(2))/\(lower).key": return .key(id)
        default: return nil
        }
    }

    enum Place: Equatable { case root, key(UUID), destroyed(UUID), held(UUID) }
}

/// A copy of a key store in one file: a line a file of the store, `<name> <content in hexadecimal digits>`, between a line that says what it is and
/// one with their number and the SHA-256 of everything before.
public struct KeyBackup: Sendable {
    private static let first = "chartline keys 1"

    public enum Failure: Error, Equatable {
        /// Not a copy of a key store, cut off, or changed.
        case notWhole
    }

    public var files: [KeyFile]

    public init(files: [KeyFile]) { self.files = files }

    public var bytes: Data {
        var text = "\(Self.first)\n"
        for file in files { text += "\(file.name) \(file.content.hex)\n" }
        let digest = SHA256.hash(data: Data(text.utf8)).hex
        return Data("\(text)end \(files.count) \(digest)\n".utf8)
    }

    public init(_ bytes: Data) throws(Failure) {
        let text = String(decoding: bytes, as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 3, lines.first == Self.first[...], lines.last?.isEmpty == true else { throw .notWhole }
        let end = lines[lines.count - 2].split(separator: " ")
        let before = text.dropLast(lines[lines.count - 2].count + 1)
        guard end.count == 3, end[0] == "end", Int(end[1]) == lines.count - 3, end[2] == SHA256.hash(data: Data(before.utf8)).hex[...] else {
            throw .notWhole
        }
        files = []
        for line in lines[1..<(lines.count - 2)] {
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 2, let content = [UInt8](hex: parts[1]) else { throw .notWhole }
            let file = KeyFile(name: String(parts[0]), content: Data(content))
            guard file.place != nil else { throw .notWhole }
            files.append(file)
        }
    }
}

/// What became of a copy that was put back.
public struct KeysRestored: Sendable, Equatable {
    /// Keys that were not there, and versions of keys that are.
    public var added = 0
    public var unchanged = 0
    /// Not put back, because the record was destroyed.
    public var destroyed = 0
    /// Of which the store has another key under the same number: what is there stays.
    public var conflicts: [UUID] = []
    /// Which no master key unwraps.
    public var unreadable: [UUID] = []
}

extension KeyStore {
    /// The store's files in the order of their names, keys only when they can be unwrapped.
    /// - Parameter after: only those whose names come later.
    /// - Returns: at most `limit`, and the names of keys that no master key unwraps.
    public func files(after: String? = nil, limit: Int) -> (files: [KeyFile], unreadable: [String], next: String?) {
        let folders = entries("").filter { $0.utf8.count == 2 || $0 == "destroyed" || $0 == "holds" }
        var names = folders.flatMap { folder in entries(folder).map { "\(folder)/\($0)" } } + ["root.key"]
        names = names.filter { KeyFile(name: $0, content: Data()).place != nil && $0 > after ?? "" }.sorted()
        let page = names.prefix(limit)
        var (files, unreadable): ([KeyFile], [String]) = ([], [])
        for name in page {
            // Destroyed since it was listed.
            guard let content = FileManager.default.contents(atPath: "\(folder)/\(name)") else { continue }
            let file = KeyFile(name: name, content: content)
            if canBeRead(file) { files.append(file) } else { unreadable.append(name) }
        }
        return (files, unreadable, names.count > page.count ? page.last : nil)
    }

    /// Whether a master key of this store unwraps it; true for what is no key.
    public func canBeRead(_ file: KeyFile) -> Bool {
        switch file.place {
        case .root: (try? unwrap(file.content, "root")) != nil
        case .key(let patient): (try? unwrap(file.content, Self.name(patient))) != nil
        case .destroyed, .held: true
        case nil: false
        }
    }

    /// Puts back what is missing. What was destroyed, according to the store or to any of the copies, is not put back and is destroyed here too.
    /// - Parameter copies: the newest last, whose keys are put back; of the others only what they say was destroyed counts.
    /// - Throws: `held` when the store has another root: its services have derived keys from it.
    public func restore(_ copies: [KeyBackup]) throws(SealingError) -> KeysRestored {
        var restored = KeysRestored()
        for file in copies.flatMap(\.files) {
            guard case .destroyed(let patient) = file.place else { continue }
            try locked { () throws(SealingError) in
                if destroyed(patient) == nil { try put(file.content, at: tomb(patient)) }
                try remove(path(of: patient))
            }
        }
        for file in copies.last?.files ?? [] {
            try locked { () throws(SealingError) in
                switch file.place {
                case .root: try restoreRoot(file)
                case .held(let patient): if destroyed(patient) == nil { try put(file.content, at: "\(folder)/\(file.name)") }
                case .key(let patient): try restore(patient, file, &restored)
                case .destroyed, nil: break
                }
            }
        }
        return restored
    }

    private func restoreRoot(_ file: KeyFile) throws(SealingError) {
        let path = "\(folder)/root.key"
        guard let other = try? unwrap(file.content, "root") else { throw .keyFile("the copy's root.key: no master key here unwraps it") }
        guard let here = FileManager.default.contents(atPath: path) else { return try put(file.content, at: path) }
        let mine = try unwrap(here, "root")
        guard mine.last?.key == other.last?.key else { throw .keyFile("\(path): is another one than the copy's; put the copy into an empty store") }
    }

    private func restore(_ patient: UUID, _ file: KeyFile, _ restored: inout KeysRestored) throws(SealingError) {
        guard destroyed(patient) == nil || Fault.destroyedComesBack.isOn else {
            restored.destroyed += 1
            return
        }
        guard let old = try? unwrap(file.content, Self.name(patient)) else {
            restored.unreadable.append(patient)
            return
        }
        guard let here = try? versions(of: patient, fresh: true) else {
            try put(file.content, at: path(of: patient))
            restored.added += 1
            return
        }
        let missing = old.filter { version in !here.contains { $0.version == version.version } }
        guard old.allSatisfy({ version in missing.contains { $0.version == version.version } || here.contains { $0.key == version.key } }) else {
            restored.conflicts.append(patient)
            return
        }
        // Before what seals now.
        if missing.isEmpty {
            restored.unchanged += 1
        } else {
            try put(wrap(missing + here, Self.name(patient)), at: path(of: patient))
            restored.added += 1
        }
        forget(patient)
    }
}
