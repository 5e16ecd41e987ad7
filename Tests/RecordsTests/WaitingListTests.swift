import Access
import Contracts
import Faults
import Foundation
import MessageBus
import Postgres
import Testing
import TestSupport
@testable import Records

/// What waits for whoever treats many patients: how many there are, every one of them on some page, and no more statements than for one.
@Suite(.serialized) struct WaitingListTests {
    private static let patientCount = 45
    private static let untreated = 5

    private struct Ward: Sendable {
        let service: ServiceUnderTest
        let clinician: ActorToken
        let stranger: ActorToken
        /// The treated first, then those nobody treats.
        let patients: [(id: ID<Patient>, condition: ID<Resource>, prescription: ID<Resource>)]

        /// Everything that can wait of one patient.
        func leaveOpen(_ place: Int) async throws {
            let (patient, condition, prescription) = patients[place]
            let own = try await service.keys.patient(patient)
            let renewal = RequestRenewal(patient: patient, request: .init(), prescription: prescription, key: .v7())
            let amendment = RequestAmendment(
                patient: patient, request: .init(), entry: condition, wrong: "The wrong knee", right: "The left knee", key: .v7())
            #expect(try await service.bus.request(renewal, as: own) == .done(Done()))
            guard case .done = try await service.bus.request(amendment, as: own) else { throw TryLater("not asked") }
        }

        func order(_ place: Int, as who: ActorToken) async throws {
            let (patient, order) = (patients[place].id, ID<Resource>())
            let day = String(Date().addingTimeInterval(86_400).formatted(.iso8601).prefix(10))
            let placed = PlaceOrder(patient: patient, order: order, kind: .laboratory, what: CodedText("Potassium"), due: day, key: .v7())
            let late = PlaceOrder(patient: patient, order: .init(), kind: .laboratory, what: CodedText("Sodium"), due: day, key: .v7())
            let result = EnteredResult(result: .init(), name: CodedText("Potassium"), reading: ResultReading("5.9", low: "3.5", high: "5.1"))
            let entered = EnterResult(
                patient: patient, order: order, status: "final", collected: "2026-01-02T10:00:00Z", results: [result], key: .v7())
            guard case .done = try await service.bus.request(placed, as: who), case .done = try await service.bus.request(late, as: who),
                case .done = try await service.bus.request(entered, as: who)
            else { throw TryLater("not ordered") }
        }

        /// As three days later.
        func pass() async throws {
            let pool = service.database.pool(service.database.superuser)
            try await pool.run([
                "UPDATE result_review SET since = since - interval '3 days'", "UPDATE open_order SET due_at = due_at - interval '3 days'",
            ])
            await pool.close()
        }

        func roundTrips(_ body: () async throws -> Void) async throws -> Int {
            let before = service.pool.statistics.roundTrips
            try await body()
            return service.pool.statistics.roundTrips - before
        }

        /// Of each list, what one look at it takes.
        func looks() async throws -> [Int] {
            // Whatever is looked up once is looked up already.
            for _ in 0..<2 { _ = try await service.bus.ask(ReadOpenLoops(), as: clinician) }
            return [
                try await roundTrips { _ = try await service.bus.ask(ReadOpenLoops(), as: clinician) },
                try await roundTrips { _ = try await service.bus.ask(ReadRenewals(), as: clinician) },
                try await roundTrips { _ = try await service.bus.ask(ReadOpenAmendments(), as: clinician) },
            ]
        }
    }

    private func withWard(_ body: @escaping @Sendable (Ward) async throws -> Void) async throws {
        try await withRecords { service in
            let all = Self.patientCount + Self.untreated
            let people = (0..<all).map { place in
                let team =
                    place < Self.patientCount
                    ? """
                    ,{"fullUrl":"urn:team:\(place)","resource":{"resourceType":"CareTeam","status":"active",
                     "subject":{"reference":"urn:patient:\(place)"},"participant":[{"member":{"reference":"urn:uuid:3"}}]}}
                    """ : ""
                return """
                    {"fullUrl":"urn:patient:\(place)","resource":{"resourceType":"Patient","name":[{"family":"Moss \(place)","given":["Ida"]}],
                     "birthDate":"1980-02-29"}},
                    {"fullUrl":"urn:condition:\(place)","resource":{"resourceType":"Condition","subject":{"reference":"urn:patient:\(place)"},
                     \(place == 0 ? #""meta":{"security":[{"code":"HIV"}]},"# : "")"code":{"text":"Torn ligament"}}},
                    {"fullUrl":"urn:prescription:\(place)","resource":{"resourceType":"MedicationRequest","status":"active","intent":"order",
                     "medicationCodeableConcept":{"text":"Ramipril 5 mg"},"subject":{"reference":"urn:patient:\(place)"},
                     "authoredOn":"\(Date().addingTimeInterval(-86_400).formatted(.iso8601).prefix(10))",
                     "requester":{"reference":"urn:uuid:3"}}}\(team)
                    """
            }
            let file = """
                {"resourceType":"Bundle","type":"collection","entry":[
                {"fullUrl":"urn:uuid:3","resource":{"resourceType":"Practitioner","name":[{"family":"Okafor"}]}},
                {"fullUrl":"urn:uuid:5","resource":{"resourceType":"Practitioner","name":[{"family":"Reyes"}]}},
                {"fullUrl":"urn:uuid:6","resource":{"resourceType":"Location","name":"Here"}},
                {"fullUrl":"urn:uuid:7","resource":{"resourceType":"PractitionerRole","practitioner":{"reference":"urn:uuid:3"},
                 "location":[{"reference":"urn:uuid:6"}]}},
                \(people.joined(separator: ",\n"))]}
                """
            _ = try await service.imported(file)
            func id(_ url: String) async throws -> ID<Resource> {
                guard case .done(let found) = try await service.bus.request(ReadResource(fullURL: url), as: service.keys.operator()) else {
                    throw TryLater("not imported")
                }
                return found.id
            }
            var patients: [(id: ID<Patient>, condition: ID<Resource>, prescription: ID<Resource>)] = []
            for place in 0..<all {
                let (condition, prescription) = (try await id("urn:condition:\(place)"), try await id("urn:prescription:\(place)"))
                patients.append((ID(try await id("urn:patient:\(place)").uuid), condition, prescription))
            }
            try await body(
                Ward(
                    service: service, clinician: try await service.clinician("urn:uuid:3"), stranger: try await service.clinician("urn:uuid:5"),
                    patients: patients))
        }
    }

    @Test(.timeLimit(.minutes(3))) func whatWaitsIsCountedAndEveryLineIsOnSomePage() async throws {
        try await withWard { ward in
            let (bus, clinician) = (ward.service.bus, ward.clinician)
            try await ward.leaveOpen(1)
            try await ward.order(1, as: clinician)
            try await ward.pass()
            let forOne = try await ward.looks()
            for place in ward.patients.indices where place != 1 { try await ward.leaveOpen(place) }
            for place in 2..<Self.patientCount { try await ward.order(place, as: clinician) }
            try await ward.order(0, as: clinician)
            try await ward.pass()
            // What one patient takes many take too: nothing is asked patient by patient.
            #expect(try await ward.looks() == forOne)

            var (overdue, results, renewals, amendments): ([ID<Resource>], [ID<Resource>], [ID<Resource>], [ID<Resource>]) = ([], [], [], [])
            for number in 1...3 {
                let place = PageOfList(page: number, pages: 3, total: Self.patientCount)
                let loops = try await bus.ask(ReadOpenLoops(overduePage: number, resultsPage: number), as: clinician)
                #expect(loops.overduePage == place && loops.resultsPage == place)
                let asked = try await bus.ask(ReadRenewals(page: number), as: clinician)
                let said = try await bus.ask(ReadOpenAmendments(page: number), as: clinician)
                #expect(asked.page == place && said.page == place && said.total == Self.patientCount)
                for lines in [loops.overdue.count, loops.results.count, said.waiting.count] { #expect(lines == (number < 3 ? 20 : 5)) }
                #expect(asked.waiting.count == 15)
                overdue += loops.overdue.map(\.order.order)
                results += loops.results.map(\.result.id)
                renewals += asked.waiting.map(\.request)
                amendments += said.waiting.map(\.amendment.request)
                #expect(said.waiting.map(\.amendment.due) == said.waiting.map(\.amendment.due).sorted())
                #expect(asked.waiting.map(\.asked) == asked.waiting.map(\.asked).sorted())
                #expect(asked.waiting.allSatisfy { $0.medicine == "Ramipril 5 mg" && $0.patient.family.hasPrefix("Moss") })
            }
            for list in [overdue, results, renewals, amendments] { #expect(Set(list).count == Self.patientCount) }
            // A list that has become shorter ends where it ends.
            #expect(try await bus.ask(ReadRenewals(page: 99), as: clinician).page?.page == 3)
            #expect(try await bus.ask(ReadOpenAmendments(page: -1), as: clinician).page?.page == 1)
        }
    }

    /// What is not shown is not counted: patients of others, and what a patient keeps back.
    @Test(.timeLimit(.minutes(3))) func theTotalIsCountedUnderTheRuleOfTheList() async throws {
        try await withWard { ward in
            let (bus, clinician) = (ward.service.bus, ward.clinician)
            for place in [0, 1, Self.patientCount] { try await ward.leaveOpen(place) }
            func totals(_ who: ActorToken) async throws -> [Int?] {
                [try await bus.ask(ReadRenewals(), as: who).page?.total, try await bus.ask(ReadOpenAmendments(), as: who).page?.total]
            }
            #expect(try await totals(clinician) == [2, 2])
            #expect(try await totals(ward.stranger) == [0, 0])
            #expect(try await Fault.everybodyTreats.injected { try await totals(ward.stranger) } == [3, 3])
            let own = try await ward.service.keys.patient(ward.patients[0].id)
            let keeps = ChangeConsent(patient: ward.patients[0].id, lines: [ConsentLine(permits: false, kind: "HIV")], version: 0, key: .v7())
            guard case .done = try await bus.request(keeps, as: own) else { throw TryLater("not kept") }
            // The entry is kept back, and so is what is said about it; the medicine is not.
            #expect(try await totals(clinician) == [2, 1])
            let shown = try await bus.ask(ReadOpenAmendments(), as: clinician).waiting
            #expect(shown.map(\.patient.id) == [ward.patients[1].id])
        }
    }
}
