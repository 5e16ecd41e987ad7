import Access
import Contracts
import Foundation
import MessageBus
import Testing
import TestSupport
@testable import Records

/// What a medicine meets in a record.
@Suite struct SafetyTests {
    private let table = SafetyTable(
        version: "1", isSample: true,
        groups: [
            .init(name: "penicillins", codes: ["723"], words: ["amoxicillin", "penicillin"]),
            .init(name: "coumarins", codes: [], words: ["warfarin"]),
            .init(name: "NSAIDs", codes: [], words: ["ibuprofen", "naproxen"]),
        ], interactions: [.init(one: "NSAIDs", other: "coumarins", text: ["en": "More bleeding"])])

    private func safety(_ allergies: [String], _ taken: [String], _ table: SafetyTable?) -> MedicineSafety {
        MedicineSafety(
            allergies: allergies.map { .init(entry: .init(), name: CodedText($0)) },
            taken: taken.map { .init(entry: .init(), name: CodedText($0), isActive: true) }, table: table)
    }

    private func states(_ medicine: String, _ allergies: [String] = [], _ taken: [String] = [], _ table: SafetyTable?) -> [SafetyCheck.State] {
        safety(allergies, taken, table).report(on: CodedText(medicine)).checks.map(\.state)
    }

    @Test func nothingFoundIsSaidOnlyWhereSomebodyLooked() {
        #expect(states("Ibuprofen 200 mg", table) == [.ok, .ok, .ok])
        #expect(states("Ibuprofen 200 mg", nil) == [.notDone, .notDone, .ok])
        #expect(states("Unheardofine 5 mg", ["Peanut"], ["Warfarin"], table) == [.notDone, .notDone, .ok])
    }

    private func states(_ medicine: String, _ table: SafetyTable?) -> [SafetyCheck.State] { states(medicine, [], [], table) }

    @Test func whatIsFoundWarns() {
        #expect(states("Amoxicillin 500 mg", ["Penicillin V"], [], table) == [.warning, .ok, .ok])
        #expect(states("Naproxen 500 mg", [], ["Warfarin 5 mg Oral Tablet"], table) == [.ok, .warning, .ok])
        #expect(states("Naproxen 500 mg", [], ["Ibuprofen 200 mg"], table) == [.ok, .ok, .warning])
        // A name is a name, with or without a table.
        #expect(states("Unheardofine 5 mg", ["Unheardofine"], ["Unheardofine 10 mg"], nil) == [.warning, .notDone, .warning])
        let coded = safety([], [], table).report(on: CodedText("Amox", system: "http://www.nlm.nih.gov/research/umls/rxnorm", code: "723"))
        #expect(coded.checks.map(\.state) == [.ok, .ok, .ok])
    }
}

/// Prescriptions and renewals, over a real database.
@Suite struct MedicineTests {
    private struct Pharmacy: Sendable {
        let service: ServiceUnderTest
        let patient: ID<Patient>
        let clinician: ActorToken
        let stranger: ActorToken
        let own: ActorToken

        func prescribe(_ name: String, _ id: ID<Resource> = .init(), override: String? = nil) async throws -> Answer<Prescribe> {
            let command = Prescribe(
                patient: patient, prescription: id, medicine: CodedText(name),
                dosage: Dosage(amount: "1", unit: "tablet", route: "by mouth", frequency: 2, note: "With food"), quantity: 20, refills: 1,
                override: override, key: .v7())
            return try await service.bus.request(command, as: clinician)
        }

        func change(_ id: ID<Resource>, _ version: Int, to status: String) async throws -> Answer<ChangePrescription> {
            let command = ChangePrescription(
                patient: patient, prescription: id, version: version, status: status, reason: "Because", key: .v7())
            return try await service.bus.request(command, as: clinician)
        }

        func renew(_ id: ID<Resource>, _ request: ID<Resource> = .init()) async throws -> Answer<RequestRenewal> {
            let command = RequestRenewal(patient: patient, request: request, prescription: id, words: "Three left", key: .v7())
            return try await service.bus.request(command, as: own)
        }

        func decide(_ request: ID<Resource>, yes: Bool, words: String? = nil, override: String? = nil) async throws -> Answer<DecideRenewal> {
            let command = DecideRenewal(patient: patient, request: request, accepts: yes, words: words, override: override, key: .v7())
            return try await service.bus.request(command, as: clinician)
        }

        var medicines: [MedicineLine] {
            get async throws {
                guard case .done(let all) = try await service.bus.request(ReadMedicines(patient: patient), as: own) else { throw TryLater("none") }
                return all.medicines
            }
        }
    }

    private func withPharmacy(_ body: @escaping @Sendable (Pharmacy) async throws -> Void) async throws {
        try await withRecords { service in
            let file = """
                {"resourceType":"Bundle","type":"collection","entry":[
                {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","name":[{"family":"Moss","given":["Ida"]}],"birthDate":"1980-02-29"}},
                {"fullUrl":"urn:uuid:3","resource":{"resourceType":"Practitioner","name":[{"family":"Okafor"}]}},
                {"fullUrl":"urn:uuid:5","resource":{"resourceType":"Practitioner","name":[{"family":"Reyes"}]}},
                {"fullUrl":"urn:uuid:6","resource":{"resourceType":"Location","name":"Here"}},
                {"fullUrl":"urn:uuid:7","resource":{"resourceType":"PractitionerRole","practitioner":{"reference":"urn:uuid:3"},
                 "location":[{"reference":"urn:uuid:6"}]}},
                {"fullUrl":"urn:uuid:4","resource":{"resourceType":"CareTeam","status":"active","subject":{"reference":"urn:uuid:1"},
                 "participant":[{"member":{"reference":"urn:uuid:3"}}]}},
                {"fullUrl":"urn:uuid:8","resource":{"resourceType":"MedicationRequest","status":"active","intent":"order",
                 "medicationCodeableConcept":{"text":"Ramipril 5 mg"},"subject":{"reference":"urn:uuid:1"},"authoredOn":"2020-05-01",
                 "requester":{"display":"Elsewhere"}}},
                {"fullUrl":"urn:uuid:9","resource":{"resourceType":"AllergyIntolerance","patient":{"reference":"urn:uuid:1"},
                 "code":{"text":"Penicillin V"}}}]}
                """
            let patient = try await service.importedPatient(file)
            let table = LoadSafetyTable(
                version: "1", isSample: false,
                groups: [
                    .init(name: "penicillins", codes: [], words: ["amoxicillin", "penicillin"]),
                    .init(name: "metformin", codes: [], words: ["metformin"]),
                ], interactions: [], key: .v7())
            guard case .done = try await service.bus.request(table, as: service.keys.operator()) else {
                Issue.record("not loaded")
                return
            }
            try await body(
                Pharmacy(
                    service: service, patient: patient, clinician: try await service.clinician("urn:uuid:3"),
                    stranger: try await service.clinician("urn:uuid:5"), own: try await service.keys.patient(patient)))
        }
    }

    @Test func againstAWarningOnlyWithAReasonWhichIsRemembered() async throws {
        try await withPharmacy { pharmacy in
            guard case .refused(.reasonNeeded(let report)) = try await pharmacy.prescribe("Amoxicillin 500 mg") else {
                Issue.record("prescribed against an allergy")
                return
            }
            #expect(report.checks.map(\.state) == [.warning, .ok, .ok] && report.checks[0].findings.map(\.name) == ["Penicillin V"])
            #expect(try await pharmacy.prescribe("Amoxicillin 500 mg", override: "Tolerated in 2024") == .done(EntryKept(version: 1)))
            let query = CheckMedicine(patient: pharmacy.patient, medicine: CodedText("Amoxicillin 500 mg"))
            guard case .done(let again) = try await pharmacy.service.bus.request(query, as: pharmacy.clinician) else {
                Issue.record("not checked")
                return
            }
            #expect(again.checks[0].findings.first?.overriddenBefore == "Tolerated in 2024")
            let dosages = try await pharmacy.medicines.filter { $0.line.name == "Amoxicillin 500 mg" }.map(\.line.dosage)
            #expect(dosages == ["1 tablet by mouth, 2 times a day. With food"])
        }
    }

    @Test func onlyLegalTransitionsAndAnIllegalOneTellsNobody() async throws {
        try await withPharmacy { pharmacy in
            let states = ["draft", "active", "on-hold", "stopped", "completed", "cancelled"]
            var random = SystemRandomNumberGenerator()
            for _ in 0..<6 {
                let id = ID<Resource>()
                guard case .done = try await pharmacy.prescribe("Metformin \(id)", id, override: "Seen") else {
                    Issue.record("not prescribed")
                    return
                }
                var (status, version) = ("active", 1)
                for _ in 0..<12 {
                    let next = states.randomElement(using: &random) ?? "active"
                    let told = try await pharmacy.service.emitted(RecordChanged.self).count
                    let answer = try await pharmacy.change(id, version, to: next)
                    if PrescriptionResource.transitions[status]?.contains(next) == true {
                        #expect(answer == .done(EntryKept(version: version + 1)))
                        (status, version) = (next, version + 1)
                    } else {
                        #expect(answer == .refused(.illegal(status: status)))
                        #expect(try await pharmacy.service.emitted(RecordChanged.self).count == told)
                    }
                }
            }
        }
    }

    @Test func aRenewalIsAskedForOnceAndAnsweredOnce() async throws {
        try await withPharmacy { pharmacy in
            let (id, request) = (ID<Resource>(), ID<Resource>())
            _ = try await pharmacy.prescribe("Metformin 500 mg", id)
            let elsewhere = try #require(try await pharmacy.medicines.first { $0.line.name == "Ramipril 5 mg" })
            #expect(elsewhere.renewal == .notOurs)
            #expect(try await pharmacy.renew(elsewhere.line.id) == .refused(.notPossible(why: .notOurs)))
            #expect(try await pharmacy.renew(id, request) == .done(Done()))
            #expect(try await pharmacy.renew(id) == .refused(.notPossible(why: .requested)))
            let waiting = try await pharmacy.service.bus.ask(ReadRenewals(), as: pharmacy.clinician).waiting
            #expect(waiting.map(\.request) == [request] && waiting.first?.words == "Three left")
            #expect(try await pharmacy.service.bus.ask(ReadRenewals(), as: pharmacy.stranger).waiting.isEmpty)
            #expect(try await pharmacy.decide(request, yes: false) == .refused(.wordsMissing))
            // Two answer at once: one of them does.
            let answers = try await withThrowingTaskGroup(of: Answer<DecideRenewal>.self) { group in
                for _ in 0..<6 { group.addTask { try await pharmacy.decide(request, yes: true) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0 == .done(Done()) } == 1)
            let metformin = try await pharmacy.medicines.filter { $0.line.name == "Metformin 500 mg" }
            #expect(metformin.map(\.line.status) == ["active", "completed"] && metformin.map(\.renewal) == [.possible, .ended])
        }
    }

    @Test func whatWasStoppedMeanwhileIsNotRenewed() async throws {
        try await withPharmacy { pharmacy in
            let (id, request) = (ID<Resource>(), ID<Resource>())
            _ = try await pharmacy.prescribe("Metformin 500 mg", id)
            _ = try await pharmacy.renew(id, request)
            _ = try await pharmacy.change(id, 1, to: "stopped")
            #expect(try await pharmacy.decide(request, yes: true) == .refused(.notPossible(why: .ended)))
            #expect(try await pharmacy.decide(request, yes: false, words: "You do not need it any more") == .done(Done()))
            #expect(try await pharmacy.service.bus.ask(ReadRenewals(), as: pharmacy.clinician).waiting.isEmpty)
        }
    }
}
