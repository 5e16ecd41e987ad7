import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import Testing
import TestSupport
@testable import Records

/// What patients measure at home.
@Suite struct ReadingTests {
    private struct Home: Sendable {
        let service: ServiceUnderTest
        let patient: ID<Patient>
        let own: ActorToken

        func command(
            _ measure: HomeMeasure, _ value: String, second: String? = nil, unit: String? = nil, local: String, zone: String = "America/Chicago",
            id: ID<Resource> = .init(), key: UUID = .v7()
        ) -> RecordHomeReading {
            RecordHomeReading(
                patient: patient, observation: id, measure: measure, value: value, second: second, unit: unit ?? measure.units[0], local: local,
                zone: zone, key: key)
        }

        func keep(_ command: RecordHomeReading) async throws -> Answer<RecordHomeReading> { try await service.bus.request(command, as: own) }

        var readings: HomeReadings {
            get async throws {
                guard case .done(let all) = try await service.bus.request(ReadHomeReadings(patient: patient), as: own) else { throw TryLater("none") }
                return all
            }
        }
    }

    /// A wall time some days ago.
    private func local(_ daysAgo: Double, _ time: String = "07:40") -> String {
        Date().addingTimeInterval(-daysAgo * 86_400).formatted(Date.ISO8601FormatStyle().year().month().day()) + "T\(time)"
    }

    private func withHome(_ body: @escaping @Sendable (Home) async throws -> Void) async throws {
        try await withRecords { service in
            let file = """
                {"resourceType":"Bundle","type":"collection","entry":[
                {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","name":[{"family":"Moss","given":["Ida"]}],"birthDate":"1980-02-29",
                 "extension":[{"url":"http://hl7.org/fhir/StructureDefinition/timezone","valueCode":"America/Denver"}]}},
                {"fullUrl":"urn:uuid:2","resource":{"resourceType":"Observation","status":"final","subject":{"reference":"urn:uuid:1"},
                 "code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}],"text":"Blood pressure"},
                 "effectiveDateTime":"2024-05-17T08:30:00Z",
                 "component":[
                  {"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":131,"unit":"mmHg","code":"mm[Hg]"}},
                  {"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"valueQuantity":{"value":83,"unit":"mmHg","code":"mm[Hg]"}}]}}]}
                """
            let patient = try await service.importedPatient(file)
            try await body(Home(service: service, patient: patient, own: try await service.keys.patient(patient)))
        }
    }

    @Test func aReadingIsKeptAsItWasReadAndSaysWhoReadIt() async throws {
        try await withHome { home in
            let command = home.command(.weight, "171.5", unit: "[lb_av]", local: "2026-07-04T07:40", zone: "America/Denver")
            let inDenver = try Date("2026-07-04T13:40:00Z", strategy: .iso8601)
            #expect(try await home.keep(command) == .done(HomeReadingKept(at: inDenver)))
            let query = ReadResource(type: "Observation", id: command.observation)
            guard case .done(let kept) = try await home.service.bus.request(query, as: home.service.keys.operator()) else {
                Issue.record("not kept")
                return
            }
            for part in [
                #""value":171.5,"unit":"lb","system":"http://unitsofmeasure.org","code":"[lb_av]""#, #""code":"29463-7""#,
                #""effectiveDateTime":"2026-07-04T07:40:00-06:00""#, #""valueCode":"America/Denver""#,
                #""performer":[{"reference":"Patient/\#(home.patient)"}]"#, #""code":"patient-reported""#,
            ] { #expect(kept.json.contains(part), "\(part) in \(kept.json)") }
            let readings = try await home.readings
            #expect(readings.zone == "America/Denver" && readings.total == 1 && readings.readings.map(\.fromPatient) == [true])
            #expect(readings.readings.first?.value == "171.5" && readings.readings.first?.category == "vital-signs")
            #expect(try await home.service.emitted(RecordChanged.self).map(\.entry) == [command.observation])
        }
    }

    @Test func theSameKeyIsOneReading() async throws {
        try await withHome { home in
            let command = home.command(.glucose, "104", local: local(1))
            let answers = try await withThrowingTaskGroup(of: Answer<RecordHomeReading>.self) { group in
                for _ in 0..<6 { group.addTask { try await home.keep(command) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(answers.map { "\($0)" }).count == 1)
            var other = command
            other.key = .v7()
            #expect(try await home.keep(other) == .refused(.idInUse))
            #expect(try await home.readings.total == 1)
        }
    }

    /// Each with the field that is wrong with it, and how.
    private func wrong(_ home: Home) -> [(command: RecordHomeReading, field: String, fault: EntryProblem.Fault)] {
        [
            (home.command(.pulse, "720", local: local(1)), "value", .notPossible),
            (home.command(.pulse, "seventy", local: local(1)), "value", .notANumber),
            (home.command(.pulse, "072", local: local(1)), "value", .notANumber), (home.command(.pulse, "", local: local(1)), "value", .missing),
            (home.command(.bloodPressure, "120", local: local(1)), "second", .missing),
            (home.command(.bloodPressure, "80", second: "120", local: local(1)), "second", .notPossible),
            (home.command(.temperature, "98.6", local: local(1)), "value", .notPossible),
            (home.command(.glucose, "5.4", unit: "g/L", local: local(1)), "unit", .unknownCode),
            (home.command(.weight, "70", local: "2026-02-30T07:40"), "local", .notADate),
            (home.command(.weight, "70", local: ""), "local", .missing),
            (home.command(.weight, "70", local: local(1, "24:00")), "local", .notADate),
            (home.command(.weight, "70", local: local(-2)), "local", .inTheFuture),
            (home.command(.weight, "70", local: local(500)), "local", .notPossible),
            // The clocks went from 2 to 3.
            (home.command(.weight, "70", local: "2026-03-08T02:30"), "local", .notADate),
            (home.command(.weight, "70", local: local(1), zone: "EST"), "zone", .unknownCode),
            (home.command(.weight, "70", local: local(1), zone: "Nowhere/Town"), "zone", .unknownCode),
        ]
    }

    @Test func whatNobodyCanHaveIsNotKept() async throws {
        try await withHome { home in
            for one in wrong(home) {
                let answer = try await home.keep(one.command)
                #expect(answer == .refused(.invalid(problems: [EntryProblem(one.field, one.fault)])), "\(one.command)")
            }
            let warm = try await home.keep(home.command(.temperature, "98.6", unit: "[degF]", local: local(1)))
            let total = try await home.readings.total
            #expect(warm != .refused(.notFound) && total == 1)
        }
    }

    @Test func theChartShowsBothAndOneGraphHasThemAll() async throws {
        try await withHome { home in
            let command = home.command(.bloodPressure, "128", second: "79", local: local(1))
            let before = home.command(.bloodPressure, "126", second: "78", local: local(2))
            guard case .done = try await home.keep(command), case .done = try await home.keep(before) else {
                Issue.record("not kept")
                return
            }
            guard case .done(let chart) = try await home.service.bus.request(ReadChart(patient: home.patient), as: home.own) else {
                Issue.record("no chart")
                return
            }
            #expect(chart.results.map(\.fromPatient) == [true, nil] && chart.results.first?.id == command.observation)
            let query = ReadResultSeries(patient: home.patient, result: command.observation)
            guard case .done(let series) = try await home.service.bus.request(query, as: home.own) else {
                Issue.record("no series")
                return
            }
            #expect(series.points.map(\.fromPatient) == [nil, true, true])
            #expect(series.points.flatMap(\.components).compactMap(\.unit).allSatisfy { $0 == "mmHg" })
        }
    }

    /// The database itself keeps patients from writing results that do not say whose they are.
    @Test func aPatientWritesNoResultOfTheClinic() async throws {
        try await withHome { home in
            func write(_ type: String, _ category: String) async throws {
                let id = UUID.v7()
                let asPatient: [SQL] = [
                    "SET LOCAL ROLE records_limited", "SELECT set_config('chartline.patients', \(home.patient.description), true)",
                ]
                try await home.service.pool.transaction(asPatient) { tx in
                    tx.queue(
                        """
                        INSERT INTO resource (type, id, patient, version, last_updated, category, body)
                        VALUES (\(type), \(id), \(home.patient.uuid), 1, now(), ARRAY[\(category)], '')
                        """)
                    try await tx.flush()
                }
            }
            try await write("Observation", "patient-reported")
            for (type, category) in [("Observation", "laboratory"), ("Condition", "patient-reported"), ("Patient", "patient-reported")] {
                await #expect(throws: DatabaseError.self) { try await write(type, category) }
            }
        }
    }
}
