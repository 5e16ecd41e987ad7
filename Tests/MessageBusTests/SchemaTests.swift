import Foundation
import MessageBus
import PollLoop
import Postgres
import TestSupport
import Testing

/// All services' schemas in one database, made by the files a deployment uses. What each check must find is then made on purpose.
///
/// * I26 a role touches its own schema only: `aRoleTouchesItsOwnSchemaOnly`
/// * I27 who acts for nobody sees nobody: `whoActsForNobodySeesNobody`, `whatIsOpenIsOpenOnPurpose`
@Suite(.serialized) struct SchemaTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL
    private static let kinds = ["_owner", "", "_limited", "_staff", "_worker", "_backup"]

    private struct CannotRun: Error {
        let what: String
    }

    /// The services that have a schema.
    private static func services() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Services").path)
            .filter { FileManager.default.fileExists(atPath: root.appending(path: "Services/\($0)/Migrations").path) }
            .map { $0.lowercased() }.sorted()
    }

    private func withSchemas(_ body: (PostgresPool, [String]) async throws -> Void) async throws {
        let server = try await PrivatePostgres.start()
        let services = try Self.services()
        let secrets = FileManager.default.temporaryDirectory.appending(path: "secrets-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: secrets, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: secrets) }
        func psql(_ file: String, database: String, service: String = "") async throws {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = [
                "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", server.host, "-p", String(server.port), "-U", server.superuser, "-d", database,
                "-v", "service=\(service)", "-f", Self.root.appending(path: "deploy/postgres/\(file)").path,
            ]
            process.environment = ProcessInfo.processInfo.environment.merging(
                ["PGPASSWORD": server.superuserPassword, "SECRETS": secrets.path, "SERVICE": service], uniquingKeysWith: { $1 })
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            while process.isRunning { try await Task.sleep(for: .milliseconds(10)) }
            guard process.terminationStatus == 0 else { throw CannotRun(what: file) }
        }
        try await psql("database.sql", database: "postgres")
        for service in services {
            for role in [service, "\(service)_owner"] { try Data("secret of \(role)".utf8).write(to: secrets.appending(path: "postgres-\(role)")) }
            try await psql("roles.sql", database: "chartline", service: service)
            var owner = server.settings(database: "chartline", schema: service)
            (owner.user, owner.password) = ("\(service)_owner", "secret of \(service)_owner")
            let folder = Self.root.appending(path: "Services/\(service.prefix(1).uppercased() + service.dropFirst())/Migrations")
            try await Migrations(folders: [Registry.backbone, folder]).apply(to: owner, schema: service)
        }
        let loop = PollLoop(name: "test")
        var settings = server.settings(database: "chartline")
        settings.statementTimeout = .seconds(120)
        settings.maximumConnections = 1
        let pool = PostgresPool(settings, loop: loop)
        try await pool.run(Self.probe.map { SQL(trusted: $0) })
        try await body(pool, services)
        await pool.close()
        loop.stop()
        await server.stop()
    }

    private static let probe = [
        "CREATE SCHEMA probe",
        """
        CREATE VIEW probe.tables AS
        SELECT c.oid, n.nspname::text AS schema, n.nspname || '.' || c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS forced,
            c.relispartition AS part
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
            -- Who looks through a view of this kind needs every right of their own on what is behind it.
            AND NOT (c.relkind = 'v' AND coalesce(c.reloptions, '{}') @> ARRAY['security_invoker=true'])
            AND EXISTS (SELECT FROM pg_roles WHERE rolname = n.nspname || '_worker')
        """,
        // Whether a role may do something with a table, by trying. Anything but "permission denied" is a yes; nothing stays.
        """
        CREATE FUNCTION probe.may(who text, what text, act text) RETURNS boolean LANGUAGE plpgsql AS $$
        DECLARE
            answer boolean;
            col text := (SELECT attname FROM pg_attribute WHERE attrelid = what::regclass AND attnum > 0 AND NOT attisdropped
                         AND attgenerated = '' AND attidentity = '' ORDER BY attnum LIMIT 1);
        BEGIN
            PERFORM set_config('role', who, true);
            BEGIN
                EXECUTE CASE act
                    WHEN 'SELECT' THEN format('SELECT FROM %s LIMIT 1', what)
                    WHEN 'INSERT' THEN format('INSERT INTO %s DEFAULT VALUES', what)
                    WHEN 'UPDATE' THEN format('UPDATE %s SET %I = NULL', what, col)
                    WHEN 'DELETE' THEN format('DELETE FROM %s', what)
                    ELSE format('TRUNCATE %s', what) END;
                RAISE EXCEPTION 'it may';
            EXCEPTION WHEN OTHERS THEN
                answer := NOT (SQLSTATE = '42501' AND SQLERRM LIKE 'permission denied%' OR SQLERRM LIKE 'must be owner%');
            END;
            PERFORM set_config('role', 'none', true);
            RETURN answer;
        END $$
        """,
        // How many rows a role sees of a table while it acts for these patients; NULL when it may not look.
        """
        CREATE FUNCTION probe.seen(who text, patients text, what text, condition text DEFAULT 'true') RETURNS bigint LANGUAGE plpgsql AS $$
        DECLARE answer bigint;
        BEGIN
            PERFORM set_config('role', who, true), set_config('chartline.patients', patients, true);
            BEGIN
                EXECUTE format('SELECT count(*) FROM %s WHERE %s', what, condition) INTO answer;
            EXCEPTION WHEN insufficient_privilege THEN answer := NULL;
            END;
            PERFORM set_config('role', 'none', true), set_config('chartline.patients', '', true);
            RETURN answer;
        END $$
        """,
        // The columns that say whose a row is.
        """
        CREATE VIEW probe.whose AS
        SELECT t.name, a.attname::text AS col, a.atttypid = 'uuid[]'::regtype AS many FROM probe.tables t JOIN pg_attribute a ON a.attrelid = t.oid
        WHERE NOT t.part AND a.attnum > 0 AND NOT a.attisdropped
            AND (a.attname IN ('patient', 'patients') OR t.name LIKE '%.patient' AND a.attname = 'id')
        """,
    ]

    // MARK: I26

    @Test(.timeLimit(.minutes(2))) func aRoleTouchesItsOwnSchemaOnly() async throws {
        try await withSchemas { pool, services in
            func foreign() async throws -> [String] {
                try await pool.all(
                    """
                    WITH t AS MATERIALIZED (SELECT * FROM probe.tables WHERE NOT part)
                    SELECT w.role || ' ' || a.act || ' ' || t.name
                    FROM unnest(\(services)) AS s, unnest(\(Self.kinds)) AS k, LATERAL (SELECT s || k AS role) w, t,
                        unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS a (act)
                    WHERE (t.schema <> s OR k = '') AND probe.may(w.role, t.name, a.act)
                    ORDER BY 1
                    """, as: String.self)
            }
            #expect(try await foreign() == [])
            // What it may do at home shows that the probe sees what is allowed.
            for service in services {
                for (role, act, table) in [("_worker", "SELECT", "outbox"), ("_limited", "INSERT", "outbox"), ("_owner", "TRUNCATE", "inbox")] {
                    let may = try await pool.first("SELECT probe.may(\(service + role), \(service + "." + table), \(act))", as: Bool.self)
                    #expect(may == true, "\(service)\(role) \(act) \(table)")
                }
            }
            // Nobody may become somebody of another service.
            let members = try await pool.all(
                """
                SELECT a.rolname || ' is a member of ' || b.rolname FROM unnest(\(services)) AS s, pg_roles a, pg_roles b
                WHERE (a.rolname = s OR a.rolname LIKE s || '\\_%') AND NOT (b.rolname = s OR b.rolname LIKE s || '\\_%') AND NOT a.rolsuper
                    AND pg_has_role(a.rolname, b.rolname, 'MEMBER')
                """, as: String.self)
            #expect(members == [])

            try await pool.run(["GRANT USAGE ON SCHEMA records TO scheduling_worker", "GRANT UPDATE ON records.patient TO scheduling_worker"])
            #expect(try await foreign() == ["scheduling_worker UPDATE records.patient"])
        }
    }

    // MARK: I27

    @Test(.timeLimit(.minutes(2))) func whoActsForNobodySeesNobody() async throws {
        try await withSchemas { pool, services in
            let patients = [UUID(), UUID()]
            try await fill(pool, patients)
            let filled = try await pool.all(
                "SELECT DISTINCT w.name FROM probe.whose w WHERE probe.seen('postgres', '', w.name) < 2", as: String.self)
            #expect(filled == [], "these have no rows to hide")

            /// Tables of which somebody sees rows without acting for their patient.
            func open() async throws -> [String] {
                try await pool.all(
                    """
                    WITH t AS MATERIALIZED (SELECT * FROM probe.tables), w AS MATERIALIZED (SELECT * FROM probe.whose)
                    SELECT s || k || ' sees ' || t.name FROM unnest(\(services)) AS s, unnest(ARRAY['_limited', '', '_owner']) AS k, t
                    WHERE t.schema = s AND t.forced AND NOT (t.name LIKE '%.audit_%' OR t.name LIKE '%.answered')
                        AND probe.seen(s || k, '', t.name) > 0
                    UNION ALL
                    SELECT s || '_limited sees another''s ' || w.name
                    FROM unnest(\(services)) AS s, w, LATERAL (SELECT \(patients[0])::uuid AS me) m
                    WHERE w.name LIKE s || '.%' AND probe.seen(s || '_limited', m.me::text, w.name,
                        format(CASE WHEN w.many THEN 'NOT %L = ANY (%I)' ELSE '%2$I <> %1$L' END, m.me, w.col)) > 0
                    ORDER BY 1
                    """, as: String.self)
            }
            #expect(try await open() == [])
            // Who acts for a patient sees that patient.
            let mine = try await pool.first(
                "SELECT probe.seen('scheduling_limited', \(patients[0].uuidString), 'scheduling.appointment')", as: Int.self)
            #expect(mine == 1)
            try await pool.run(["ALTER TABLE scheduling.appointment DISABLE ROW LEVEL SECURITY", "GRANT SELECT ON records.patient TO records"])
            #expect(try await open() == ["scheduling_limited sees another's scheduling.appointment"])
            try await pool.run("ALTER POLICY limited ON records.patient USING (true)")
            #expect(
                try await open().filter { $0.contains("records") } == [
                    "records_limited sees another's records.patient", "records_limited sees records.patient",
                ])
        }
    }

    /// A table without forced row-level security is one of these, which say nothing about a patient: ids of events and clinicians' times.
    @Test(.timeLimit(.minutes(2))) func whatIsOpenIsOpenOnPurpose() async throws {
        let backbone: Set<String> = ["inbox", "outbox", "sent", "retry", "audit_resume", "schema_migration"]
        let own: Set<String> = [
            "identity.clinic", "identity.throttle", "scheduling.visit_service", "scheduling.resource",
            "scheduling.resource_version", "scheduling.publication", "scheduling.publication_service",
            "scheduling.publication_hours", "scheduling.leave", "scheduling.resource_time", "records.safety_table",
            "scheduling.visit_service_version", "records.note_template", "records.note_template_version", "records.phrase",
            "records.favourite_order", "scheduling.holiday", "identity.account_version", "identity.clinic_version", "identity.clinic_logo",
            "notifications.reminder_rule", "messaging.pool", "messaging.pool_hours", "messaging.pool_member", "messaging.purpose",
            "messaging.absence", "messaging.urgent_phrase", "messaging.leave_learnt",
            "records.licence_version", "telemedicine.licence",
            "billing.fee", "billing.card_event", "billing.proof", "billing.clinic", "billing.statement_run",
        ]
        try await withSchemas { pool, _ in
            func unexpected() async throws -> [String] {
                try await pool.all("SELECT name FROM probe.tables WHERE NOT forced AND NOT part ORDER BY name", as: String.self).filter {
                    !own.contains($0) && !backbone.contains(String($0.split(separator: ".").last ?? ""))
                }
            }
            #expect(try await unexpected() == [])
            // A part of a table has no row-level security of its own: nobody may reach it but through the whole.
            let parts = try await pool.all(
                """
                SELECT DISTINCT name FROM probe.tables t, pg_roles r
                WHERE t.part AND NOT r.rolsuper AND r.rolname LIKE t.schema || '%' AND r.rolname <> t.schema || '_owner'
                    AND has_table_privilege(r.rolname, t.oid, 'SELECT, INSERT, UPDATE, DELETE')
                """, as: String.self)
            #expect(parts == [])
            try await pool.run("CREATE TABLE scheduling.wish (patient uuid)")
            #expect(try await unexpected() == ["scheduling.wish"])
        }
    }

    /// Every table about patients, in every schema: whoever may touch it has a policy of their own, none is for everybody, and each policy of
    /// patients' own transactions is missed when it is taken away.
    @Test(.timeLimit(.minutes(4))) func whoMayTouchAPatientsTableHasAPolicy() async throws {
        try await withSchemas { pool, services in
            func wrong() async throws -> [String] {
                try await pool.all(
                    """
                    WITH held AS MATERIALIZED (
                        SELECT t.name, t.oid, r.rolname::text AS role, p.act
                        FROM (SELECT DISTINCT t.* FROM probe.tables t JOIN probe.whose w ON w.name = t.name WHERE NOT t.part) t
                        CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS p (act)
                        JOIN pg_roles r ON r.rolname IN (t.schema || '_limited', t.schema || '_staff', t.schema || '_worker', t.schema)
                        WHERE has_table_privilege(r.rolname, t.oid, p.act)
                    )
                    SELECT h.role || ' may ' || h.act || ' ' || h.name || ' without a policy' FROM held h
                    WHERE NOT EXISTS (
                        SELECT FROM pg_policy y JOIN pg_roles r ON r.oid = ANY (y.polroles)
                        WHERE y.polrelid = h.oid AND r.rolname = h.role AND y.polpermissive
                            AND y.polcmd IN ('*', CASE h.act WHEN 'SELECT' THEN 'r' WHEN 'INSERT' THEN 'a' WHEN 'UPDATE' THEN 'w' ELSE 'd' END))
                    UNION ALL
                    SELECT y.polname || ' on ' || t.name || ' is for everybody' FROM pg_policy y JOIN probe.tables t ON t.oid = y.polrelid
                    WHERE 0 = ANY (y.polroles)
                    ORDER BY 1
                    """, as: String.self)
            }
            #expect(try await wrong() == [])
            try await pool.run("DROP POLICY staff ON scheduling.appointment")
            #expect(try await wrong().contains("scheduling_staff may SELECT scheduling.appointment without a policy"))

            let patients = [UUID(), UUID()]
            try await fill(pool, patients)
            func seen(_ table: String) async throws -> Int {
                let role = String(table.prefix { $0 != "." }) + "_limited"
                return try await pool.first("SELECT probe.seen(\(role), \(patients[0].uuidString), \(table))", as: Int.self) ?? 0
            }
            let limited = try await pool.all(
                """
                SELECT DISTINCT t.name FROM pg_policy y JOIN probe.tables t ON t.oid = y.polrelid JOIN probe.whose w ON w.name = t.name
                WHERE y.polname = 'limited' AND has_table_privilege(t.schema || '_limited', t.oid, 'SELECT') ORDER BY 1
                """, as: String.self)
            #expect(limited.count >= 6)
            for table in limited {
                #expect(try await seen(table) == 1, "\(table)")
                try await pool.run(SQL(trusted: "ALTER POLICY limited ON \(table) USING (true)"))
                #expect(try await seen(table) == 2, "the policy of \(table) is not missed")
            }
        }
    }

    /// Two rows in every table, one of each patient; their other columns hold anything of their type.
    private func fill(_ pool: PostgresPool, _ patients: [UUID]) async throws {
        try await pool.run(
            SQL(
                trusted: """
                    DO $$
                    DECLARE
                        patients uuid[] := '{\(patients[0]),\(patients[1])}';
                        t record;
                        c record;
                        cols text;
                        vals text;
                    BEGIN
                        SET LOCAL session_replication_role = replica;  -- no foreign keys
                        FOR c IN SELECT conrelid::regclass AS name, conname FROM pg_constraint k JOIN probe.tables x ON x.oid = k.conrelid
                            WHERE contype IN ('c', 'x', 'u', 'p') AND coninhcount = 0 LOOP
                            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE', c.name, c.conname);
                        END LOOP;
                        FOR t IN SELECT * FROM probe.tables WHERE NOT part AND name NOT LIKE '%.schema_migration' LOOP
                            FOR i IN 1..2 LOOP
                                SELECT string_agg(quote_ident(attname), ', '), string_agg(CASE
                                    WHEN EXISTS (SELECT FROM probe.whose w WHERE w.name = t.name AND w.col = attname) THEN
                                        CASE WHEN atttypid = 'uuid'::regtype THEN quote_literal(patients[i])
                                            ELSE format('ARRAY[%L::uuid]', patients[i]) END
                                    WHEN atttypid = 'uuid'::regtype THEN 'gen_random_uuid()'
                                    WHEN atttypid IN ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype) THEN 'now()'
                                    WHEN atttypid = 'bytea'::regtype THEN format('%L::bytea', i::text)
                                    WHEN atttypid = 'bool'::regtype THEN 'true'
                                    WHEN format_type(atttypid, NULL) LIKE '%range' THEN '''empty'''
                                    WHEN atttypid IN ('json'::regtype, 'jsonb'::regtype) THEN '''{}'''
                                    WHEN atttypid = 'time'::regtype THEN '''09:00'''
                                    WHEN format_type(atttypid, NULL) LIKE '%[]' THEN '''{}'''
                                    ELSE quote_literal(i) END, ', ')
                                INTO cols, vals FROM pg_attribute
                                WHERE attrelid = t.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity = '';
                                EXECUTE format('INSERT INTO %s (%s) VALUES (%s)', t.name, cols, vals);
                            END LOOP;
                        END LOOP;
                    END $$
                    """))
    }
}
