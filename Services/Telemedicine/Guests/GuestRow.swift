internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// A guest as they stand in their row.
struct GuestRow: Sendable {
    /// Who may be asked in for a call and not sent away, and who may be there beside the two: four send pictures to each other.
    static let (mostAsked, mostThere) = (6, 2)

    let id: UUID
    let call: UUID
    let patient: UUID
    let name: [UInt8]
    let kind: GuestKind
    let state: GuestState
    let isPatients: Bool
    let window: UUID?

    private static func read(_ rest: SQL, _ tx: Transaction) async throws -> [GuestRow] {
        let rows = try await tx.all(
            "SELECT id, call, patient, name, kind, state, is_patients, guest_window FROM call_guest \(rest)", as: UUID.self, UUID.self, UUID.self,
            [UInt8].self, String.self, String.self, Bool.self, UUID?.self)
        return rows.compactMap { row in
            guard let kind = GuestKind(rawValue: row.4), let state = GuestState(rawValue: row.5) else { return nil }
            return GuestRow(
                id: row.0, call: row.1, patient: row.2, name: row.3, kind: kind, state: state, isPatients: row.6, window: row.7)
        }
    }

    static func of(_ call: UUID, _ tx: Transaction) async throws -> [GuestRow] { try await read("WHERE call = \(call) ORDER BY id", tx) }

    static func one(_ id: ID<Guest>, of call: CallRow, _ tx: Transaction) async throws -> GuestRow? {
        try await read("WHERE id = \(id.uuid) AND call = \(call.id)", tx).first
    }

    static func link(_ digest: Data, _ tx: Transaction) async throws -> GuestRow? {
        try await read("WHERE digest = \(Array(digest))", tx).first
    }

    static func session(_ digest: Data, _ tx: Transaction) async throws -> GuestRow? {
        try await read("WHERE session = \(Array(digest))", tx).first
    }

    /// All of a call: none stays when it is over.
    static func sendAway(_ call: UUID) -> SQL {
        """
        UPDATE call_guest SET state = 'removed', removed_at = clock_timestamp(), guest_window = NULL WHERE call = \(call) AND state <> 'removed'
        """
    }
}

extension CallStore {
    @Sendable func view(_ row: GuestRow) -> CallGuest {
        CallGuest(
            guest: ID(row.id), name: opened(row.name, of: row.patient, "call_guest", "name", row: row.id) ?? "", kind: row.kind, state: row.state,
            isPatients: row.isPatients, window: row.state == .admitted ? row.window.map { ID($0) } : nil)
    }

    /// The call and the guest whose browser this is; nil for anybody else's.
    func found(_ pass: GuestPass, locked: Bool = false, _ tx: Transaction) async throws -> (call: CallRow, guest: GuestRow)? {
        let call =
            locked
            ? try await CallRow.locked(pass.appointment, of: pass.patient, tx) : try await CallRow.one(pass.appointment, of: pass.patient, tx)
        guard let call, let guest = try await GuestRow.session(pass.session, tx), guest.id == pass.guest.uuid, guest.call == call.id else {
            return nil
        }
        return (call, guest)
    }

    /// Everybody who has a window looks anew.
    func tell(_ row: CallRow, _ tx: Transaction) async throws {
        tx.queue("UPDATE call SET version = version + 1 WHERE id = \(row.id)")
        try tx.emit(CallChanged(appointment: ID(row.id), version: row.version + 1, patient: ID(row.patient), state: row.state))
        try await tx.flush()
    }
}
