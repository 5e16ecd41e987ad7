internal import CZstd
internal import Foundation
internal import Synchronization

/// zstd with a dictionary of what FHIR resources are mostly made of: a small resource becomes a third as long, and opens in a fraction of the time,
/// because its frame needs no tables of its own.
///
/// Each frame names its dictionary, so every dictionary ever used stays in `Dictionaries`, named by its number.
enum Compression {
    private static let level: Int32 = 3

    /// zstd's own objects. Dictionaries are read-only once made; a context serves one call at a time.
    private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private static let dictionary = Bundle.module.url(forResource: "1", withExtension: "zstd-dictionary", subdirectory: "Dictionaries")
        .flatMap { try? Data(contentsOf: $0) }
    private static let packing = dictionary.flatMap { bytes in
        bytes.withUnsafeBytes { ZSTD_createCDict($0.baseAddress, $0.count, level) }
    }.map { Handle(pointer: $0) }
    private static let unpacking = dictionary.flatMap { bytes in
        bytes.withUnsafeBytes { ZSTD_createDDict($0.baseAddress, $0.count) }
    }.map { Handle(pointer: $0) }

    /// Contexts not in use. Making one costs more than a small resource does, so they are kept: as many as ever worked at once.
    private static let packers = Mutex<[Handle]>([])
    private static let unpackers = Mutex<[Handle]>([])

    static func pack(_ content: [UInt8]) throws(SealingError) -> [UInt8] {
        guard let packing else { throw .noDictionary }
        guard let context = (packers.withLock { $0.popLast() } ?? ZSTD_createCCtx().map { Handle(pointer: $0) }) else { throw .tooLarge }
        defer { packers.withLock { $0.append(context) } }
        var failed = false
        let packed = [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(content.count)) { buffer, count in
            let size = ZSTD_compress_usingCDict(
                context.pointer, buffer.baseAddress, buffer.count, content, content.count, packing.pointer)
            failed = ZSTD_isError(size) != 0
            count = failed ? 0 : size
        }
        guard !failed else { throw .tooLarge }
        return packed
    }

    /// - Parameter limit: the most bytes it may become.
    static func unpack(_ packed: [UInt8], limit: Int) throws(SealingError) -> [UInt8] {
        guard let unpacking, [0, 1].contains(ZSTD_getDictID_fromFrame(packed, packed.count)) else { throw .noDictionary }
        guard let context = (unpackers.withLock { $0.popLast() } ?? ZSTD_createDCtx().map { Handle(pointer: $0) }) else { throw .tooLarge }
        defer { unpackers.withLock { $0.append(context) } }
        let size = ZSTD_getFrameContentSize(packed, packed.count)
        guard size <= UInt64(limit) else { throw .tooLarge }
        var failed = false
        let content = [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
            let done = ZSTD_decompress_usingDDict(
                context.pointer, buffer.baseAddress, buffer.count, packed, packed.count, unpacking.pointer)
            failed = ZSTD_isError(done) != 0
            count = failed ? 0 : done
        }
        guard !failed else { throw .notAuthentic }
        return content
    }
}
