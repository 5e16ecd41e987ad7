internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Sealing
internal import ServiceHost

/// The requests that fill the demo clinic.
struct DemoSeed {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    private static let services = [
        VisitService(code: "office-visit", name: ["en": "Office visit", "es": "Visita en el consultorio"], minutes: 20),
        VisitService(code: "check-up", name: ["en": "Yearly check-up", "es": "Chequeo anual"], minutes: 40),
        VisitService(code: "video-visit", name: ["en": "Video visit", "es": "Visita por video"], minutes: 20),
    ]

    let bus: RabbitBus
    let clinic: DemoClinic
    /// Accounts made before, with their passwords.
    let known: [DemoFile.Account]

    func run() async throws -> [DemoFile.Account] {
        _ = try await bus.request(
            CreateClinic(name: "Riverside Family Clinic", zone: "America/Chicago", invitation: .init(), key: .v7()), as: nil, within: .seconds(10))
        _ = try await bus.request(DemoSafety.command, as: nil, within: .seconds(10))
        _ = try await bus.request(LoadFees(fees: DemoFees.all, key: .v7()), as: nil, within: .seconds(10))
        try await importFile("the clinic's people and places", clinic.organizationBundle)
        for patient in clinic.patients { try await importFile(patient.label, patient.bundle) }
        for bundle in PracticePatients.bundles { try await importFile("a practice patient", bundle) }
        let practitioners = try await practitioners()
        try await openHours(practitioners)
        try await openPool(practitioners)
        return try await makeAccounts(practitioners)
    }

    private func importFile(_ name: String, _ bundle: String) async throws {
        guard case .failure(let bad) = await FileImport(path: name, bus: bus).run(Data(bundle.utf8)) else { return }
        throw Failed(description: "\(name): \(bad.lines.joined(separator: "; "))")
    }

    private func resource(_ url: String) async throws -> UUID {
        guard case .done(let resource) = try await bus.request(ReadResource(fullURL: url), as: nil, within: .seconds(10)) else {
            throw Failed(description: "\(url) was not imported")
        }
        return resource.id.uuid
    }

    private func practitioners() async throws -> [String: ID<Practitioner>] {
        var found: [String: ID<Practitioner>] = [:]
        for clinician in clinic.clinicians { found[clinician.label] = ID(try await resource(clinician.fullUrl)) }
        return found
    }

    /// Monday to Friday with a lunch break, and Saturday morning: from today on, two weeks that are always open and more behind them.
    private func openHours(_ practitioners: [String: ID<Practitioner>]) async throws {
        let directory = try await bus.ask(ReadDirectory(), within: .seconds(10))
        let days = Date.ISO8601FormatStyle().year().month().day()
        let (from, until) = (clinic.today.formatted(days), clinic.today.addingTimeInterval(60 * 86_400).formatted(days))
        for clinician in clinic.clinicians {
            guard let practitioner = practitioners[clinician.label],
                let location = directory.locations.first(where: { $0.name == clinician.place }), let zone = location.zone
            else { throw Failed(description: "\(clinician.label) works at no place of the clinic") }
            let weekly =
                (1...5).flatMap {
                    [WeeklyHours(weekday: $0, from: "08:00", until: "12:00"), WeeklyHours(weekday: $0, from: "13:00", until: "18:00")]
                }
                + [WeeklyHours(weekday: 6, from: "09:00", until: "12:00")]
            let publication = PublishAvailability(
                practitioner: practitioner, location: location.id, zone: zone, services: Self.services, weekly: weekly, from: from, until: until)
            if case .refused(let refusal) = try await bus.request(publication, as: nil, within: .seconds(10)) {
                throw Failed(description: "the hours of \(clinician.label) were refused: \(refusal.rawValue)")
            }
        }
    }

    /// Whoever works here answers messages; the nurse covers for the doctor, and has what is late.
    private func openPool(_ practitioners: [String: ID<Practitioner>]) async throws {
        let pools = try await bus.ask(ReadPools(), within: .seconds(10)).pools
        guard var pool = pools.first(where: { $0.code == "care" }), pool.members.isEmpty else { return }
        pool.zone = "America/Chicago"
        let (doctor, nurse) = (practitioners["okafor"], practitioners["byrne"])
        pool.members = practitioners.values.sorted().map { PoolLine.Member(practitioner: $0, cover: $0 == doctor ? nurse : nil) }
        pool.lead = nurse
        if case .refused(let refusal) = try await bus.request(KeepPool(pool: pool, key: .v7()), as: nil, within: .seconds(10)) {
            throw Failed(description: "who answers messages was refused: \(refusal.rawValue)")
        }
    }

    private func makeAccounts(_ practitioners: [String: ID<Practitioner>]) async throws -> [DemoFile.Account] {
        var accounts: [DemoFile.Account] = []
        for (role, name, label) in [
            (Role.nurse, "Hannah Byrne", "byrne"), (.clinician, "Dr. Ngozi Okafor", "okafor"), (.frontDesk, "Sam Doyle", "doyle"),
            (.administrator, "Ruth Adeyemi", "adeyemi"),
        ] {
            accounts.append(try await account(role, "\(label)@clinic.example", name: name, practitioner: practitioners[label], hasCodes: true))
        }
        // New here: sets up the codes at the first sign-in.
        accounts.append(try await account(.billingOffice, "barlow@clinic.example", name: "Ike Barlow"))
        for patient in clinic.patients.prefix(6) {
            accounts.append(
                try await account(
                    .patient, "\(patient.label)@example.org", patient: ID(try await resource(patient.fullUrl)), language: patient.language,
                    hasCodes: patient.label == "marta.alvarez"))
        }
        return accounts
    }

    private func account(
        _ role: Role, _ username: String, name: String? = nil, patient: ID<Patient>? = nil, practitioner: ID<Practitioner>? = nil,
        language: String? = nil, hasCodes: Bool = false
    ) async throws -> DemoFile.Account {
        if let made = known.first(where: { $0.username == username }) { return made }
        let password = Self.password()
        // In a demo no phone has it: `chartline demo code` stands for one.
        let secret = hasCodes ? TimeCodes.random().base32 : nil
        let command = CreateDemoAccount(
            account: .init(), username: username, password: password, role: role.rawValue, displayName: name, patient: patient,
            practitioner: practitioner, language: language, totpSecret: secret, key: .v7())
        switch try await bus.request(command, as: nil, within: .seconds(30)) {
        case .done:
            return DemoFile.Account(
                role: role.rawValue, username: username, password: password, totp_secret: secret, patient_id: patient?.description)
        case .refused(.usernameTaken): throw Failed(description: "\(username) exists, but its password is not in demo.json")
        case .refused(.secretNotGood): throw Failed(description: "\(username) was given no good secret")
        case .refused(.notADemo): throw Failed(description: "this installation is not a demo")
        }
    }

    /// Five words out of 64: easy to type, made anew for each installation.
    private static func password() -> String {
        let words = """
            amber anchor apple autumn badge barley basil beacon birch blanket bridge button candle canyon cedar cherry clover copper coral
            cotton crane daisy delta ember falcon fern forest garden ginger harbor hazel heron island jasmine juniper kettle lantern lemon
            linen maple marble meadow mellow mint nutmeg ocean olive orchid otter paper pebble pepper pine quilt raven river saffron silver
            spruce thistle timber tulip velvet willow
            """.split(whereSeparator: \.isWhitespace)
        return (0..<5).map { _ in words.randomElement().map(String.init) ?? "willow" }.joined(separator: "-")
    }
}
