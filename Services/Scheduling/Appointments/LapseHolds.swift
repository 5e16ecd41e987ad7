internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import ServiceHost

/// Ends holds that have lapsed, within seconds: their time is free already, this says so to everybody.
func lapseHolds(of service: Service) async throws {
    while !Task.isCancelled {
        let lapsed = try await service.transaction { tx in try await lapseHolds(tx) }
        if lapsed < lapsedAtOnce { try await Task.sleep(for: .seconds(10) * Double.random(in: 0.8...1.2)) }
    }
}

private let lapsedAtOnce = 200

/// - Returns: how many lapsed.
func lapseHolds(_ tx: Transaction) async throws -> Int {
    let lapsed = try await AppointmentLine.all(
        """
        WITH due AS (
            -- One that is being confirmed is left to that; if it fails, the next look ends it.
            SELECT id AS due FROM appointment WHERE status = 'pending' AND hold_until <= clock_timestamp()
            ORDER BY hold_until LIMIT \(lapsedAtOnce) FOR UPDATE SKIP LOCKED
        ), lapsed AS (
            UPDATE appointment SET status = 'cancelled', version = version + 1, live = false, hold_until = NULL, reason = 'hold-expired'
            FROM due WHERE id = due
            RETURNING *
        ), freed AS (
            DELETE FROM resource_time WHERE appointment IN (SELECT id FROM lapsed)
        )
        SELECT \(AppointmentLine.columns) FROM lapsed ORDER BY id
        """, in: tx)
    for line in lapsed {
        try tx.emit(AppointmentCancelled(appointment: line.appointment, version: line.version, patient: line.patient, reason: "hold-expired"))
    }
    return lapsed.count
}
