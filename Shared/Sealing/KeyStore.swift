public import Crypto
public import Foundation
internal import Glibc
internal import Synchronization

/// The keys of patients, outside PostgreSQL: a file each, `<folder>/<2 digits>/<patient>.key`, wrapped by the master key.
///
/// A backup of the database is unreadable without them, so destroying one file makes every copy of that patient's sealed data unreadable.
/// The zero UUID's key seals what belongs to no patient.
public final class KeyStore: Sendable {
    private struct Cached {
        let key: SymmetricKey
        let until: ContinuousClock.Instant
    }

    /// How long a destroyed key may still be used by a running process.
    public static let cachedFor = Duration.seconds(60)
    private static let cachedAtMost = 20_000

    private let folder: String
    private let master: SymmetricKey
    private let cache = Mutex<[UUID: Cached]>([:])

    public init(folder: String, master: SymmetricKey) {
        (self.folder, self.master) = (folder, master)
    }

    /// - Throws: `noPatientKey` when there is none.
    public func key(of patient: UUID) throws(SealingError) -> SymmetricKey {
        let now = ContinuousClock.now
        if let cached = cache.withLock({ $0[patient] }), cached.until > now { return cached.key }
        guard let wrapped = FileManager.default.contents(atPath: path(of: patient)) else { throw .noPatientKey }
        return try unwrap(wrapped, patient, now)
    }

    /// The patient's key; made, and on disk, when there was none. Two processes that make it at once end up with the same one.
    public func makeKey(of patient: UUID) throws(SealingError) -> SymmetricKey {
        do { return try key(of: patient) } catch .noPatientKey {}
        let fresh = SymmetricKey(size: .bits256)
        let final = path(of: patient)
        let parent = (final as NSString).deletingLastPathComponent
        do {
            try FileManager.default.createDirectory(
                atPath: parent, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let box = try AES.GCM.seal(fresh.withUnsafeBytes { Data($0) }, using: master, authenticating: Array(Self.name(patient).utf8))
            guard let wrapped = box.combined else { throw SealingError.tooLarge }
            try publish(wrapped, at: final, in: parent)
        } catch let error as SealingError {
            throw error
        } catch { throw .keyFile("\(parent): cannot be written") }
        return try key(of: patient)
    }

    /// Destroys the key: what it sealed, here and in every backup, can be read by nobody from now on.
    public func destroyKey(of patient: UUID) throws(SealingError) {
        cache.withLock { $0[patient] = nil }
        guard unlink(path(of: patient)) == 0 || errno == ENOENT else { throw .keyFile("\(path(of: patient)): cannot be removed") }
    }

    private func unwrap(_ wrapped: Data, _ patient: UUID, _ now: ContinuousClock.Instant) throws(SealingError) -> SymmetricKey {
        do {
            let box = try AES.GCM.SealedBox(combined: wrapped)
            let key = SymmetricKey(data: try AES.GCM.open(box, using: master, authenticating: Array(Self.name(patient).utf8)))
            cache.withLock { cache in
                if cache.count >= Self.cachedAtMost { cache.removeAll(keepingCapacity: true) }
                cache[patient] = Cached(key: key, until: now + Self.cachedFor)
            }
            return key
        } catch { throw .notAuthentic }
    }

    /// Written beside, synced, then linked: a reader sees no key or a whole one, and the first of two writers wins.
    private func publish(_ bytes: Data, at path: String, in parent: String) throws(SealingError) {
        let draft = "\(path).\(UUID().uuidString)"
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o400)
        guard file >= 0 else { throw .keyFile("\(parent): cannot be written") }
        defer { unlink(draft) }
        let written = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        let synced = fsync(file)
        close(file)
        guard written == bytes.count, synced == 0 else { throw .keyFile("\(parent): no room to write") }
        guard link(draft, path) == 0 || errno == EEXIST else { throw .keyFile("\(path): cannot be made") }
        let directory = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }

    private static func name(_ patient: UUID) -> String { patient.uuidString.lowercased() }

    private func path(of patient: UUID) -> String {
        let name = Self.name(patient)
        return "\(folder)/\(name.suffix(2))/\(name).key"
    }
}
