import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Identity

@Suite struct RowSecurityTests {
    @Test func everyTableWithPeopleHasForcedRowSecurity() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let open = try await desk.read(
                """
                SELECT relname::text FROM pg_class WHERE relnamespace = 'identity'::regnamespace AND relkind = 'r'
                    AND relname IN ('account', 'session', 'invitation', 'totp', 'recovery_code', 'letter', 'reset', 'draft', 'account_request',
                        'device', 'passkey', 'proxy')
                    AND NOT (relrowsecurity AND relforcerowsecurity)
                """, as: String.self)
            #expect(open == [])
        }
    }

    @Test func patientsReachNothingAndStaffOnlyWhatInvitingTakes() async throws {
        try await withIdentity { (desk: Desk) async throws in
            try await desk.account("maria@example.org")
            func reads(_ role: String, _ sql: SQL) async -> DatabaseError.Kind? {
                do {
                    try await desk.service.pool.run(["SELECT set_config('role', \(role), true)", sql])
                    return nil
                } catch { return error.kind }
            }
            for sql: SQL in [
                "SELECT id FROM account", "SELECT id FROM session", "SELECT id FROM invitation", "SELECT key FROM throttle",
                "SELECT account FROM totp",
                "SELECT account FROM recovery_code", "SELECT id FROM open_session", "SELECT id FROM device", "SELECT id FROM passkey",
            ] {
                #expect(await reads("identity_limited", sql) == .permission)
                #expect(await reads("identity_worker", sql) == nil)
            }
            for sql: SQL in [
                "SELECT credential FROM account", "SELECT handle_hash FROM session", "DELETE FROM account", "DELETE FROM session",
                "UPDATE account SET credential = ''",
                "SELECT code_hash FROM invitation", "SELECT key FROM throttle", "DELETE FROM invitation",
                "SELECT secret FROM totp", "SELECT code_hash FROM recovery_code", "SELECT id FROM open_session",
                "INSERT INTO account_request (id) VALUES (gen_random_uuid())", "DELETE FROM account_request",
                "SELECT id FROM letter", "SELECT code_hash FROM reset", "DELETE FROM reset",
                "INSERT INTO letter (id, kind) VALUES (gen_random_uuid(), 'password-changed')",
            ] { #expect(await reads("identity_staff", sql) == .permission) }
            #expect(await reads("identity_staff", "SELECT patient FROM account") == nil)
            // Colleagues' accounts are closed by staff, a patient's are not.
            #expect(await reads("identity_staff", "UPDATE account SET state = 'closed'") == nil)
            let closed = try await desk.read("SELECT count(*)::int FROM account WHERE state = 'closed'", as: Int.self)
            #expect(closed == [0])
        }
    }
}
