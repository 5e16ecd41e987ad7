internal import Crypto
public import Foundation

/// A patient's key that is being replaced.
public struct KeyRotation: Sendable, Equatable {
    public let patient: UUID
    /// The one that seals now.
    public let version: UInt8
    /// From then on nobody seals with an older one any more.
    public let settled: Date
    /// The services that have nothing left that an older one has sealed.
    public let done: Set<String>
}

extension KeyStore {
    /// How long after a new version an older one may still be used: as long as it is cached, and then as long as the longest request takes,
    /// which is an import.
    public static let settles = Duration.seconds(150)

    /// Gives the patient's key a new version, which seals from now on; what older ones sealed is to be sealed anew, see `rotations`. While one
    /// rotation is under way another is none.
    /// - Returns: the version that seals now.
    @discardableResult
    public func rotate(_ patient: UUID, settling: Duration = settles) throws(SealingError) -> UInt8 {
        try locked { () throws(SealingError) in
            let versions = try versions(of: patient, fresh: true)
            let begun = rotation(of: patient, done: [])
            if let begun, versions.contains(where: { $0.version == begun.version }) { return begun.version }
            let used = Set(versions.map(\.version))
            let last = Int(versions.last?.version ?? 0)
            let unused = (1...255).lazy.map { UInt8((last + $0 - 1) % 255 + 1) }.first { !used.contains($0) }
            guard let next = begun?.version ?? unused else { throw .tooLarge }
            // The note first: a version nobody is told of would never be finished. Killed between the two, the next call makes both again.
            let settled = Date(timeIntervalSinceNow: Double(settling.components.seconds))
            try put(Data("\(next) \(Int64(settled.timeIntervalSince1970 * 1_000))\n".utf8), at: note(patient))
            try put(wrap(versions + [Version(version: next, key: SymmetricKey(size: .bits256))], Self.name(patient)), at: path(of: patient))
            forget(patient)
            return next
        }
    }

    /// What is under way, in the order of the patients' ids.
    public func rotations() -> [KeyRotation] {
        let names = entries("rotations")
        var done: [UUID: Set<String>] = [:]
        for name in names {
            let parts = name.split(separator: ".")
            if parts.count == 2, let patient = UUID(uuidString: String(parts[0])) { done[patient, default: []].insert(String(parts[1])) }
        }
        return names.compactMap { UUID(uuidString: $0) }.sorted().compactMap { rotation(of: $0, done: done[$0] ?? []) }
    }

    /// Notes that `service` has nothing left that was sealed by an older version, and that nothing more will come.
    public func finish(_ rotation: KeyRotation, in service: String) throws(SealingError) {
        try locked { () throws(SealingError) in
            guard self.rotation(of: rotation.patient, done: [])?.version == rotation.version else { return }
            try put(Data(), at: "\(note(rotation.patient)).\(service)")
        }
    }

    /// Removes the older versions once every one of `services` is done. - Returns: false when it is too early.
    @discardableResult
    public func end(_ rotation: KeyRotation, services: Set<String>) throws(SealingError) -> Bool {
        guard services.isSubset(of: rotation.done) else { return false }
        return try locked { () throws(SealingError) in
            guard self.rotation(of: rotation.patient, done: [])?.version == rotation.version else { return false }
            let versions = try versions(of: rotation.patient, fresh: true)
            let kept = versions.filter { $0.version == rotation.version }
            // Killed between the note and the key: the new version was never made.
            if !kept.isEmpty { try put(wrap(kept, Self.name(rotation.patient)), at: path(of: rotation.patient)) }
            try forgetRotation(of: rotation.patient)
            forget(rotation.patient)
            return true
        }
    }

    /// Wraps the key by the master key of now. - Returns: false when it was already.
    public func rewrap(_ patient: UUID) throws(SealingError) -> Bool {
        try locked { () throws(SealingError) in try rewrap(path(of: patient), Self.name(patient)) }
    }

    public func rewrapRoot() throws(SealingError) -> Bool {
        try locked { () throws(SealingError) in try rewrap("\(folder)/root.key", "root") }
    }

    private func rewrap(_ path: String, _ name: String) throws(SealingError) -> Bool {
        guard let old = FileManager.default.contents(atPath: path) else { return false }
        let current = masters.current.id
        let lines = String(decoding: old, as: UTF8.self).split(separator: "\n").map { $0.split(separator: " ") }
        guard !lines.allSatisfy({ $0.count == 3 && UInt8($0[1]) == current }) else { return false }
        try put(wrap(unwrap(old, name), name), at: path)
        return true
    }

    func forgetRotation(of patient: UUID) throws(SealingError) {
        let name = Self.name(patient)
        for entry in entries("rotations") where entry.hasPrefix("\(name).") { try remove("\(folder)/rotations/\(entry)") }
        try remove(note(patient))
    }

    private func note(_ patient: UUID) -> String { "\(folder)/rotations/\(Self.name(patient))" }

    private func rotation(of patient: UUID, done: Set<String>) -> KeyRotation? {
        guard let data = FileManager.default.contents(atPath: note(patient)) else { return nil }
        let parts = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard parts.count == 2, let version = UInt8(parts[0]), let settled = Double(parts[1]) else { return nil }
        return KeyRotation(patient: patient, version: version, settled: Date(timeIntervalSince1970: settled / 1_000), done: done)
    }
}
