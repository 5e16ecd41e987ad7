// swift-tools-version: 6.2
import PackageDescription

/// Every target of Chartline treats warnings as errors and says in each file what it imports.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// Libraries from elsewhere, by the name a target uses.
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let jwt: Target.Dependency = .product(name: "JWTKit", package: "jwt-kit")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let coreMetrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioWebSocket: Target.Dependency = .product(name: "NIOWebSocket", package: "swift-nio")

/// A library several services share: `Shared/<name>`.
func shared(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .target(name: name, dependencies: dependencies, path: "Shared/\(name)", resources: resources, swiftSettings: strict)
}

/// A service: `Services/<folder>`, one executable, named like the folder in lower case.
func service(_ folder: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .executableTarget(
        name: folder, dependencies: dependencies, path: "Services/\(folder)", exclude: ["README.md"], resources: resources,
        swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .testTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", resources: resources, swiftSettings: strict)
}

func system(_ name: String, _ pkgConfig: String?, _ debian: String...) -> Target {
    .systemLibrary(name: name, path: "Shared/\(name)", pkgConfig: pkgConfig, providers: [.apt(debian)])
}

let services = [
    "Records", "Scheduling", "Notifications", "Identity", "Audit", "Messaging", "Billing", "Telemedicine", "Portal", "Clinic", "Chartline",
]

let package = Package(
    name: "chartline",
    platforms: [.macOS(.v15)],
    products: services.map { .executable(name: $0.lowercased(), targets: [$0]) },
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
    ],
    targets: [
        // The C libraries of the system.
        system("CLinux", nil, "libc6-dev"),
        system("CPostgres", "libpq", "libpq-dev"),
        system("CRabbitMQ", "librabbitmq", "librabbitmq-dev", "libssl-dev"),
        system("COpenSSL", "libssl", "libssl-dev"),
        system("CZstd", "libzstd", "libzstd-dev"),
        system("CQRencode", "libqrencode", "libqrencode-dev"),
        system("CCurl", "libcurl", "libcurl4-openssl-dev"),

        // The bridges: only these see libpq and librabbitmq.
        shared("Faults", []),
        shared("PollLoop", ["CLinux"]),
        shared("TLS", ["COpenSSL"]),
        shared("Postgres", ["CPostgres", "TLS", "PollLoop", "Faults"]),
        shared("AMQP", ["CRabbitMQ", "TLS", "PollLoop", "Faults"]),

        // The backbone.
        shared("Contracts", []),
        shared("Sealing", ["CZstd", "Faults", crypto], resources: [.copy("Dictionaries")]),
        shared("Access", ["Contracts", "Faults", jwt, crypto]),
        shared("AuditTrail", ["Contracts", "Postgres", "Access", crypto]),
        shared(
            "MessageBus", ["Faults", "Contracts", "Postgres", "AMQP", "Sealing", "Access", "AuditTrail", crypto, logging, metrics, coreMetrics],
            resources: [.copy("Backbone")]),
        shared(
            "ServiceHost",
            [
                "Faults", "Contracts", "Postgres", "AMQP", "Sealing", "Access", "AuditTrail", "MessageBus", configuration, lifecycle, unixSignals,
                logging,
                metrics, coreMetrics, hummingbird, nioCore, crypto,
                httpTypes,
            ]),

        // What several services or gateways share.
        shared("FHIR", []),
        shared("Pictures", ["Contracts"]),
        shared(
            "Web",
            [
                "CQRencode", "Contracts", "Access", "MessageBus", "ServiceHost", "Sealing", hummingbird, hummingbirdCore, httpTypes, logging, crypto,
                nioCore, nioHTTP1, nioPosix, nioWebSocket, subprocess, systemPackage, lifecycle,
            ],
            resources: [.copy("Assets"), .copy("Localizable")]),
        shared("TestSupport", ["Contracts", "PollLoop", "Postgres", "AMQP", "Sealing", "Access", "AuditTrail", "MessageBus", crypto, logging]),

        // The services.
        service(
            "Records",
            ["Faults", "FHIR", "Pictures", "ServiceHost", "MessageBus", "Contracts", "Postgres", "Sealing", "Access", "AuditTrail", crypto, logging],
            resources: [.copy("Migrations")]),
        service(
            "Scheduling", ["Faults", "FHIR", "ServiceHost", "MessageBus", "Contracts", "Postgres", "Access", "AuditTrail", logging],
            resources: [.copy("Migrations")]),
        service(
            "Notifications",
            [
                "Faults", "ServiceHost", "MessageBus", "Contracts", "Postgres", "Sealing", "Access", "AuditTrail", "CCurl", httpClient, nioCore,
                crypto, cryptoExtras,
                logging,
            ], resources: [.copy("Migrations"), .copy("Localizable")]),
        service(
            "Identity",
            [
                "Faults", "Pictures", "ServiceHost", "MessageBus", "Contracts", "Postgres", "Sealing", "Access", "AuditTrail", crypto, cryptoExtras,
                logging,
            ],
            resources: [.copy("Migrations")]),
        service(
            "Audit", ["Faults", "ServiceHost", "MessageBus", "Contracts", "Postgres", "Sealing", "Access", "AuditTrail", crypto, logging],
            resources: [.copy("Migrations")]),
        service(
            "Messaging",
            ["Faults", "ServiceHost", "MessageBus", "Contracts", "Postgres", "Sealing", "Access", "AuditTrail", crypto, logging],
            resources: [.copy("Migrations")]),
        service(
            "Billing",
            [
                "Faults", "ServiceHost", "MessageBus", "Contracts", "Postgres", "Access", "AuditTrail", httpClient, nioCore, nioHTTP1, crypto,
                logging,
            ], resources: [.copy("Migrations")]),
        service(
            "Telemedicine",
            ["Faults", "ServiceHost", "MessageBus", "Contracts", "Postgres", "Sealing", "Access", "AuditTrail", crypto, logging],
            resources: [.copy("Migrations")]),
        service(
            "Portal", ["Web", "ServiceHost", "MessageBus", "Contracts", "Access", hummingbird, logging],
            resources: [.copy("Localizable"), .copy("Education")]),
        service(
            "Clinic", ["Web", "ServiceHost", "MessageBus", "Contracts", "Access", hummingbird, crypto, logging], resources: [.copy("Localizable")]),
        service(
            "Chartline",
            ["FHIR", "ServiceHost", "MessageBus", "Contracts", "Access", "Sealing", argumentParser, httpClient, nioCore, nioHTTP1, logging]),

        tests("PostgresTests", ["Postgres", "Faults", "PollLoop", "TestSupport"]),
        tests("AMQPTests", ["AMQP", "Faults", "PollLoop", "TLS", "TestSupport"]),
        tests("SealingTests", ["Sealing", "Faults", crypto]),
        tests("AccessTests", ["Access", "Contracts", "Faults"]),
        tests(
            "AuditTrailTests",
            ["AuditTrail", "MessageBus", "Faults", "Contracts", "Postgres", "Access", "TestSupport", crypto, logging]),
        tests("FHIRTests", ["FHIR"]),
        tests(
            "MessageBusTests", ["MessageBus", "Faults", "Contracts", "Postgres", "AMQP", "Sealing", "Access", "AuditTrail", "TestSupport", logging],
            resources: [.copy("Golden"), .copy("Migrations")]),
        tests("WebTests", ["Web", "MessageBus", "Contracts", "Access", hummingbird, httpTypes, logging, nioCore, nioEmbedded, nioPosix]),
        tests("PortalTests", ["Portal", "Web", "Contracts"]),
        tests("ClinicTests", ["Clinic", "Web", "Contracts", "Access"]),
        tests("RecordsTests", ["Records", "Faults", "Contracts", "Postgres", "Sealing", "TestSupport", "MessageBus", "Access", crypto]),
        tests("SchedulingTests", ["Scheduling", "FHIR", "Contracts", "Postgres", "TestSupport", "MessageBus", "Access"]),
        tests("NotificationsTests", ["Notifications", "Faults", "Contracts", "Postgres", "TestSupport", "MessageBus", "Access"]),
        tests("IdentityTests", ["Identity", "Faults", "Contracts", "Postgres", "Sealing", "TestSupport", "MessageBus", "Access"]),
        tests("AuditTests", ["Audit", "Faults", "AuditTrail", "Contracts", "Postgres", "TestSupport", "MessageBus", "Access", crypto, logging]),
        tests("MessagingTests", ["Messaging", "Contracts", "Postgres", "TestSupport", "MessageBus", "Access", crypto]),
        tests("BillingTests", ["Billing", "Faults", "Contracts", "Postgres", "TestSupport", "MessageBus", "Access", crypto, logging]),
        tests("TelemedicineTests", ["Telemedicine", "Contracts", "Postgres", "TestSupport", "MessageBus", "Access", crypto]),
        tests("ChartlineTests", ["Chartline", "Contracts", "FHIR"]),
        tests(
            "MatrixTests",
            [
                "Records", "Scheduling", "Notifications", "Identity", "Audit", "Messaging", "Billing", "Telemedicine", "AuditTrail", "Faults",
                "Contracts", "Postgres", "Sealing", "TestSupport", "MessageBus", "Access", crypto, logging,
            ]),
        tests("TidyTests", []),

        // What deploy/bench measures beside C programs; no product, so that no installation has it.
        .executableTarget(name: "Decisions", dependencies: ["Access", "Contracts"], path: "Tests/Benchmarks/Decisions", swiftSettings: strict),
        .executableTarget(name: "Bridges", dependencies: ["AMQP", "Postgres", "PollLoop", "Sealing"], path: "Tests/Benchmarks/Bridges", swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
