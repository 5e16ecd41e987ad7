internal import CPostgres

/// Binds laid out as libpq wants them: reused by one connection for every statement.
struct ParameterBuffer: ~Copyable {
    private(set) var types: [Oid] = []
    private(set) var values: [UnsafePointer<CChar>?] = []
    private(set) var lengths: [Int32] = []
    private(set) var formats: [Int32] = []
    private var space: UnsafeMutableRawBufferPointer

    /// A statement with large binds gives its memory back.
    private static let keptBytes = 64 * 1024

    init() { space = .allocate(byteCount: 4096, alignment: 16) }

    deinit { space.deallocate() }

    mutating func load(_ binds: [Bind]) {
        types.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        formats.removeAll(keepingCapacity: true)
        // A zero byte ends each: libpq reads text up to it.
        let needed = binds.reduce(0) { $0 + $1.payload.size + 1 }
        if needed > space.count || (space.count > Self.keptBytes && needed <= Self.keptBytes) {
            space.deallocate()
            space = .allocate(byteCount: max(needed, 4096), alignment: 16)
        }
        var offset = 0
        for bind in binds {
            let size = bind.payload.size
            types.append(bind.type)
            lengths.append(Int32(clamping: size))
            switch bind.payload {
            case .null, .refused:
                values.append(nil)
                formats.append(1)
                continue
            case .text: formats.append(0)
            case .word, .uuid, .bytes: formats.append(1)
            }
            let place = UnsafeMutableRawBufferPointer(rebasing: space[offset..<offset + size + 1])
            bind.payload.write(to: place)
            place[size] = 0
            values.append(UnsafeRawPointer(place.baseAddress)?.assumingMemoryBound(to: CChar.self))
            offset += size + 1
        }
    }
}
