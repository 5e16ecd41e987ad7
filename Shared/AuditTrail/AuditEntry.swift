public import Access
public import Contracts
public import Crypto
public import Foundation
public import Postgres

/// One line of the audit trail: who did what to whose record, when, why, and how it ended. Never what the record says.
public struct AuditEntry: Sendable {
    public enum Outcome: String, Sendable {
        case done, refused, denied, failed
    }

    public var id: UUID
    public var at: Date
    public var actor: Actor
    /// The message's wire name.
    public var action: String
    public var patients: [ID<Patient>]
    public var outcome: Outcome
    /// A code, never free text.
    public var reason: String?
    /// W3C trace id, 32 hexadecimal digits.
    public var trace: String?

    public init(
        _ action: String, by actor: Actor, patients: [ID<Patient>], outcome: Outcome, reason: String? = nil, trace: String? = nil, at: Date = Date()
    ) {
        id = .v7(at: at)
        // PostgreSQL keeps microseconds; the MAC covers what is stored.
        self.at = Date(timeIntervalSince1970: (at.timeIntervalSince1970 * 1_000_000).rounded() / 1_000_000)
        self.actor = actor
        self.action = action
        self.patients = patients.sorted()
        self.outcome = outcome
        self.reason = reason
        self.trace = trace
    }

    /// The statement that writes the entry, with its MAC, into the service's `audit_entry`. - Parameter key: the service's audit key.
    public func insert(key: SymmetricKey) -> SQL {
        """
        INSERT INTO audit_entry (id, at, issuer, role, account, session, purpose, action, patients, outcome, reason, trace, mac)
        VALUES (\(id), \(at), \(actor.issuer), \(actor.role.rawValue), \(actor.account?.uuid), \(actor.session?.uuid), \(actor.purpose),
            \(action), \(patients.map(\.uuid)), \(outcome.rawValue), \(reason), \(trace), \(mac(key: key)))
        """
    }

    /// HMAC-SHA-256 over every field, each preceded by its length, so that no two entries have the same bytes.
    public func mac(key: SymmetricKey) -> [UInt8] {
        var fields: [String] = [
            "1", id.uuidString, String(Int64((at.timeIntervalSince1970 * 1_000_000).rounded())), actor.issuer, actor.role.rawValue,
            actor.account?.description ?? "", actor.session?.description ?? "", actor.purpose, action, outcome.rawValue, reason ?? "", trace ?? "",
        ]
        fields += patients.map(\.description)
        var hmac = HMAC<SHA256>(key: key)
        for field in fields {
            let bytes = Array(field.utf8)
            withUnsafeBytes(of: UInt32(bytes.count).bigEndian) { hmac.update(data: $0) }
            hmac.update(data: bytes)
        }
        return Array(hmac.finalize())
    }
}
