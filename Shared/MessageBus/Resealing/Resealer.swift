public import Contracts
internal import Faults
internal import Foundation
public import Logging
public import Postgres
public import Sealing

/// Seals anew, in the background, what older versions of patients' keys have sealed, and removes those versions once no service needs them.
///
/// All it has to remember is in the key store: killed at any moment it goes on where it was. Requests go on meanwhile; rows somebody is writing are
/// passed over and looked at again.
public actor Resealer {
    private static let batch = 100
    /// Between two batches, so that requests are served.
    private static let breath = Duration.milliseconds(20)
    private static let pause = Duration.seconds(1)

    private let service: String
    private let services: Set<String>
    private let pool: PostgresPool
    private let sealer: Sealer
    private let columns: [SealedColumn]
    private let logger: Logger
    /// Patients of whom nothing was left to do the last time, although writers may still have used an older version.
    private var tidy: Set<UUID> = []

    /// - Parameter services: who has to be done before an older version is removed.
    public init(
        service: String, services: Set<String> = Set(EveryService.names), pool: PostgresPool, sealer: Sealer, columns: [SealedColumn], logger: Logger
    ) {
        (self.service, self.services, self.pool, self.sealer, self.logger) = (service, services, pool, sealer, logger)
        self.columns = SealedColumn.ofEverySchema + columns
    }

    public func run() async {
        while !Task.isCancelled {
            do { try await round() } catch {
                guard !Task.isCancelled else { return }
                logger.warning("sealing anew goes on later", metadata: ["reason": "\(Reason(error).code)"])
            }
            try? await Task.sleep(for: Self.pause * Double.random(in: 0.7...1.3))
        }
    }

    /// Looks once at everything that is under way.
    public func round() async throws {
        let rotations = sealer.store.rotations()
        tidy.formIntersection(rotations.map(\.patient))
        for rotation in rotations where !rotation.done.contains(service) { try await reseal(rotation) }
        for rotation in sealer.store.rotations() { try sealer.store.end(rotation, services: services) }
    }

    private func reseal(_ rotation: KeyRotation) async throws {
        let isSettled = rotation.settled <= Date() || Fault.resealingTrustsItself.isOn
        guard isSettled || !tidy.contains(rotation.patient) else { return }
        guard let cipher = try sealer.cipher(for: rotation.patient, version: rotation.version) else {
            // Whoever began it was killed before the version was there.
            try sealer.store.rotate(rotation.patient)
            return
        }
        for column in columns { try await reseal(column, rotation, cipher) }
        guard try await !isAnythingLeft(rotation) else { return }
        tidy.insert(rotation.patient)
        // Only a look that began when nobody could seal with an older version any more says that nothing will come.
        if isSettled { try sealer.store.finish(rotation, in: service) }
    }

    private func reseal(_ column: SealedColumn, _ rotation: KeyRotation, _ cipher: PatientCipher) async throws {
        var done = 0
        repeat {
            try Task.checkCancellation()
            done = try await pool.asWorker(of: service) { tx in
                let rows = try await tx.all(
                    """
                    SELECT s.tableoid, s.ctid::text, s.\(identifier: column.row), s.\(identifier: column.column)
                    \(column.old(of: rotation.patient, version: rotation.version)) LIMIT \(Self.batch) FOR UPDATE SKIP LOCKED
                    """, as: Int.self, String.self, UUID.self, [UInt8].self)
                var done = 0
                for (table, place, row, sealed) in rows {
                    guard let fresh = try? cipher.reseal(sealed, at: Place(column.table, column.column, row: row)) else { continue }
                    done += 1
                    tx.queue(
                        """
                        UPDATE \(identifier: column.table) SET \(identifier: column.column) = \(fresh)
                        WHERE tableoid = \(table) AND ctid = \(place)::text::tid
                        """)
                }
                if done < rows.count {
                    self.logger.error(
                        "sealed values cannot be opened; their key's older version stays",
                        metadata: ["table": "\(column.table)", "rows": "\(rows.count - done)", "version": "\(rotation.version)"])
                }
                return done
            }
            if done > 0 { try await Task.sleep(for: Self.breath) }
        } while done > 0
    }

    private func isAnythingLeft(_ rotation: KeyRotation) async throws -> Bool {
        for column in columns {
            let left = try await pool.asWorker(of: service) { tx in
                try await tx.first("SELECT true \(column.old(of: rotation.patient, version: rotation.version)) LIMIT 1", as: Bool.self)
            }
            if left == true { return true }
        }
        return false
    }
}
