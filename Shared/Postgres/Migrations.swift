public import Foundation
internal import PollLoop

/// The numbered SQL files of one schema, applied in order by its owner before the service listens.
///
/// Each file is one transaction. A file that was applied never changes again; a database that knows more than the folder is not touched.
/// Two runners at once are fine: the second waits and finds nothing to do.
public struct Migrations: Sendable {
    /// Why a folder and a database do not go together.
    public enum Problem: Error, Sendable, Equatable, CustomStringConvertible {
        case unreadable(folder: String)
        /// Not `NNNN_name.sql`.
        case badName(file: String)
        case duplicateNumber(Int)
        /// The database has a migration this build does not: it is too old for that schema.
        case unknownToThisBuild(number: Int, name: String)
        case changedAfterItWasApplied(file: String)
        /// A number below one that was applied already.
        case outOfOrder(file: String)
        /// Another runner has held the lock for longer than anyone waits.
        case locked
        case failed(file: String, DatabaseError)

        public var description: String {
            switch self {
            case .unreadable(let folder): "cannot read the migrations in \(folder)"
            case .badName(let file): "\(file) is not named like 0001_name.sql"
            case .duplicateNumber(let number): "two migrations have the number \(number)"
            case .unknownToThisBuild(let number, let name): "the database has migration \(number) \(name), which this build does not know"
            case .changedAfterItWasApplied(let file): "\(file) has changed since it was applied"
            case .outOfOrder(let file): "\(file) comes before a migration that was applied already"
            case .locked: "another process is migrating the schema"
            case .failed(let file, let error): "\(file) failed: \(error)"
            }
        }
    }

    private struct File: Sendable {
        /// Which of the folders it came from: each is a line of its own.
        let folder: Int
        let number: Int
        let name: String
        let text: String
        var fileName: String { String(repeating: "0", count: max(0, 4 - String(number).count)) + "\(number)_\(name).sql" }
    }

    private struct Applied {
        let number: Int
        let name: String
        let sha256: String
    }

    private let files: [File]

    /// A migration that waits for a lock makes everybody behind it wait too, so it gives up soon and comes back.
    private static let lockTimeout = Duration.seconds(2)
    private static let lockAttempts = 30
    private static let statementTimeout = Duration.seconds(3600)
    private static let runnerPatience = Duration.seconds(120)

    /// - Parameter folder: holds `0001_name.sql` and so on, and nothing else that ends in `.sql`.
    public init(folder: URL) throws { try self.init(folders: [folder]) }

    /// - Parameter folders: applied in order of their numbers, which do not overlap; within a folder a number only ever grows.
    public init(folders: [URL]) throws {
        var files: [File] = []
        for (index, folder) in folders.enumerated() {
            guard let entries = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) else {
                throw Problem.unreadable(folder: folder.path)
            }
            for entry in entries where entry.pathExtension == "sql" {
                let name = entry.lastPathComponent
                guard let match = name.wholeMatch(of: /([0-9]{4})_([a-z0-9_-]+)\.sql/), let number = Int(match.1) else {
                    throw Problem.badName(file: name)
                }
                guard let text = try? String(contentsOf: entry, encoding: .utf8), !text.utf8.contains(0) else {
                    throw Problem.unreadable(folder: entry.path)
                }
                files.append(File(folder: index, number: number, name: String(match.2), text: text))
            }
        }
        files.sort { $0.number < $1.number }
        for (file, next) in zip(files, files.dropFirst()) where file.number == next.number { throw Problem.duplicateNumber(file.number) }
        self.files = files
    }

    /// Brings `schema` up to date.
    /// - Parameters:
    ///   - settings: the owner's.
    ///   - schema: exists already. `search_path` is this schema, then `public`.
    public func apply(to settings: PostgresSettings, schema: String) async throws {
        var settings = settings
        settings.schema = schema
        settings.lockTimeout = Self.lockTimeout
        settings.statementTimeout = Self.statementTimeout
        settings.idleInTransactionTimeout = Self.runnerPatience
        // One for the lock, one for the work: the lock outlives every transaction.
        settings.maximumConnections = 2
        let loop = PollLoop(name: "migrations")
        let pool = PostgresPool(settings, loop: loop)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await whileLocked(pool, schema) { try await applyMissing(pool) })
        } catch {
            outcome = .failure(error)
        }
        await pool.close()
        loop.stop()
        try outcome.get()
    }

    /// Holds the schema's advisory lock in a transaction that does nothing else.
    private func whileLocked(_ pool: PostgresPool, _ schema: String, _ work: @escaping @Sendable () async throws -> Void) async throws {
        let end = ContinuousClock.now + Self.runnerPatience
        while true {
            let done = try await pool.transaction { tx in
                // The holder sits idle while the other connection works.
                try await tx.run("SET LOCAL idle_in_transaction_session_timeout = 0")
                let key = "migrations of " + schema
                guard try await tx.first("SELECT pg_try_advisory_xact_lock(hashtextextended(\(key), 0))", as: Bool.self) == true else { return false }
                try await work()
                return true
            }
            if done { return }
            guard ContinuousClock.now < end else { throw Problem.locked }
            try await Task.sleep(for: .milliseconds(Int.random(in: 50...150)))
        }
    }

    private func applyMissing(_ pool: PostgresPool) async throws {
        try await pool.run([
            """
            CREATE TABLE IF NOT EXISTS schema_migration (
                number     integer PRIMARY KEY,
                name       text NOT NULL,
                sha256     text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now()
            )
            """
        ])
        let applied = try await pool.all("SELECT number, name, sha256 FROM schema_migration ORDER BY number", as: Int.self, String.self, String.self)
            .map { Applied(number: $0.0, name: $0.1, sha256: $0.2) }
        let known = Dictionary(uniqueKeysWithValues: files.map { ($0.number, $0) })
        for row in applied {
            guard let file = known[row.number] else { throw Problem.unknownToThisBuild(number: row.number, name: row.name) }
            guard try await checksum(file, pool) == row.sha256 else { throw Problem.changedAfterItWasApplied(file: file.fileName) }
        }
        let done = Set(applied.map(\.number))
        for file in files where !done.contains(file.number) {
            let last = applied.last { known[$0.number]?.folder == file.folder }?.number ?? 0
            guard file.number > last else { throw Problem.outOfOrder(file: file.fileName) }
            try await apply(file, pool)
        }
    }

    private func checksum(_ file: File, _ pool: PostgresPool) async throws -> String? {
        try await pool.first("SELECT encode(sha256(\(Data(file.text.utf8))), 'hex')", as: String.self)
    }

    private func apply(_ file: File, _ pool: PostgresPool) async throws {
        var attempt = 1
        while true {
            do {
                try await pool.transaction { tx in
                    try await tx.script(file.text)
                    let bytes = Data(file.text.utf8)
                    tx.queue(
                        """
                        INSERT INTO schema_migration (number, name, sha256)
                        VALUES (\(file.number), \(file.name), encode(sha256(\(bytes)), 'hex'))
                        """)
                }
                return
            } catch let error as DatabaseError {
                let mayPass = error.sqlState == "55P03" || error.kind == .serialization
                guard mayPass, attempt < Self.lockAttempts else { throw Problem.failed(file: file.fileName, error) }
                attempt += 1
                try await Task.sleep(for: .milliseconds(Int.random(in: 300...900)))
            }
        }
    }
}
