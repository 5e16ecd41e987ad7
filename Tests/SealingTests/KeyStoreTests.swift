import Crypto
import Faults
import Foundation
import Testing
@testable import Sealing

/// Keys that are replaced, wrapped anew, held and destroyed, as two processes see them.
@Suite(.serialized) struct KeyStoreTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)").path
    private let master = SymmetricKey(size: .bits256)
    private let patient = UUID()
    private let place = Place("resource", "body", row: UUID())
    private let content = Array("{\"resourceType\":\"Patient\"}".utf8)
    private func store() -> KeyStore { KeyStore(folder: folder, master: master) }
    private func sealer(_ store: KeyStore) -> Sealer { Sealer(schema: "records", store: store) }

    private var file: String { "\(folder)/\(patient.uuidString.lowercased().suffix(2))/\(patient.uuidString.lowercased()).key" }
    private var lines: Int { String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self).split(separator: "\n").count }

    @Test func aNewVersionSealsAndOldTextStillOpens() throws {
        let (one, other) = (store(), store())
        let old = try sealer(one).cipher(for: patient, making: true).seal(content, at: place)
        let stale = try sealer(other).cipher(for: patient)
        let version = try one.rotate(patient, settling: .zero)
        #expect(version == 2)
        #expect(try one.rotate(patient, settling: .zero) == 2, "one at a time")
        let cipher = try sealer(one).cipher(for: patient)
        let new = try cipher.seal(content, at: place)
        #expect((old[1], new[1]) == (1, 2))
        #expect(try cipher.open(old, at: place) == content)
        // A process that has not looked since finds what it does not know yet.
        #expect(try stale.open(new, at: place) == content)
        #expect(throws: SealingError.unknownKey(2)) {
            try Fault.versionsAreCached.injectedNow { _ = try stale.open(new, at: place) }
        }
        let again = try cipher.reseal(old, at: place)
        #expect(again[1] == 2)
        #expect(try cipher.open(again, at: place) == content)
    }

    @Test func theOldVersionGoesOnceEverybodyIsDone() throws {
        let store = store()
        let old = try sealer(store).cipher(for: patient, making: true).seal(content, at: place)
        try store.rotate(patient, settling: .seconds(3))
        let rotation = try #require(store.rotations().first)
        #expect((rotation.patient, rotation.version, rotation.done) == (patient, 2, []))
        #expect(rotation.settled.timeIntervalSinceNow > 2)
        try store.finish(rotation, in: "records")
        #expect(try store.end(try #require(store.rotations().first), services: ["records", "identity"]) == false)
        #expect(lines == 2)
        try store.finish(rotation, in: "identity")
        #expect(try store.end(try #require(store.rotations().first), services: ["records", "identity"]))
        #expect(lines == 1)
        #expect(store.rotations() == [])
        #expect(throws: SealingError.unknownKey(1)) { try sealer(store).cipher(for: patient).open(old, at: place) }
        // The number that is free again is not the next one.
        #expect(try store.rotate(patient, settling: .zero) == 3)
    }

    /// Killed after the note of the new version, before the version was there.
    @Test func aRotationThatWasKilledIsBegunAgain() throws {
        let store = store()
        _ = try store.makeKey(of: patient)
        try FileManager.default.createDirectory(atPath: "\(folder)/rotations", withIntermediateDirectories: true)
        try Data("2 100\n".utf8).write(to: URL(filePath: "\(folder)/rotations/\(patient.uuidString.lowercased())"))
        #expect(try sealer(store).cipher(for: patient, version: 2) == nil)
        #expect(try store.rotate(patient, settling: .seconds(60)) == 2)
        #expect(try sealer(store).cipher(for: patient, version: 2) != nil)
        // What could still be sealed with the old one is counted from now, not from before the kill.
        #expect(try #require(store.rotations().first).settled > Date())
    }

    @Test func aStoreFromBeforeVersionsIsRead() throws {
        let key = SymmetricKey(size: .bits256)
        let box = try AES.GCM.seal(key.withUnsafeBytes { Data($0) }, using: master, authenticating: Array(patient.uuidString.lowercased().utf8))
        try FileManager.default.createDirectory(atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try #require(box.combined).write(to: URL(filePath: file))
        let store = store()
        #expect(try store.key(of: patient) == key)
        #expect(try store.root() == master, "what was derived from the master key stays what it was")
        #expect(try store.rotate(patient, settling: .zero) == 2)
        #expect(try store.versions(of: patient, fresh: true).first?.key == key)
    }

    @Test func theMasterKeyIsReplacedWhileTheStoreIsInUse() throws {
        let path = folder + ".master"
        let (first, second) = (String(repeating: "1f", count: 32), String(repeating: "a0", count: 32))
        try Data("\(first)\n".utf8).write(to: URL(filePath: path))
        let one = KeyStore(folder: folder, masters: try MasterKeys(file: path))
        let other = KeyStore(folder: folder, masters: try MasterKeys(file: path))
        let root = try one.root()
        let key = try one.makeKey(of: patient)
        #expect(root.withUnsafeBytes { Array($0).hex } != first)
        try Data("2 \(second)\n1 \(first)\n".utf8).write(to: URL(filePath: path))
        let changed = KeyStore(folder: folder, masters: try MasterKeys(file: path))
        #expect(try changed.rewrap(patient) && changed.rewrapRoot())
        #expect(try !changed.rewrap(patient) && !changed.rewrapRoot())
        // A process that has the old file in memory meets a key it does not know, and looks again.
        #expect(try other.key(of: patient) == key)
        try Data("2 \(second)\n".utf8).write(to: URL(filePath: path))
        let last = KeyStore(folder: folder, masters: try MasterKeys(file: path))
        #expect(try last.key(of: patient) == key)
        #expect(try last.root() == root)
        try Data("1 \(first)\n".utf8).write(to: URL(filePath: path))
        #expect(throws: SealingError.unknownKey(2)) { try KeyStore(folder: folder, masters: try MasterKeys(file: path)).key(of: patient) }
        for wrong in ["", "0 \(first)", "1 abc", "1 \(first)\n1 \(second)"] {
            try Data(wrong.utf8).write(to: URL(filePath: path))
            #expect(throws: SealingError.self) { try MasterKeys(file: path) }
        }
    }

    @Test func aHoldForbidsDestroying() throws {
        let store = store()
        _ = try store.makeKey(of: patient)
        try store.hold(patient)
        #expect(throws: SealingError.held) { try store.destroy(patient, at: Date()) }
        #expect(FileManager.default.fileExists(atPath: file))
        try store.release(patient)
        try store.destroy(patient, at: Date())
        #expect(!FileManager.default.fileExists(atPath: file))
        #expect((store.held(), store.destroyed()) == ([], [patient]))
        #expect(throws: SealingError.self) { try store.hold(patient) }

        let another = UUID()
        _ = try store.makeKey(of: another)
        try store.hold(another)
        try Fault.holdsAreIgnored.injectedNow { try store.destroy(another, at: Date()) }
        #expect(store.destroyed().count == 2, "the guard is what kept it")
    }

    private func copy(_ store: KeyStore) throws -> KeyBackup {
        _ = try store.root()
        let (files, unreadable, next) = store.files(limit: 1_000)
        #expect(unreadable == [] && next == nil)
        return try KeyBackup(KeyBackup(files: files).bytes)
    }

    @Test func aCopyIsPutBackIntoAnEmptyStore() throws {
        let store = store()
        let old = try sealer(store).cipher(for: patient, making: true).seal(content, at: place)
        let before = try copy(store)
        try store.rotate(patient, settling: .zero)
        let rotation = try #require(store.rotations().first)
        try store.finish(rotation, in: "records")
        try store.end(try #require(store.rotations().first), services: ["records"])
        let new = try sealer(store).cipher(for: patient).seal(content, at: place)

        let empty = KeyStore(folder: folder + ".restored", master: master)
        #expect(try empty.restore([before, copy(store)]) == KeysRestored(added: 1))
        #expect(try empty.root() == store.root())
        #expect(try sealer(empty).cipher(for: patient).open(new, at: place) == content)
        #expect(throws: SealingError.unknownKey(1)) { try sealer(empty).cipher(for: patient).open(old, at: place) }
        // The older copy brings what a database of its time needs, behind what seals now.
        #expect(try empty.restore([before]) == KeysRestored(added: 1))
        #expect(try sealer(empty).cipher(for: patient).open(old, at: place) == content)
        #expect(try sealer(empty).cipher(for: patient).seal(content, at: place)[1] == 2)
        #expect(try empty.restore([before]) == KeysRestored(unchanged: 1))
        // Another store's keys, and keys of another master key.
        let stranger = KeyStore(folder: folder + ".stranger", master: master)
        _ = try stranger.makeKey(of: patient)
        #expect(try stranger.restore([before]).conflicts == [patient])
        let other = KeyStore(folder: folder + ".other", master: SymmetricKey(size: .bits256))
        #expect(throws: SealingError.self) { try other.restore([before]) }
    }

    @Test func aDestroyedKeyDoesNotComeBackFromACopy() throws {
        let store = store()
        let sealed = try sealer(store).cipher(for: patient, making: true).seal(content, at: place)
        let before = try copy(store)
        try store.destroy(patient, at: Date())
        let after = try copy(store)
        #expect(try store.restore([before]) == KeysRestored(destroyed: 1))
        #expect(throws: SealingError.self) { try sealer(store).cipher(for: patient).open(sealed, at: place) }
        // Into an empty store: a later copy in the same folder says so.
        let empty = KeyStore(folder: folder + ".restored", master: master)
        #expect(try empty.restore([after, before]) == KeysRestored(destroyed: 1))
        #expect(empty.destroyed() == [patient])
        #if DEBUG
            try Fault.destroyedComesBack.injectedNow { _ = try empty.restore([after, before]) }
            #expect(try sealer(empty).cipher(for: patient).open(sealed, at: place) == content, "the list is what kept it away")
        #endif
    }

    @Test func aCopyThatIsNotWholeIsNone() throws {
        let store = store()
        _ = try store.makeKey(of: patient)
        let bytes = try copy(store).bytes
        for broken in [bytes.dropLast(1), bytes.dropFirst(1), bytes.prefix(bytes.count / 2), Data(), Data(bytes.dropLast(2) + [120, 10])] {
            #expect(throws: KeyBackup.Failure.notWhole) { try KeyBackup(Data(broken)) }
        }
        var changed = bytes
        changed[30] ^= 1
        #expect(throws: KeyBackup.Failure.notWhole) { try KeyBackup(changed) }
        let outside = KeyBackup(files: [KeyFile(name: "../../etc/passwd", content: Data())]).bytes
        #expect(throws: KeyBackup.Failure.notWhole) { try KeyBackup(outside) }
    }

    /// A process that has the key in memory forgets it.
    @Test(.timeLimit(.minutes(1))) func aDestroyedKeyIsForgottenEverywhereWithinFiveSeconds() async throws {
        let (one, other) = (store(), store())
        _ = try one.makeKey(of: patient)
        _ = try other.key(of: patient)
        try one.destroy(patient, at: Date())
        try await Task.sleep(for: .seconds(5))
        #expect(throws: SealingError.self) { try other.key(of: patient) }
    }
}
