internal import Access
internal import Contracts
public import Crypto
internal import Foundation
public import Postgres

/// An entry as its MAC, the chain, the copies and the file know it: its fields, with a tab between. No field holds a tab, so that no two entries have
/// the same line, and what may be missing begins with `=` when it is there.
public struct TrailLine: Sendable, Hashable {
    /// UTF-8.
    public let bytes: [UInt8]

    public init(bytes: [UInt8]) { self.bytes = bytes }
    public init(_ text: String) { bytes = Array(text.utf8) }

    public init(_ entry: AuditEntry) {
        let actor = entry.actor
        var text = entry.id.text
        func add(_ field: String) {
            text += "\t"
            text += field
        }
        func addIfThere(_ field: String?) { add(field.map { "=\($0)" } ?? "") }
        add(String(Int64((entry.at.timeIntervalSince1970 * 1_000_000).rounded())))
        add(actor.issuer)
        add(actor.role.rawValue)
        add(actor.account?.description ?? "")
        add(actor.session?.description ?? "")
        add(actor.purpose)
        addIfThere(entry.basis)
        add(entry.action)
        add(entry.patients.map(\.description).joined(separator: ","))
        add(entry.outcome.rawValue)
        addIfThere(entry.reason)
        addIfThere(entry.trace)
        self.init(text)
    }

    /// The line of a row `e` of `audit_entry`, or of a table with the same columns.
    public static let sql: SQL = """
        concat_ws(E'\\t', e.id, trunc(extract(epoch FROM e.at) * 1000000), e.issuer, e.role, coalesce(e.account::text, ''),
            coalesce(e.session::text, ''), e.purpose, coalesce('=' || e.basis, ''), e.action, array_to_string(e.patients, ',', '*'), e.outcome,
            coalesce('=' || e.reason, ''), coalesce('=' || e.trace, ''))
        """

    /// HMAC-SHA-256 of the line.
    public func mac(key: SymmetricKey) -> [UInt8] {
        var hmac = HMAC<SHA256>(key: key)
        hmac.update(data: [UInt8(ascii: "2"), UInt8(ascii: "\t")])  // the version of this line
        hmac.update(data: bytes)
        return Array(hmac.finalize())
    }

    public func isValid(mac: [UInt8], key: SymmetricKey) -> Bool { !mac.isEmpty && self.mac(key: key) == mac }

    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The fields as texts; nil when there are not thirteen.
    public var fields: [String]? {
        let parts = bytes.split(separator: 9, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        return parts.count == 13 ? parts : nil
    }
}
