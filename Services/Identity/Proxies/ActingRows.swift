internal import Contracts
internal import Foundation
internal import Postgres

extension Sessions {
    /// The records of others a session's account acts for, on their way: with what else is read of the session.
    struct ActingRows: Sendable {
        fileprivate let rows: Later

        func acting(at now: Date) throws -> [ActingFor] {
            try rows.all(as: UUID.self, UUID.self, String.self, Date?.self, Date?.self).compactMap { proxy, patient, granted, narrows, ends in
                guard let level = ProxyLevel(granted, narrows: narrows, at: now) else { return nil }
                // A full proxy of a child is another from the twelfth birthday on.
                let until = granted == ProxyLevel.full.rawValue && level == .full ? [narrows, ends].compactMap(\.self).min() : ends
                return ActingFor(proxy: ID(proxy), patient: ID(patient), level: level, until: until)
            }
        }
    }

    /// With the own record a token names 50 at most.
    private static let mostRecords = 49

    func actingFor(_ handleHash: [UInt8], in tx: Transaction) -> ActingRows {
        ActingRows(
            rows: tx.later(
                """
                SELECT p.id, p.patient, p.level, p.narrows_at, p.ends_at FROM open_session s JOIN proxy p ON p.account = s.account
                WHERE s.handle_hash = \(handleHash) AND s.audience = 'portal' AND p.state = 'granted' AND p.patient IS DISTINCT FROM s.patient
                    AND (p.ends_at IS NULL OR p.ends_at > \(clock()))
                ORDER BY p.granted_at, p.id LIMIT \(Self.mostRecords)
                """))
    }
}
