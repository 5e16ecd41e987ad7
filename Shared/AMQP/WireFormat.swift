internal import CRabbitMQ
internal import Foundation

// Between Swift's values and librabbitmq's, which borrow their memory.

extension String {
    init(_ bytes: amqp_bytes_t) { self = String(decoding: [UInt8](bytes), as: UTF8.self) }
}

extension [UInt8] {
    init(_ bytes: amqp_bytes_t) { self.init(UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len)) }
}

/// Memory for one outgoing frame, taken back all at once by `recycle`.
struct Scratch: ~Copyable {
    private let pool: UnsafeMutablePointer<amqp_pool_t>

    init() {
        pool = .allocate(capacity: 1)
        init_amqp_pool(pool, 4096)
    }

    deinit {
        empty_amqp_pool(pool)
        pool.deallocate()
    }

    func recycle() { recycle_amqp_pool(pool) }

    private func allocate<T>(_ type: T.Type, _ count: Int) throws(AMQPError) -> UnsafeMutablePointer<T> {
        guard let memory = amqp_pool_alloc(pool, count * MemoryLayout<T>.stride) else { throw .outOfMemory }
        return memory.bindMemory(to: T.self, capacity: count)
    }

    func bytes(_ string: String) throws(AMQPError) -> amqp_bytes_t { try bytes(Array(string.utf8)) }

    func bytes(_ array: [UInt8]) throws(AMQPError) -> amqp_bytes_t {
        guard !array.isEmpty else { return amqp_bytes_t(len: 0, bytes: nil) }
        let memory = try allocate(UInt8.self, array.count)
        memory.initialize(from: array, count: array.count)
        return amqp_bytes_t(len: array.count, bytes: memory)
    }

    func table(_ table: [String: AMQPValue]) throws(AMQPError) -> amqp_table_t {
        guard !table.isEmpty else { return amqp_table_t(num_entries: 0, entries: nil) }
        let entries = try allocate(amqp_table_entry_t.self, table.count)
        for (index, (key, value)) in table.enumerated() {
            (entries + index).initialize(to: amqp_table_entry_t(key: try bytes(key), value: try field(value)))
        }
        return amqp_table_t(num_entries: Int32(table.count), entries: entries)
    }

    private func field(_ value: AMQPValue) throws(AMQPError) -> amqp_field_value_t {
        var field = amqp_field_value_t()
        func kind(_ kind: amqp_field_value_kind_t) { field.kind = UInt8(truncatingIfNeeded: kind.rawValue) }
        switch value {
        case .string(let value):
            kind(AMQP_FIELD_KIND_UTF8)
            field.value.bytes = try bytes(value)
        case .bytes(let value):
            kind(AMQP_FIELD_KIND_BYTES)
            field.value.bytes = try bytes(value)
        case .int(let value):
            kind(AMQP_FIELD_KIND_I64)
            field.value.i64 = value
        case .bool(let value):
            kind(AMQP_FIELD_KIND_BOOLEAN)
            field.value.boolean = value ? 1 : 0
        case .double(let value):
            kind(AMQP_FIELD_KIND_F64)
            field.value.f64 = value
        case .date(let value):
            kind(AMQP_FIELD_KIND_TIMESTAMP)
            field.value.u64 = value.amqpSeconds
        case .table(let value):
            kind(AMQP_FIELD_KIND_TABLE)
            field.value.table = try table(value)
        case .array(let values):
            kind(AMQP_FIELD_KIND_ARRAY)
            let entries = try allocate(amqp_field_value_t.self, max(1, values.count))
            for (index, value) in values.enumerated() { (entries + index).initialize(to: try self.field(value)) }
            field.value.array = amqp_array_t(num_entries: Int32(values.count), entries: entries)
        case .null:
            kind(AMQP_FIELD_KIND_VOID)
        }
        return field
    }

    func properties(_ properties: Properties) throws(AMQPError) -> amqp_basic_properties_t {
        var raw = amqp_basic_properties_t()
        var flags = AMQP_BASIC_DELIVERY_MODE_FLAG
        func set(_ field: inout amqp_bytes_t, _ value: String?, _ flag: Int32) throws(AMQPError) {
            guard let value else { return }
            field = try bytes(value)
            flags |= flag
        }
        raw.delivery_mode = properties.persistent ? 2 : 1
        try set(&raw.content_type, properties.contentType, AMQP_BASIC_CONTENT_TYPE_FLAG)
        try set(&raw.message_id, properties.messageID, AMQP_BASIC_MESSAGE_ID_FLAG)
        try set(&raw.correlation_id, properties.correlationID, AMQP_BASIC_CORRELATION_ID_FLAG)
        try set(&raw.reply_to, properties.replyTo, AMQP_BASIC_REPLY_TO_FLAG)
        try set(&raw.type, properties.type, AMQP_BASIC_TYPE_FLAG)
        try set(&raw.user_id, properties.userID, AMQP_BASIC_USER_ID_FLAG)
        try set(&raw.app_id, properties.appID, AMQP_BASIC_APP_ID_FLAG)
        let expiration = properties.expiration.map { String(UInt32(clamping: $0.wholeMilliseconds)) }
        try set(&raw.expiration, expiration, AMQP_BASIC_EXPIRATION_FLAG)
        if let timestamp = properties.timestamp {
            raw.timestamp = timestamp.amqpSeconds
            flags |= AMQP_BASIC_TIMESTAMP_FLAG
        }
        if !properties.headers.isEmpty {
            raw.headers = try table(properties.headers)
            flags |= AMQP_BASIC_HEADERS_FLAG
        }
        raw._flags = amqp_flags_t(flags)
        return raw
    }
}

extension Properties {
    init(_ raw: amqp_basic_properties_t) throws(AMQPError) {
        self.init()
        func has(_ flag: Int32) -> Bool { raw._flags & amqp_flags_t(flag) != 0 }
        if has(AMQP_BASIC_CONTENT_TYPE_FLAG) { contentType = String(raw.content_type) }
        if has(AMQP_BASIC_MESSAGE_ID_FLAG) { messageID = String(raw.message_id) }
        if has(AMQP_BASIC_CORRELATION_ID_FLAG) { correlationID = String(raw.correlation_id) }
        if has(AMQP_BASIC_REPLY_TO_FLAG) { replyTo = String(raw.reply_to) }
        if has(AMQP_BASIC_TYPE_FLAG) { type = String(raw.type) }
        if has(AMQP_BASIC_USER_ID_FLAG) { userID = String(raw.user_id) }
        if has(AMQP_BASIC_APP_ID_FLAG) { appID = String(raw.app_id) }
        if has(AMQP_BASIC_TIMESTAMP_FLAG) { timestamp = Date(timeIntervalSince1970: Double(raw.timestamp)) }
        if has(AMQP_BASIC_EXPIRATION_FLAG) { expiration = UInt32(String(raw.expiration)).map { .milliseconds(Int64($0)) } }
        persistent = has(AMQP_BASIC_DELIVERY_MODE_FLAG) && raw.delivery_mode == 2
        if has(AMQP_BASIC_HEADERS_FLAG) { headers = try [String: AMQPValue](raw.headers, depth: 0) }
    }
}

extension [String: AMQPValue] {
    init(_ raw: amqp_table_t, depth: Int) throws(AMQPError) {
        self.init()
        for index in 0..<Int(Swift.max(0, raw.num_entries)) {
            guard let entry = raw.entries else { return }
            self[String(entry[index].key)] = try AMQPValue(entry[index].value, depth: depth)
        }
    }
}

extension AMQPValue {
    init(_ field: amqp_field_value_t, depth: Int) throws(AMQPError) {
        guard depth <= Self.maximumDepth else { throw AMQPError(.protocol, "a message's headers nest too deep") }
        let value = field.value
        switch amqp_field_value_kind_t(rawValue: UInt32(field.kind)) {
        case AMQP_FIELD_KIND_UTF8: self = .string(String(value.bytes))
        case AMQP_FIELD_KIND_BYTES: self = .bytes([UInt8](value.bytes))
        case AMQP_FIELD_KIND_BOOLEAN: self = .bool(value.boolean != 0)
        case AMQP_FIELD_KIND_I8: self = .int(Int64(value.i8))
        case AMQP_FIELD_KIND_U8: self = .int(Int64(value.u8))
        case AMQP_FIELD_KIND_I16: self = .int(Int64(value.i16))
        case AMQP_FIELD_KIND_U16: self = .int(Int64(value.u16))
        case AMQP_FIELD_KIND_I32: self = .int(Int64(value.i32))
        case AMQP_FIELD_KIND_U32: self = .int(Int64(value.u32))
        case AMQP_FIELD_KIND_I64: self = .int(value.i64)
        case AMQP_FIELD_KIND_U64: self = .int(Int64(clamping: value.u64))
        case AMQP_FIELD_KIND_F32: self = .double(Double(value.f32))
        case AMQP_FIELD_KIND_F64: self = .double(value.f64)
        case AMQP_FIELD_KIND_DECIMAL: self = .double(Double(value.decimal.value) / pow(10, Double(value.decimal.decimals)))
        case AMQP_FIELD_KIND_TIMESTAMP: self = .date(Date(timeIntervalSince1970: Double(value.u64)))
        case AMQP_FIELD_KIND_TABLE: self = .table(try [String: AMQPValue](value.table, depth: depth + 1))
        case AMQP_FIELD_KIND_ARRAY:
            var array: [AMQPValue] = []
            for index in 0..<Int(Swift.max(0, value.array.num_entries)) {
                guard let entries = value.array.entries else { break }
                array.append(try AMQPValue(entries[index], depth: depth + 1))
            }
            self = .array(array)
        default: self = .null
        }
    }
}

extension Date {
    fileprivate var amqpSeconds: UInt64 { timeIntervalSince1970 > 0 ? UInt64(Swift.min(timeIntervalSince1970, 1e15)) : 0 }
}

extension Duration {
    /// Rounded down; as much as an `Int64` holds.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? (seconds < 0 ? .min : .max) : product.addingReportingOverflow(attoseconds / 1_000_000_000_000_000).partialValue
    }

    var timeval: timeval {
        let milliseconds = Swift.max(1, wholeMilliseconds)
        return Foundation.timeval(tv_sec: Int(milliseconds / 1000), tv_usec: Int(milliseconds % 1000) * 1000)
    }
}
