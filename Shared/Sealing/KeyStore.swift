public import Crypto
public import Foundation
internal import Glibc
internal import Synchronization

/// The keys of patients, outside PostgreSQL: a file each, `<folder>/<2 digits>/<patient>.key`, wrapped by the master key.
///
/// A backup of the database is unreadable without them, so destroying one file makes every copy of that patient's sealed data unreadable.
/// The zero UUID's key seals what belongs to no patient. A key has versions while it is being replaced; the newest seals, all of them open.
public final class KeyStore: Sendable {
    /// One version of a patient's key. - Parameter version: 1…255, the key id in what it has sealed.
    struct Version: Sendable {
        let version: UInt8
        let key: SymmetricKey
    }

    private struct Cached {
        let versions: [Version]
        let until: ContinuousClock.Instant
    }

    /// How long a running process may still use a key that has been destroyed, or seal with a version that is not the newest any more.
    public static let cachedFor = Duration.seconds(5)
    private static let cachedAtMost = 20_000

    let folder: String
    let masters: MasterKeys
    private let cache = Mutex<[UUID: Cached]>([:])

    public init(folder: String, masters: MasterKeys) { (self.folder, self.masters) = (folder, masters) }

    public convenience init(folder: String, master: SymmetricKey) { self.init(folder: folder, masters: MasterKeys(master)) }

    /// A key that never changes while the store lives, whatever becomes of the master key: other keys of the installation are derived from it.
    /// A store from before there was one has the master key of then.
    public func root() throws(SealingError) -> SymmetricKey {
        let path = "\(folder)/root.key"
        if let data = FileManager.default.contents(atPath: path) { return try newest(of: unwrap(data, "root")) }
        let isOld = !patients().isEmpty
        return try locked { () throws(SealingError) in
            if let data = FileManager.default.contents(atPath: path) { return try newest(of: unwrap(data, "root")) }
            let root = isOld ? masters.current.key : SymmetricKey(size: .bits256)
            try put(wrap([Version(version: 1, key: root)], "root"), at: path)
            return root
        }
    }

    /// The versions of the patient's key, the newest last; never empty.
    /// - Throws: `noPatientKey` when there is none, `destroyed` when there was one.
    func versions(of patient: UUID, fresh: Bool = false) throws(SealingError) -> [Version] {
        let now = ContinuousClock.now
        if !fresh, let cached = cache.withLock({ $0[patient] }), cached.until > now { return cached.versions }
        guard let wrapped = FileManager.default.contents(atPath: path(of: patient)) else {
            forget(patient)
            if let date = destroyed(patient) { throw .destroyed(date) }
            throw .noPatientKey
        }
        let versions = try unwrap(wrapped, Self.name(patient))
        cache.withLock { cache in
            if cache.count >= Self.cachedAtMost { cache.removeAll(keepingCapacity: true) }
            cache[patient] = Cached(versions: versions, until: now + Self.cachedFor)
        }
        return versions
    }

    /// The same; the key is made, and on disk, when there was none. Two processes that make it at once end up with the same one. A key that has
    /// been destroyed is never made again.
    func madeVersions(of patient: UUID) throws(SealingError) -> [Version] {
        do { return try versions(of: patient) } catch .noPatientKey {}
        try locked { () throws(SealingError) in
            guard !FileManager.default.fileExists(atPath: path(of: patient)) else { return }
            if let date = destroyed(patient) { throw .destroyed(date) }
            let fresh = Version(version: 1, key: SymmetricKey(size: .bits256))
            try put(wrap([fresh], Self.name(patient)), at: path(of: patient))
        }
        return try versions(of: patient, fresh: true)
    }

    /// The key that seals now. - Throws: `noPatientKey` when there is none, `destroyed` when there was one.
    public func key(of patient: UUID) throws(SealingError) -> SymmetricKey { try newest(of: versions(of: patient)) }

    /// The key that seals now, made when there was none.
    public func makeKey(of patient: UUID) throws(SealingError) -> SymmetricKey { try newest(of: madeVersions(of: patient)) }

    /// Whoever has a key, in the order of the ids.
    public func patients() -> [UUID] {
        let files = entries("").filter { $0.utf8.count == 2 }.flatMap { entries($0) }.filter { $0.hasSuffix(".key") }
        return files.compactMap { UUID(uuidString: String($0.dropLast(4))) }.sorted()
    }

    func forget(_ patient: UUID) { cache.withLock { $0[patient] = nil } }

    // MARK: Files

    /// A line a version, `<version> <id of the master key> <nonce, key and tag in hexadecimal digits>`; name and version are bound to it.
    func wrap(_ versions: [Version], _ name: String) throws(SealingError) -> Data {
        let (id, master) = masters.current
        var text = ""
        do {
            for version in versions {
                let bytes = version.key.withUnsafeBytes { Data($0) }
                let box = try AES.GCM.seal(bytes, using: master, authenticating: Array("\(name)/\(version.version)".utf8))
                text += "\(version.version) \(id) \((box.combined ?? Data()).hex)\n"
            }
        } catch { throw .tooLarge }
        return Data(text.utf8)
    }

    func unwrap(_ wrapped: Data, _ name: String) throws(SealingError) -> [Version] {
        if wrapped.count == Self.oneKeyAlone { return try [unwrapOneAlone(wrapped, name)] }
        var versions: [Version] = []
        for line in String(decoding: wrapped, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard parts.count == 3, let version = UInt8(parts[0]), let id = UInt8(parts[1]), let bytes = [UInt8](hex: parts[2]) else {
                throw .notAuthentic
            }
            guard let master = masters.key(id) else { throw .unknownKey(Int(id)) }
            do {
                let box = try AES.GCM.SealedBox(combined: bytes)
                let key = try AES.GCM.open(box, using: master, authenticating: Array("\(name)/\(version)".utf8))
                versions.append(Version(version: version, key: SymmetricKey(data: key)))
            } catch { throw .notAuthentic }
        }
        guard !versions.isEmpty else { throw .notAuthentic }
        return versions
    }

    /// As keys were kept before they had versions: nonce, key, tag.
    private static let oneKeyAlone = 60

    private func unwrapOneAlone(_ wrapped: Data, _ name: String) throws(SealingError) -> Version {
        for master in masters.all {
            if let box = try? AES.GCM.SealedBox(combined: wrapped),
                let key = try? AES.GCM.open(box, using: master, authenticating: Array(name.utf8))
            {
                return Version(version: 1, key: SymmetricKey(data: key))
            }
        }
        throw .notAuthentic
    }

    private func newest(of versions: [Version]) throws(SealingError) -> SymmetricKey {
        guard let last = versions.last else { throw .noPatientKey }
        return last.key
    }

    /// One process changes the store at a time; readers need no lock, for files are put in their place whole.
    func locked<R>(_ body: () throws(SealingError) -> R) throws(SealingError) -> R {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch { throw .keyFile("\(folder): cannot be made") }
        let lock = open("\(folder)/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw .keyFile("\(folder): cannot be written") }
        defer { close(lock) }
        while flock(lock, LOCK_EX) != 0 { guard errno == EINTR else { throw .keyFile("\(folder): cannot be locked") } }
        return try body()
    }

    /// Written beside, synced, then renamed: a reader sees what was there or all that is new.
    func put(_ bytes: Data, at path: String) throws(SealingError) {
        let parent = (path as NSString).deletingLastPathComponent
        do {
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch { throw .keyFile("\(parent): cannot be made") }
        let draft = "\(path).\(UUID().uuidString)"
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o400)
        guard file >= 0 else { throw .keyFile("\(parent): cannot be written") }
        defer { unlink(draft) }
        let written = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        let synced = fsync(file)
        close(file)
        guard written == bytes.count, synced == 0 else { throw .keyFile("\(parent): no room to write") }
        guard rename(draft, path) == 0 else { throw .keyFile("\(path): cannot be made") }
        sync(parent)
    }

    func remove(_ path: String) throws(SealingError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw .keyFile("\(path): cannot be removed") }
        sync((path as NSString).deletingLastPathComponent)
    }

    private func sync(_ folder: String) {
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }

    /// Names in a folder of the store; none when it is not there.
    func entries(_ name: String) -> [String] { (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(name)")) ?? [] }

    static func name(_ patient: UUID) -> String { patient.uuidString.lowercased() }

    func path(of patient: UUID) -> String {
        let name = Self.name(patient)
        return "\(folder)/\(name.suffix(2))/\(name).key"
    }
}
