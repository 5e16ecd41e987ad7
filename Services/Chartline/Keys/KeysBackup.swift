internal import ArgumentParser
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Sealing
internal import ServiceHost

/// `chartline keys backup FOLDER`: the key store in one file, apart from the database.
struct KeysBackup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copies the key store into a file, FOLDER/keys-<time>.keys, and reads it again.",
        discussion: "Keys stay wrapped by the master key, which is not in it. Ends with 1 when one of them cannot be unwrapped.")
    @Argument(help: "The folder, on another disk than the database's backups.") var folder: String

    func run() async throws {
        let (backup, unreadable) = try await OperatorSession.run { bus in
            var (files, unreadable, after) = ([KeyFile](), [String](), String?.none)
            repeat {
                let page = try await bus.ask(ReadKeyFiles(after: after), within: .seconds(30))
                files += page.files.map { KeyFile(name: $0.name, content: $0.content) }
                (unreadable, after) = (unreadable + page.unreadable, page.next)
            } while after != nil
            return (KeyBackup(files: files), unreadable)
        }
        let path = try Self.write(backup, into: folder)
        guard let kept = FileManager.default.contents(atPath: path), try KeyBackup(kept).files == backup.files else {
            throw ValidationError("\(path) is not what was written: is the disk well?")
        }
        print("\(path): \(backup.files.count { $0.name.hasSuffix(".key") }) keys")
        for name in unreadable { print("\(name) cannot be unwrapped by the master key, and is not in it") }
        if !unreadable.isEmpty { throw ExitCode(1) }
    }

    /// Under another name until it is on the disk: a copy that was cut off is none.
    private static func write(_ backup: KeyBackup, into folder: String) throws -> String {
        let time = Date().formatted(.iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
        let path = "\(folder)/keys-\(time).keys"
        guard !FileManager.default.fileExists(atPath: path) else { throw ValidationError("\(path) is there already.") }
        guard FileManager.default.createFile(atPath: "\(path).new", contents: nil, attributes: [.posixPermissions: 0o600]),
            let file = FileHandle(forWritingAtPath: "\(path).new")
        else { throw ValidationError("\(folder) cannot be written.") }
        try file.write(contentsOf: backup.bytes)
        try file.synchronize()
        try file.close()
        try FileManager.default.moveItem(atPath: "\(path).new", toPath: path)
        return path
    }
}

/// `chartline keys restore FOLDER`: needs neither broker nor database, for it comes before them.
struct KeysRestore: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Puts a copy of the key store back, while the services are stopped.",
        discussion: """
            What is there stays. A key that was destroyed is not put back, if the store or any copy in the folder says so. Ends with 1 when a key of
            the copy could not be put back.
            """)
    @Argument(help: "A folder with copies, of which the newest counts, or one copy.") var from: String
    @Option(help: "The key store's folder.") var store: String
    @Option(help: "The master keys' file.") var masterKeys: String

    func run() throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: from, isDirectory: &isFolder) else { throw ValidationError("\(from) is not there.") }
        let folder = isFolder.boolValue ? from : (from as NSString).deletingLastPathComponent
        let all = try FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder).filter { $0.hasSuffix(".keys") }.sorted()
        var paths = all.map { folder.isEmpty ? $0 : "\(folder)/\($0)" }
        if !isFolder.boolValue { paths = paths.filter { $0 != from } + [from] }
        guard !paths.isEmpty else { throw ValidationError("\(from) holds no copy, keys-<time>.keys.") }
        let copies = try paths.map { path in
            guard let bytes = FileManager.default.contents(atPath: path), let copy = try? KeyBackup(bytes) else {
                throw ValidationError("\(path) is not a whole copy of a key store.")
            }
            return copy
        }
        let keys = KeyStore(folder: store, masters: try MasterKeys(file: masterKeys))
        let restored = try keys.restore(copies)
        print("\(restored.added) keys put back, \(restored.unchanged) were there, \(restored.destroyed) destroyed and left out")
        for patient in restored.unreadable { print("\(patient.text): no master key unwraps it") }
        for patient in restored.conflicts { print("\(patient.text): another key is there under the same number; it stays") }
        if !restored.unreadable.isEmpty || !restored.conflicts.isEmpty { throw ExitCode(1) }
    }
}
