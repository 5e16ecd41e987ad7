internal import Access
internal import Contracts
internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres

/// Who waits or is being seen, of those whom the asker treats. Where they are is told on the call's own page alone.
func readWaitingRoom(_ query: ReadWaitingRoom, _ actor: Actor, _ tx: Transaction, _ facts: FactsReader) async throws -> Answer<ReadWaitingRoom> {
    let rows = try await CallRow.read(
        "WHERE is_video AND state IN ('waiting', 'admitted', 'live', 'reconnecting') ORDER BY start_at, id LIMIT 50", tx)
    guard !rows.isEmpty else { return .done(WaitingRoom(calls: [], asOf: Date())) }
    let reading = facts.read(of: "SELECT unnest(\(Array(Set(rows.map(\.patient)))))", for: actor, in: tx)
    try await tx.flush()
    let known = try reading.facts()
    let seen = rows.filter {
        Fault.listsHoldAll.isOn || actor.decide(on: .clinical, of: ID($0.patient), known[ID($0.patient)] ?? AccessFacts()).isAllowed
    }
    return .done(WaitingRoom(calls: seen.map { $0.view() }, asOf: rows.first?.now ?? Date()))
}
