import Access
import Contracts
import Faults
import Foundation
import MessageBus
import Postgres
import Testing
import TestSupport
@testable import Records

/// A file on its way in, over a real database.
@Suite struct ImportTests {
    private let bundle = """
        {"resourceType":"Bundle","type":"transaction","entry":[
        {"fullUrl":"urn:uuid:11111111-1111-4111-8111-111111111111","request":{"method":"POST","url":"Patient"},
         "resource":{"resourceType":"Patient","name":[{"family":"Núñez-Ortiz","given":["Ana"]}],"birthDate":"1980-02-29","gender":"female",
         "identifier":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]},"value":"MRN-00042"}]}},
        {"fullUrl":"urn:uuid:22222222-2222-4222-8222-222222222222","request":{"method":"POST","url":"Observation"},
         "resource":{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2339-0"}]},
         "subject":{"reference":"urn:uuid:11111111-1111-4111-8111-111111111111"},"effectiveDateTime":"2024-05-17T08:30:00+05:45",
         "valueQuantity":{"value":5.40,"unit":"mmol/L"}}}]}
        """

    @Test func aBundleIsImportedOnceAndReadBackAsItWasSent() async throws {
        try await withRecords { service in
            guard case .done(let first) = try await service.importing(bundle, inPartsOf: 300) else {
                Issue.record("refused")
                return
            }
            #expect((first.entries, first.created, first.unchanged) == (2, 2, 0))
            guard case .done(let again) = try await service.importing(bundle, inPartsOf: 300) else {
                Issue.record("refused")
                return
            }
            #expect((again.created, again.updated, again.unchanged) == (0, 0, 2))
            let me = try await service.keys.operator()
            let query = ReadResource(fullURL: "urn:uuid:22222222-2222-4222-8222-222222222222")
            guard case .done(let result) = try await service.bus.request(query, as: me) else {
                Issue.record("not there")
                return
            }
            #expect(result.json.contains("\"value\":5.40") && result.json.contains("2024-05-17T08:30:00+05:45"))
            #expect(try await service.emitted(PatientRegistered.self).map(\.patient) == first.patients)
            let chart = try await service.bus.request(ReadChart(patient: first.patients[0]), as: service.keys.patient(first.patients[0]))
            guard case .done(let chart) = chart else {
                Issue.record("no chart")
                return
            }
            #expect(chart.results.map(\.value) == ["5.40"])
            for text in ["nunez", "ortiz ana", "29/02/1980", "Núñez 1980-02-29", "nunes", "MRN-00042", "ana mrn-00042"] {
                #expect(try await service.bus.ask(FindPatients(text: text), as: service.keys.staff()).total == 1, "\(text)")
            }
        }
    }

    /// The first report and its correction have the same time, and either may come first in the file.
    @Test(arguments: ["entered-in-error", "final"], [true, false])
    func aCorrectedResultIsInTheChart(_ status: String, _ correctedFirst: Bool) async throws {
        func result(_ url: String, _ status: String, _ value: String) -> String {
            #"""
            {"fullUrl":"\#(url)","request":{"method":"POST","url":"Observation"},
             "resource":{"resourceType":"Observation","status":"\#(status)","code":{"coding":[{"system":"http://loinc.org","code":"18262-6"}]},
             "subject":{"reference":"urn:uuid:11111111-1111-4111-8111-111111111111"},"effectiveDateTime":"2024-05-17T08:30:00Z",
             "valueQuantity":{"value":\#(value),"unit":"mg/dL"}}}
            """#
        }
        let first = result("urn:uuid:33333333-3333-4333-8333-333333333333", status, "162")
        let corrected = result("urn:uuid:44444444-4444-4444-8444-444444444444", "corrected", "126")
        let both = correctedFirst ? [corrected, first] : [first, corrected]
        let file = bundle.dropLast(2) + ",\(both.joined(separator: ","))]}"
        try await withRecords { service in
            guard case .done(let done) = try await service.importing(String(file), inPartsOf: 300) else {
                Issue.record("refused")
                return
            }
            let chart = try await service.bus.request(ReadChart(patient: done.patients[0]), as: service.keys.patient(done.patients[0]))
            guard case .done(let chart) = chart else {
                Issue.record("no chart")
                return
            }
            #expect(chart.results.filter { $0.code == "18262-6" }.map(\.value) == ["126"])
        }
    }

    /// The laboratory sends the whole result again under its own name.
    @Test func whoReadAResultIsToldWhenItComesAgainAndSaysSomethingElse() async throws {
        let corrected = bundle.replacing("5.40", with: "6.10").replacing("\"final\"", with: "\"corrected\"")
        let sameAgain = corrected.replacing("T08:30:00", with: "T08:31:00").replacing("\"corrected\"", with: "\"final\"")
        try await withRecords { service in
            let patient = try #require(try await outcome(of: bundle, in: service)?.patients.first)
            _ = try await outcome(of: bundle, in: service)
            #expect(try await service.emitted(ResultAmended.self).isEmpty)
            #expect(try await outcome(of: corrected, in: service)?.updated == 1)
            _ = try await outcome(of: corrected, in: service)
            let told = try await service.emitted(ResultAmended.self)
            #expect(told.map(\.patient) == [patient] && told.map(\.version) == [2])
            // Another time is no other value.
            #expect(try await outcome(of: sameAgain, in: service)?.updated == 1)
            #expect(try await service.emitted(ResultAmended.self).count == 1)
            // The guard taken away: nobody is told.
            try await Fault.correctionsAreSilent.injected { _ = try await outcome(of: bundle, in: service) }
            #expect(try await service.emitted(ResultAmended.self).count == 1)
        }
    }

    /// Otherwise what is there after somebody's look would be older than the look, and never news.
    @Test(.timeLimit(.minutes(1))) func whatIsImportedIsAsOldAsItsTurn() async throws {
        try await withRecords { service in
            let pool = service.database.pool(service.database.superuser)
            let waits: SQL = """
                SELECT count(*) FROM pg_locks
                WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                """
            let (importing, turn) = try await pool.transaction { tx in
                try await tx.run("SELECT pg_advisory_xact_lock(hashtextextended('records/import', 0))")
                let importing = Task { try await service.imported(bundle) }
                while try await tx.first(waits, as: Int.self) == 0 { try await Task.sleep(for: .milliseconds(20)) }
                return (importing, Date())
            }
            #expect(try await importing.value.created == 2)
            let written = try await pool.all("SELECT last_updated FROM resource", as: Date.self)
            await pool.close()
            #expect(written.count == 2 && written.allSatisfy { $0 > turn })
        }
    }

    @Test(arguments: [
        ("{\"resourceType\":\"Bundle\",", "ends"), ("{\"resourceType\":\"Patiant\"}", "not a resource type"), ("[]", "JSON object"),
    ])
    func aBadFileIsRefusedWholeAndSaysWhy(_ text: String, _ reason: String) async throws {
        try await withRecords { service in
            guard case .refused(let refusal) = try await service.importing(text, inPartsOf: 300) else {
                Issue.record("taken")
                return
            }
            #expect(refusal.problems.contains { $0.reason.contains(reason) }, "\(refusal.problems)")
            #expect(try await service.bus.ask(CountResources(), as: service.keys.operator()).counts.isEmpty)
        }
    }

    @Test func whatNamesAPatientWhoIsNotHereIsRefused() async throws {
        try await withRecords { service in
            let lone = #"{"resourceType":"Condition","subject":{"reference":"Patient/elsewhere"},"code":{"text":"x"}}"#
            guard case .refused(let refusal) = try await service.importing(lone, inPartsOf: 300) else {
                Issue.record("taken")
                return
            }
            #expect(refusal.problems.first?.reason.contains("is not here") == true)
        }
    }

    private func outcome(of text: String, in service: ServiceUnderTest) async throws -> ImportOutcome? {
        switch try await service.importing(text, inPartsOf: 300) {
        case .done(let outcome): return outcome
        case .refused(let refusal):
            Issue.record("\(refusal.problems)")
            return nil
        }
    }

    private func reason(of text: String, in service: ServiceUnderTest) async throws -> String {
        guard case .refused(let refusal) = try await service.importing(text, inPartsOf: 300) else { return "taken" }
        return refusal.problems.map { "\($0.entry.map(String.init) ?? "-") \($0.path ?? "-"): \($0.reason)" }.joined(separator: "; ")
    }

    private func json(_ type: String, _ address: String, in service: ServiceUnderTest) async throws -> String {
        guard case .done(let text) = try await service.bus.request(ReadResource(fullURL: address), as: service.keys.operator()) else { return "" }
        return text.type == type ? text.json : ""
    }

    private static func transaction(_ entries: String...) -> String {
        #"{"resourceType":"Bundle","type":"transaction","entry":[\#(entries.joined(separator: ","))]}"#
    }

    /// As generators of test patients write practitioners: made once, by identifier, however many files bring them.
    private static func practitioner(_ number: Int, family: String = "Okafor") -> String {
        #"""
        {"fullUrl":"urn:uuid:aaaaaaaa-0000-4000-8000-00000000000\#(number)",
         "request":{"method":"POST","url":"Practitioner","ifNoneExist":"identifier=http://hl7.org/fhir/sid/us-npi|9999"},
         "resource":{"resourceType":"Practitioner","identifier":[{"system":"http://hl7.org/fhir/sid/us-npi","value":"9999"}],
         "name":[{"family":"\#(family)"}]}}
        """#
    }

    private static func encounter(_ number: Int, practitioner: String) -> String {
        #"""
        {"fullUrl":"urn:uuid:bbbbbbbb-0000-4000-8000-00000000000\#(number)","request":{"method":"POST","url":"Encounter"},
         "resource":{"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},
         "participant":[{"individual":{"reference":"\#(practitioner)"}}]}}
        """#
    }

    private static let byNumber = "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|9999"

    @Test func aReferenceBySearchFindsWhatIsHereAndWhatComesWithIt() async throws {
        try await withRecords { (service: ServiceUnderTest) async throws in
            #expect(
                try await reason(of: Self.transaction(Self.encounter(1, practitioner: Self.byNumber)), in: service)
                    == "0 Encounter.individual: no Practitioner with this identifier is here; import the file that holds it first (line 2)")
            // In the same file, before the one it names.
            let together = Self.transaction(Self.encounter(1, practitioner: Self.byNumber), Self.practitioner(1))
            #expect(try await outcome(of: together, in: service)?.created == 2)
            let practitioner = try await json("Practitioner", "urn:uuid:aaaaaaaa-0000-4000-8000-000000000001", in: service)
            let id = try #require(practitioner.firstMatch(of: /"id":"([^"]*)"/)?.1)
            let reference = "\"reference\":\"Practitioner/\(id)\""
            #expect(try await json("Encounter", "urn:uuid:bbbbbbbb-0000-4000-8000-000000000001", in: service).contains(reference))
            // From a file of its own; percent-encoded; beside a second file that brings the practitioner again.
            let encoded = "Practitioner?identifier=http%3A%2F%2Fhl7.org%2Ffhir%2Fsid%2Fus-npi%7C9999"
            #expect(
                try await outcome(of: Self.transaction(Self.encounter(2, practitioner: encoded), Self.practitioner(2)), in: service)?.created == 1)
            #expect(try await json("Encounter", "urn:uuid:bbbbbbbb-0000-4000-8000-000000000002", in: service).contains(reference))
            #expect(try await service.bus.ask(CountResources(), as: service.keys.operator()).counts == ["Encounter": 2, "Practitioner": 1])
        }
    }

    @Test func aSearchThatFindsTwoOrSearchesByMoreIsRefused() async throws {
        try await withRecords { (service: ServiceUnderTest) async throws in
            let twice = Self.transaction(Self.practitioner(1), Self.practitioner(2), Self.encounter(1, practitioner: Self.byNumber))
            #expect(try await reason(of: twice, in: service) == "2 Encounter.individual: more than one Practitioner has this identifier (line 8)")
            let name = Self.transaction(Self.practitioner(1), Self.encounter(1, practitioner: "Practitioner?name=Okafor"))
            #expect(
                try await reason(of: name, in: service)
                    == "1 Encounter.individual: only a search by one identifier is understood, not “name=Okafor” (line 5)")
            #expect(try await service.bus.ask(CountResources(), as: service.keys.operator()).counts.isEmpty)
        }
    }

    @Test func aPutBySearchReplacesWhatItFinds() async throws {
        try await withRecords { (service: ServiceUnderTest) async throws in
            func put(_ number: Int, _ family: String) -> String {
                Self.practitioner(number, family: family).replacing(
                    /"method":"POST","url":"Practitioner","ifNoneExist":"[^"]*"/, with: #""method":"PUT","url":"\#(Self.byNumber)""#)
            }
            #expect(try await outcome(of: Self.transaction(put(1, "Okafor")), in: service)?.created == 1)
            #expect(try await outcome(of: Self.transaction(put(2, "Okafor")), in: service)?.unchanged == 1)
            #expect(try await outcome(of: Self.transaction(put(3, "Okafor-Bell")), in: service)?.updated == 1)
            #expect(
                try await reason(of: Self.transaction(put(4, "A"), put(5, "B")), in: service)
                    == "1 Practitioner: is the same resource as entry 0 (line 6)")
            #expect(try await json("Practitioner", "urn:uuid:aaaaaaaa-0000-4000-8000-000000000001", in: service).contains("Okafor-Bell"))
            #expect(try await service.bus.ask(CountResources(), as: service.keys.operator()).counts == ["Practitioner": 1])
        }
    }

    /// What is filed once stays that patient's: its versions are sealed with the patient's key.
    @Test func nothingMovesToAnotherPatient() async throws {
        try await withRecords { (service: ServiceUnderTest) async throws in
            #expect(try await outcome(of: bundle, in: service)?.created == 2)
            let other = bundle.replacing("11111111-1111-4111-8111-111111111111", with: "33333333-1111-4111-8111-111111111111")
            #expect(
                try await reason(of: other, in: service) == "1 Observation: was imported before as part of another patient's record (line 6)")
            // A new version beside an unchanged patient is read with the same key.
            #expect(try await outcome(of: bundle.replacing("5.40", with: "5.50"), in: service)?.updated == 1)
            #expect(try await json("Observation", "urn:uuid:22222222-2222-4222-8222-222222222222", in: service).contains("5.50"))
        }
    }

    /// A later file brings only a Provenance of what is here, or changes it beside what is unchanged: it is the patient's, not everybody's.
    @Test func whatNamesNoPatientBelongsWithWhatItSpeaksOf() async throws {
        try await withRecords { (service: ServiceUnderTest) async throws in
            guard let patient = try await outcome(of: bundle, in: service)?.patients.first else { return }
            let provenance = #"""
                {"fullUrl":"urn:uuid:cccccccc-0000-4000-8000-000000000001","request":{"method":"POST","url":"Provenance"},"resource":
                {"resourceType":"Provenance","recorded":"2024-05-17T08:30:00Z","agent":[{"who":{"display":"A clinic"}}],
                "target":[{"reference":"urn:uuid:22222222-2222-4222-8222-222222222222"}]}}
                """#
            let together = bundle.replacing("}}}]}", with: "}}},\(provenance)]}").replacing("A clinic", with: "The clinic")
            for file in [Self.transaction(provenance), together] {
                #expect(try await outcome(of: file, in: service) != nil)
                let owners = try await service.pool.asWorker(of: "records") { tx in
                    try await tx.all("SELECT patient FROM resource WHERE type = 'Provenance'", as: UUID.self)
                }
                #expect(owners == [patient.uuid])
                #expect(try await !json("Provenance", "urn:uuid:cccccccc-0000-4000-8000-000000000001", in: service).isEmpty)
            }
        }
    }

    @Test(arguments: ["collection", "batch", "searchset"])
    func everyKindOfBundleAndAResourceAlone(_ kind: String) async throws {
        try await withRecords { (service: ServiceUnderTest) async throws in
            let file = bundle.replacing("\"transaction\"", with: "\"\(kind)\"")
            // Only a transaction and a batch need to say how.
            let bare = kind == "batch" ? file : file.replacing(/"request":{[^}]*},/, with: "")
            #expect(try await outcome(of: "\u{FEFF}" + bare, in: service)?.created == 2)
            let alone = #"{"resourceType":"Organization","id":"o","name":"Alone"}"#
            #expect(try await outcome(of: alone, in: service)?.created == 1)
            #expect(try await outcome(of: alone, in: service)?.unchanged == 1)
        }
    }

    @Test func whatAResourceContainsStaysInside() async throws {
        try await withRecords { (service: ServiceUnderTest) async throws in
            let claim = #"""
                {"fullUrl":"urn:uuid:dddddddd-0000-4000-8000-000000000001","request":{"method":"POST","url":"ExplanationOfBenefit"},"resource":
                {"resourceType":"ExplanationOfBenefit","status":"active","contained":[
                {"resourceType":"ServiceRequest","id":"referral","status":"completed","intent":"order",
                "subject":{"reference":"urn:uuid:11111111-1111-4111-8111-111111111111"}}],
                "referral":{"reference":"#referral"},
                "patient":{"reference":"urn:uuid:11111111-1111-4111-8111-111111111111"}}}
                """#
            guard let patient = try await outcome(of: bundle.replacing("}}}]}", with: "}}},\(claim)]}"), in: service)?.patients.first else { return }
            let kept = try await json("ExplanationOfBenefit", "urn:uuid:dddddddd-0000-4000-8000-000000000001", in: service)
            #expect(kept.contains(##""referral":{"reference":"#referral"}"##))
            #expect(kept.matches(of: /"Patient\/[0-9a-f-]{36}"/).count == 2 && kept.contains("Patient/\(patient)"))
            let counts = try await service.bus.ask(CountResources(), as: service.keys.operator()).counts
            #expect(counts == ["ExplanationOfBenefit": 1, "Observation": 1, "Patient": 1])
        }
    }

    @Test(arguments: [("(312) 555-0142", "+13125550142"), ("+34 600 000 000", "+34600000000"), ("12345", nil), ("1-312-555-0142", "+13125550142")])
    func phonesAreInternational(_ typed: String, _ number: String?) {
        #expect(RecordStore.international(typed.filter { $0.isNumber || $0 == "+" }) == number)
    }
}
