internal import Faults
public import Foundation
internal import Glibc

extension KeyStore {
    /// Forbids destroying the key.
    public func hold(_ patient: UUID) throws(SealingError) {
        try locked { () throws(SealingError) in
            if let date = destroyed(patient) { throw .destroyed(date) }
            try put(Data(), at: "\(folder)/holds/\(Self.name(patient))")
        }
    }

    public func release(_ patient: UUID) throws(SealingError) {
        try locked { () throws(SealingError) in try remove("\(folder)/holds/\(Self.name(patient))") }
    }

    public func isHeld(_ patient: UUID) -> Bool { FileManager.default.fileExists(atPath: "\(folder)/holds/\(Self.name(patient))") }

    public func held() -> [UUID] { entries("holds").compactMap { UUID(uuidString: $0) }.sorted() }

    /// Destroys the key: what it sealed, here and in every backup, can be read by nobody from now on. That it was is remembered for ever, so that it
    /// is neither made again nor taken from a backup of keys. Doing it again does nothing but take away what is there.
    /// - Throws: `held` while there is a hold.
    public func destroy(_ patient: UUID, at date: Date) throws(SealingError) {
        try locked { () throws(SealingError) in
            guard !isHeld(patient) || Fault.holdsAreIgnored.isOn else { throw .held }
            if destroyed(patient) == nil { try put(Data(date.formatted(.iso8601).utf8), at: tomb(patient)) }
            try overwrite(path(of: patient))
            try remove(path(of: patient))
            try forgetRotation(of: patient)
            forget(patient)
        }
    }

    /// When the patient's key was destroyed.
    public func destroyed(_ patient: UUID) -> Date? {
        guard let data = FileManager.default.contents(atPath: tomb(patient)) else { return nil }
        // Whatever the file holds: it is there.
        return (try? Date(String(decoding: data, as: UTF8.self), strategy: .iso8601)) ?? .distantPast
    }

    public func destroyed() -> [UUID] { entries("destroyed").compactMap { UUID(uuidString: $0) }.sorted() }

    func tomb(_ patient: UUID) -> String { "\(folder)/destroyed/\(Self.name(patient))" }

    /// So that the wrapped key is not left in what the disk counts as free, where the disk writes in place.
    private func overwrite(_ path: String) throws(SealingError) {
        guard let size = FileManager.default.contents(atPath: path)?.count else { return }
        guard chmod(path, 0o600) == 0 else { throw .keyFile("\(path): cannot be changed") }
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { throw .keyFile("\(path): cannot be written") }
        defer { close(file) }
        let zeros = [UInt8](repeating: 0, count: size)
        guard write(file, zeros, size) == size, fsync(file) == 0 else { throw .keyFile("\(path): cannot be written") }
    }
}
