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
    /// Why it was allowed, a code: what the purpose alone does not say.
    public var basis: String?
    /// W3C trace id, 32 hexadecimal digits.
    public var trace: String?

    public init(
        _ action: String, by actor: Actor, patients: [ID<Patient>], outcome: Outcome, reason: String? = nil, basis: String? = nil,
        trace: String? = nil, at: Date = Date()
    ) {
        id = .v7(at: at)
        // PostgreSQL keeps microseconds; the MAC covers what is stored.
        self.at = Date(timeIntervalSince1970: (at.timeIntervalSince1970 * 1_000_000).rounded() / 1_000_000)
        self.actor = actor
        self.actor.issuer = Self.plain(actor.issuer)
        self.actor.purpose = Self.plain(actor.purpose)
        self.action = Self.plain(action)
        self.patients = patients.sorted()
        self.outcome = outcome
        self.reason = reason.map(Self.plain)
        self.basis = basis.map(Self.plain)
        self.trace = trace.map(Self.plain)
    }

    /// The statement that writes the entry, with its MAC, into the service's `audit_entry`. - Parameter key: the service's audit key.
    public func insert(key: SymmetricKey) -> SQL {
        """
        INSERT INTO audit_entry (id, at, issuer, role, account, session, purpose, basis, action, patients, outcome, reason, trace, mac)
        VALUES (\(id), \(at), \(actor.issuer), \(actor.role.rawValue), \(actor.account?.uuid), \(actor.session?.uuid), \(actor.purpose), \(basis),
            \(action), \(patients.map(\.uuid)), \(outcome.rawValue), \(reason), \(trace), \(TrailLine(self).mac(key: key)))
        """
    }

    /// Without the characters that separate one field from the next.
    private static func plain(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 }) else { return text }
        return String(decoding: text.utf8.map { $0 < 0x20 ? UInt8(ascii: "?") : $0 }, as: UTF8.self)
    }
}
