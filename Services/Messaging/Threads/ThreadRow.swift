internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension Actor {
    /// Whether they write and read for the patient.
    var isPatientSide: Bool { role == .patient }
}

/// A thread as handlers go by it.
struct ThreadRow: Sendable {
    let version: Int
    let state: ThreadState
    /// As `TaskChanged` has it.
    let level: Int
    let pool: String
    let owner: UUID?
    /// Who is asked for in it, unless somebody has it who is no practitioner.
    let asked: UUID?
    let promised: ZonedTime
    let isTooOld: Bool
    let now: Date

    /// Of a row `t` of `thread`: patients' own are told by row-level security, staff see the pools of their role.
    static func isVisible(to actor: Actor) -> SQL {
        actor.isPatientSide ? "true" : "t.pool IN (SELECT code FROM pool WHERE \(actor.role.rawValue) = ANY (roles))"
    }

    /// Of a row `t` of `thread`, as `ThreadLine.position`.
    static let position: SQL = "t.version * 3 + t.level"

    /// Of a row `t` of `thread`: see `asked`.
    static let asked: SQL = "CASE WHEN t.owner_account IS NULL THEN coalesce(t.owner, t.wanted) END"

    /// Keeps everybody else from it until this transaction ends.
    static func locked(
        _ thread: ID<MessageThread>, of patient: ID<Patient>, for actor: Actor, _ tx: Transaction
    ) async throws -> ThreadRow? {
        let row = lock(thread, of: patient, for: actor, tx)
        try await tx.flush()
        return try ThreadRow(row)
    }

    /// The same with the next statement that is waited for: what comes between sees what others did before.
    static func lock(_ thread: ID<MessageThread>, of patient: ID<Patient>, for actor: Actor, _ tx: Transaction) -> Later {
        tx.later(
            """
            SELECT version, state, level, pool, owner, \(asked), promised_at,
                to_char(promised_at AT TIME ZONE zone, 'YYYY-MM-DD"T"HH24:MI'), zone,
                state = 'closed' AND changed_at < now() - make_interval(days => \(ThreadStore.reopensFor)::int), clock_timestamp()
            FROM thread t WHERE id = \(thread.uuid) AND patient = \(patient.uuid) AND \(isVisible(to: actor)) FOR UPDATE
            """)
    }

    /// Nil where there is none that they may see. - Parameter locked: by `lock`, and waited for.
    init?(_ locked: Later) throws {
        let row = try locked.first(
            as: Int.self, String.self, Int.self, String.self, UUID?.self, UUID?.self, Date.self, String.self, String.self, Bool.self, Date.self)
        guard let row else { return nil }
        (version, level, pool, owner, asked, isTooOld, now) = (row.0, row.2, row.3, row.4, row.5, row.9, row.10)
        (state, promised) = (ThreadState(rawValue: row.1) ?? .closed, ZonedTime(row.6, local: row.7, zone: row.8))
    }
}

extension ThreadStore {
    private static func columns(for actor: Actor) -> SQL {
        """
        t.id, t.version, t.patient, t.purpose, t.subject, t.state, t.pool, t.owner, t.owner_account, t.promised_at,
        to_char(t.promised_at AT TIME ZONE t.zone, 'YYYY-MM-DD"T"HH24:MI'), t.zone, t.level, t.is_urgent, t.changed_at,
        (SELECT count(*) FROM message m WHERE m.thread = t.id AND m.from_patient <> \(actor.isPatientSide) AND m.read_at IS NULL
            AND m.retracted_at IS NULL), t.invoice
        """
    }

    /// - Parameter rest: what comes after `FROM thread t`.
    func lines(_ rest: SQL, for actor: Actor, _ tx: Transaction) async throws -> [ThreadLine] {
        let rows = try await tx.all(
            "SELECT \(Self.columns(for: actor)) FROM thread t \(rest)", as: UUID.self, Int.self, UUID.self, String.self, [UInt8].self, String.self,
            String.self, UUID?.self, UUID?.self, Date.self, String.self, String.self, Int.self, Bool.self, Date.self, Int.self,
            UUID?.self)
        return rows.map { row in
            let isMine = row.7 != nil && row.7 == actor.practitioner?.uuid || row.8 != nil && row.8 == actor.account?.uuid
            return ThreadLine(
                thread: ID(row.0), version: row.1, patient: ID(row.2), purpose: ThreadPurpose(rawValue: row.3) ?? .other,
                subject: opened(row.4, of: row.2, "thread", "subject", row: row.0), state: ThreadState(rawValue: row.5) ?? .closed, pool: row.6,
                owner: row.7.map { ID($0) }, isMine: isMine, isTaken: row.7 != nil || row.8 != nil,
                promised: ZonedTime(row.9, local: row.10, zone: row.11), level: row.12, isUrgent: row.13, last: row.14, unread: row.15,
                invoice: row.16.map { ID($0) })
        }
    }
}
