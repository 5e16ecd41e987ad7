import Access
import Contracts
import Faults
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Records

/// Patients who are no people: open to whoever works with charts, and in no list and no number. Beside each stands somebody real, of whom there is
/// the same.
@Suite(.serialized) struct PracticeTests {
    private static let label = #""meta":{"tag":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"HTEST"}]},"#

    private struct Ward: Sendable {
        let service: ServiceUnderTest
        let clinician: ActorToken
        let stranger: ActorToken
        let real: ID<Patient>
        let practice: ID<Patient>

        func id(_ url: String) async throws -> ID<Resource> {
            guard case .done(let found) = try await service.bus.request(ReadResource(fullURL: url), as: service.keys.operator()) else {
                throw TryLater("not imported")
            }
            return found.id
        }

        func done<R: Request>(_ request: R, as who: ActorToken) async throws {
            guard case .done = try await service.bus.request(request, as: who) else { throw TryLater("refused: \(R.name)") }
        }

        /// Everything that can wait of somebody.
        func leaveOpen(_ name: String, _ patient: ID<Patient>) async throws {
            let own = try await service.keys.patient(patient)
            let (condition, prescription) = (try await id("urn:\(name):condition"), try await id("urn:\(name):prescription"))
            try await done(RequestRenewal(patient: patient, request: .init(), prescription: prescription, key: .v7()), as: own)
            try await done(
                RequestAmendment(
                    patient: patient, request: .init(), entry: condition, wrong: "The wrong knee", right: "The left knee", key: .v7()), as: own)
            try await done(
                ChangeDemographics(
                    patient: patient, request: .init(), before: .birthDate(day: "1980-02-29"), after: .birthDate(day: "1980-03-01"), key: .v7()),
                as: own)
            try await done(StartEncounter(patient: patient, encounter: .init(), reason: "Cough", key: .v7()), as: clinician)
            let day = String(Date().addingTimeInterval(86_400).formatted(.iso8601).prefix(10))
            let order = ID<Resource>()
            for what in [order, .init()] {
                try await done(
                    PlaceOrder(patient: patient, order: what, kind: .laboratory, what: CodedText("Potassium"), due: day, key: .v7()), as: clinician)
            }
            let result = EnteredResult(result: .init(), name: CodedText("Potassium"), reading: ResultReading("5.9", low: "3.5", high: "5.1"))
            try await done(
                EnterResult(
                    patient: patient, order: order, status: "final", collected: "2026-01-02T10:00:00Z", results: [result], key: .v7()), as: clinician)
        }

        /// How much each list says there is: renewals, amendments, details, notes, orders past their day, results, broken glasses.
        func totals() async throws -> [Int?] {
            let (bus, keys) = (service.bus, service.keys)
            let loops = try await bus.ask(ReadOpenLoops(), as: clinician)
            return [
                try await bus.ask(ReadRenewals(), as: clinician).page?.total, try await bus.ask(ReadOpenAmendments(), as: clinician).page?.total,
                try await bus.ask(ReadDemographicRequests(), as: keys.staff(.frontDesk)).total,
                try await bus.ask(ReadUnsignedNotes(), as: clinician).notes.count, loops.overduePage?.total, loops.resultsPage?.total,
                try await bus.ask(ReadBrokenGlasses(), as: keys.staff(.administrator)).open,
            ]
        }

        func found(_ text: String) async throws -> Set<ID<Patient>> {
            Set(try await service.bus.ask(FindPatients(text: text), as: service.keys.staff(.frontDesk)).patients.map(\.id))
        }
    }

    private static func person(_ name: String, _ family: String, _ meta: String = "") -> String {
        """
        {"fullUrl":"urn:\(name)","resource":{"resourceType":"Patient",\(meta)"name":[{"family":"\(family)","given":["Clara"]}],
         "birthDate":"1980-02-29","telecom":[{"system":"phone","value":"312 555 0142"},{"system":"email","value":"clara@example.org"}],
         "identifier":[{"type":{"coding":[{"code":"MR"}]},"value":"PRACTICE-CLINICIAN"}]}}
        """
    }

    private static func record(_ name: String) -> String {
        """
        {"fullUrl":"urn:\(name):condition","resource":{"resourceType":"Condition","subject":{"reference":"urn:\(name)"},
         "code":{"text":"Torn ligament"}}},
        {"fullUrl":"urn:\(name):prescription","resource":{"resourceType":"MedicationRequest","status":"active","intent":"order",
         "medicationCodeableConcept":{"text":"Ramipril 5 mg"},"subject":{"reference":"urn:\(name)"},
         "authoredOn":"\(Date().addingTimeInterval(-86_400).formatted(.iso8601).prefix(10))","requester":{"reference":"urn:uuid:3"}}}
        """
    }

    private static func bundle(_ entries: [String]) -> String {
        #"{"resourceType":"Bundle","type":"collection","entry":[\#(entries.joined(separator: ",\n"))]}"#
    }

    private func withWard(_ body: @escaping @Sendable (Ward) async throws -> Void) async throws {
        try await withRecords { service in
            let entries = [
                #"{"fullUrl":"urn:uuid:3","resource":{"resourceType":"Practitioner","name":[{"family":"Okafor"}]}}"#,
                #"{"fullUrl":"urn:uuid:5","resource":{"resourceType":"Practitioner","name":[{"family":"Reyes"}]}}"#,
                #"{"fullUrl":"urn:uuid:6","resource":{"resourceType":"Location","name":"Here"}}"#,
                """
                {"fullUrl":"urn:uuid:7","resource":{"resourceType":"PractitionerRole","practitioner":{"reference":"urn:uuid:3"},
                 "location":[{"reference":"urn:uuid:6"}]}}
                """,
                Self.person("real", "Moss"), Self.record("real"), Self.person("practice", "Practice", Self.label), Self.record("practice"),
                """
                {"fullUrl":"urn:team","resource":{"resourceType":"CareTeam","status":"active","subject":{"reference":"urn:real"},
                 "participant":[{"member":{"reference":"urn:uuid:3"}}]}}
                """,
                """
                {"fullUrl":"urn:consent","resource":{"resourceType":"Consent","status":"active","patient":{"reference":"urn:practice"},
                 "scope":{"coding":[{"code":"patient-privacy"}]},"category":[{"coding":[{"code":"59284-0"}]}],"provision":{"type":"permit"}}}
                """,
            ]
            let outcome = try await service.imported(Self.bundle(entries))
            guard outcome.patients.count == 2 else { throw TryLater("not imported") }
            try await body(
                Ward(
                    service: service, clinician: try await service.clinician("urn:uuid:3"), stranger: try await service.clinician("urn:uuid:5"),
                    real: outcome.patients[0], practice: outcome.patients[1]))
        }
    }

    @Test func whoeverWorksWithChartsOpensTheirsAndSeesWhatItIs() async throws {
        try await withWard { ward in
            let bus = ward.service.bus
            guard case .done(let chart) = try await bus.request(ReadChart(patient: ward.practice), as: ward.stranger) else {
                Issue.record("closed")
                return
            }
            #expect(chart.patient.practice == true && chart.conditions.count == 1)
            await #expect(throws: BusError.notAllowed) { try await bus.request(ReadChart(patient: ward.real), as: ward.stranger) }
            let theirs = try await bus.ask(ReadPracticePatients(), as: ward.stranger).patients
            #expect(theirs.map(\.patient.id) == [ward.practice] && theirs.map(\.role) == ["clinician"])
            #expect(try await bus.ask(ReadPracticePatients(), as: ward.service.keys.worker("audit")).patients.count == 1)
            await #expect(throws: BusError.notAllowed) {
                try await bus.ask(ReadPracticePatients(), as: ward.service.keys.patient(ward.real))
            }
            for (patient, isPractice) in [(ward.real, nil), (ward.practice, true)] {
                let asked = try await bus.request(ReadContact(patient: patient), as: ward.service.keys.worker("notifications"))
                guard case .done(let contact) = asked else { throw TryLater("no contact") }
                #expect(contact.practice == isPractice)
            }
        }
    }

    /// The lists of two: what waits of the one is there, of the other nothing.
    @Test func whatWaitsOfThemIsInNoListAndNoTotal() async throws {
        try await withWard { ward in
            try await ward.leaveOpen("real", ward.real)
            try await ward.leaveOpen("practice", ward.practice)
            for (patient, version) in [(ward.real, 0), (ward.practice, 0)] {
                let denies = ChangeConsent(patient: patient, lines: [ConsentLine(permits: false, role: "nurse")], version: version, key: .v7())
                try await ward.done(denies, as: ward.service.keys.patient(patient))
                let broken = BreakGlass(id: .init(), patient: patient, reason: .emergency, words: "Found unconscious at home", key: .v7())
                try await ward.done(broken, as: ward.service.keys.staff(.nurse))
            }
            let pool = ward.service.database.pool(ward.service.database.superuser)
            try await pool.run([
                "UPDATE result_review SET since = since - interval '3 days'", "UPDATE open_order SET due_at = due_at - interval '3 days'",
            ])
            await pool.close()
            #expect(try await ward.totals() == [1, 1, 1, 1, 1, 1, 1])
            let named = try await ward.service.bus.ask(ReadOpenLoops(), as: ward.clinician)
            #expect(Set(named.overdue.map(\.patient.id) + named.results.map(\.patient.id)) == [ward.real])
            #if DEBUG
                #expect(try await Fault.practiceIsReal.injected { try await ward.totals() } == [2, 2, 2, 2, 2, 2, 2])
            #endif
        }
    }

    @Test func theyAreFoundByNameAndCountedNowhere() async throws {
        try await withWard { ward in
            #expect(try await ward.found("practice") == [ward.practice])
            #expect(try await ward.found("clara 1980-02-29") == [ward.real, ward.practice])
            for text in ["1980-02-29", "312 555 0142", "practise"] {
                let found = try await ward.found(text)
                #expect(!found.contains(ward.practice), "\(text)")
            }
            let (bus, keys) = (ward.service.bus, ward.service.keys)
            let match = MatchPatient(given: "Clara", family: "Practice", birthDate: "1980-02-29", email: "clara@example.org")
            #expect(try await bus.ask(match, as: keys.worker("identity")).patient == nil)
            let counts = try await bus.ask(CountResources(), as: keys.operator()).counts
            #expect((counts["Patient"], counts["Condition"], counts["Consent"]) == (1, 1, nil))
            #if DEBUG
                try await Fault.practiceIsReal.injected { () async throws in
                    #expect(try await ward.found("1980-02-29") == [ward.real, ward.practice])
                    #expect(try await ward.found("practise") == [ward.practice])
                    #expect(try await bus.ask(match, as: keys.worker("identity")).patient == ward.practice)
                    #expect(try await bus.ask(CountResources(), as: keys.operator()).counts["Patient"] == 2)
                }
            #endif
        }
    }

    @Test func aChartStaysWhatItWasMadeAs() async throws {
        try await withWard { ward in
            for (name, family, meta) in [("real", "Moss-Bell", Self.label), ("practice", "Practised", "")] {
                guard case .refused(let refusal) = try await ward.service.importing(Self.bundle([Self.person(name, family, meta)])) else {
                    Issue.record("\(name) was changed")
                    continue
                }
                #expect(refusal.problems.map(\.path) == ["Patient.meta"])
            }
            // What leaves the label alone is taken, and what a patient changes themselves leaves it alone.
            _ = try await ward.service.imported(Self.bundle([Self.person("practice", "Practised", Self.label)]))
            try await ward.done(
                ChangeDemographics(
                    patient: ward.practice, request: .init(), before: .phone(number: "312 555 0142"), after: .phone(number: "312 555 0143"),
                    key: .v7()),
                as: ward.service.keys.patient(ward.practice))
            #expect(try await ward.service.bus.ask(ReadPracticePatients(), as: ward.stranger).patients.map(\.patient.family) == ["Practised"])
            // And the database says so by itself.
            for role in ["records_staff", "records_worker"] {
                await #expect(throws: DatabaseError.self) {
                    try await ward.service.pool.transaction(["SELECT set_config('role', \(role), true)"]) { tx in
                        _ = try await tx.run("UPDATE patient SET practice = NOT practice")
                    }
                }
            }
        }
    }
}
