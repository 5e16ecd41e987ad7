import Testing

/// Which of the package's own modules each may import. The compiler does not enforce it: a module in the same build can be imported without being
/// named as a dependency.
@Suite struct ImportTests {
    private static let table: [String: Set<String>] = [
        "Faults": [],
        "PollLoop": ["CLinux"],
        "TLS": ["COpenSSL"],
        "Postgres": ["CPostgres", "CLinux", "TLS", "PollLoop", "Faults"],
        "AMQP": ["CRabbitMQ", "CLinux", "TLS", "PollLoop", "Faults"],
        "Contracts": [],
        "Sealing": ["CZstd", "Faults"],
        "Access": ["Contracts", "Faults"],
        "AuditTrail": ["Contracts", "Postgres", "Access"],
        "MessageBus": ["Faults", "Contracts", "Postgres", "AMQP", "Sealing", "Access", "AuditTrail"],
        "ServiceHost": ["Faults", "Contracts", "Postgres", "AMQP", "PollLoop", "Sealing", "Access", "AuditTrail", "MessageBus"],
        "FHIR": [],
        "Pictures": ["Contracts"],
        "Web": ["CQRencode", "Contracts", "Access", "Sealing", "MessageBus", "ServiceHost"],
        "TestSupport": ["Contracts", "PollLoop", "Postgres", "AMQP", "Sealing", "Access", "AuditTrail", "MessageBus"],
    ]
    private static let forServices: Set<String> = [
        "Contracts", "Postgres", "Sealing", "Access", "AuditTrail", "MessageBus", "ServiceHost", "FHIR", "Pictures", "Faults",
    ]
    /// They own no data, so they reach no database.
    private static let forGateways: Set<String> = ["Contracts", "Access", "MessageBus", "ServiceHost", "Web"]
    private static let services = Tree.entries("Services").filter { Tree.isFolder("Services/\($0)") }
    private static let own = Set(Tree.entries("Shared").filter { Tree.isFolder("Shared/\($0)") } + services)

    private func violations(_ folder: String, may: Set<String>) throws -> [String] {
        try Tree.sources(folder).flatMap { source in
            source.imports.filter { Self.own.contains($0) && !may.contains($0) }.map { "\(source.path) imports \($0)" }
        }
    }

    @Test func sharedModulesImportWhatTheTableSays() throws {
        for folder in Tree.entries("Shared") where !Tree.files(["Shared/\(folder)"], ending: ".swift").isEmpty {
            guard let may = Self.table[folder] else {
                Issue.record("Shared/\(folder) is not in the table")
                continue
            }
            #expect(try violations("Shared/\(folder)", may: may) == [])
        }
    }

    @Test func noServiceImportsAServiceOrABridgesLibrary() throws {
        for service in Self.services {
            let may: Set<String> =
                switch service {
                case "Portal", "Clinic": Self.forGateways
                case "Notifications": Self.forServices.union(["CCurl"])
                default: Self.forServices
                }
            #expect(try violations("Services/\(service)", may: may) == [])
        }
    }

    @Test func contractsImportFoundationOnly() throws {
        #expect(try Tree.sources("Shared/Contracts").flatMap(\.imports).filter { $0 != "Foundation" } == [])
    }

    @Test func onlyTheBridgesSeeTheirLibraries() throws {
        for source in try Tree.sources("Shared", "Services", "Tests") {
            if source.imports.contains("CPostgres") { #expect(source.path.hasPrefix("Shared/Postgres/")) }
            if source.imports.contains("CRabbitMQ") { #expect(source.path.hasPrefix("Shared/AMQP/")) }
            if source.imports.contains("COpenSSL") { #expect(source.path.hasPrefix("Shared/TLS/")) }
        }
    }

    @Test func testsOfOneServiceImportNoOther() throws {
        for service in Self.services {
            let others = Set(Self.services).subtracting([service])
            let wrong = try Tree.sources("Tests/\(service)Tests").filter { !others.isDisjoint(with: $0.imports) }.map(\.path)
            #expect(wrong == [])
        }
    }
}
