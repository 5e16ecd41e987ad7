import Access
import Contracts
import Faults
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

/// I32: what the trail cannot say is not shown and not done.
@Suite(.serialized) struct NotWritableTests {
    private static let canary = "canary-7f3a"

    struct ReadSecret: Query {
        static let name = "echo.read-secret.v1"
        struct Reply: Codable, Sendable, Equatable { var secret: String }
        var patient: ID<Patient>
        var patients: [ID<Patient>] { [patient] }
    }

    struct KeepSecret: Command {
        static let name = "echo.keep-secret.v1"
        typealias Reply = Done
        var patient: ID<Patient>
        var key: UUID
        var patients: [ID<Patient>] { [patient] }
    }

    private func withSecrets(_ body: (ServiceUnderTest, PostgresPool) async throws -> Void) async throws {
        try await withService(
            "echo", migrations: nil,
            { registry, _ in
                registry.answer(ReadSecret.self, to: .ownRecord) { _, _, tx in
                    .done(.init(secret: try await tx.last("SELECT \(Self.canary)::text", as: String.self).first ?? ""))
                }
                registry.answer(KeepSecret.self, to: .ownRecord) { command, _, tx in
                    tx.queue("INSERT INTO secret (key) VALUES (\(command.key))")
                    return .done(Done())
                }
            },
            { service in
                let superuser = service.database.pool(service.database.superuser)
                try await superuser.run(["CREATE TABLE echo.secret (key uuid)", "GRANT INSERT ON echo.secret TO echo_limited"])
                do { try await body(service, superuser) } catch {
                    await superuser.close()
                    throw error
                }
                await superuser.close()
            })
    }

    @Test func withoutItsEntryNothingLeavesAndNothingIsDone() async throws {
        try await withSecrets { service, superuser in
            let patient = ID<Patient>()
            let me = try await service.keys.patient(patient)
            let stranger = try await service.keys.patient(ID<Patient>())
            #expect(try await service.bus.ask(ReadSecret(patient: patient), as: me).secret == Self.canary)
            try await superuser.run("REVOKE INSERT ON echo.audit_entry FROM echo_limited, echo_staff, echo_worker")
            await #expect(throws: BusError.unavailable) { try await service.bus.ask(ReadSecret(patient: patient), as: me) }
            await #expect(throws: BusError.unavailable) { try await service.bus.request(KeepSecret(patient: patient, key: UUID()), as: me) }
            await #expect(throws: BusError.notAllowed) { try await service.bus.ask(ReadSecret(patient: patient), as: stranger) }
            #expect(try await superuser.first("SELECT count(*) FROM echo.secret", as: Int.self) == 0)

            // And it is this that keeps it.
            try await Fault.trailNotNeeded.injected {
                let secret = try await service.bus.ask(ReadSecret(patient: patient), as: me).secret
                #expect(secret == Self.canary)
            }
            try await superuser.run("GRANT INSERT ON echo.audit_entry TO echo_limited, echo_staff, echo_worker")
            #expect(try await service.bus.ask(ReadSecret(patient: patient), as: me).secret == Self.canary)
        }
    }

    /// Whatever becomes of a request, there is one entry of it.
    @Test func oneRequestOneEntry() async throws {
        try await withSecrets { service, superuser in
            let patient = ID<Patient>()
            let me = try await service.keys.patient(patient)
            func entries() async throws -> [String] {
                try await superuser.all("SELECT action || ' ' || outcome FROM echo.audit_entry ORDER BY seq", as: String.self)
            }
            _ = try await service.bus.ask(ReadSecret(patient: patient), as: me)
            _ = try await service.bus.request(KeepSecret(patient: patient, key: UUID()), as: me)
            await #expect(throws: BusError.notAllowed) { try await service.bus.ask(ReadSecret(patient: .init()), as: me) }
            try await superuser.run("DROP TABLE echo.secret")
            await #expect(throws: BusError.failed) { try await service.bus.request(KeepSecret(patient: patient, key: UUID()), as: me) }
            #expect(
                try await entries() == [
                    "echo.read-secret.v1 done", "echo.keep-secret.v1 done", "echo.read-secret.v1 denied", "echo.keep-secret.v1 failed",
                ])
        }
    }
}
