import Access
import Contracts
import Foundation
import MessageBus
import Testing
import TestSupport
@testable import Records

/// What clinicians write down, over a real database.
@Suite struct EntryTests {
    private struct Ward: Sendable {
        let service: ServiceUnderTest
        let patient: ID<Patient>
        let nurse: ActorToken

        func keep(
            _ content: EntryContent, _ entry: ID<Resource> = .init(), over version: Int = 0, key: UUID = .v7()
        ) async throws -> Answer<KeepEntry> {
            let command = KeepEntry(patient: patient, entry: entry, version: version, content: content, key: key)
            return try await service.bus.request(command, as: nurse)
        }

        func read(_ entry: ID<Resource>) async throws -> EntryView {
            guard case .done(let view) = try await service.bus.request(ReadEntry(patient: patient, entry: entry), as: nurse) else {
                throw TryLater("not there")
            }
            return view
        }

        var chart: Chart {
            get async throws {
                guard case .done(let chart) = try await service.bus.request(ReadChart(patient: patient, history: true), as: nurse) else {
                    throw TryLater("no chart")
                }
                return chart
            }
        }

        /// - Returns: every line, and the counts of the first page.
        func timeline(_ section: RecordSection? = nil, limit: Int = 2) async throws -> ([RecordLine], [String: Int]) {
            var (lines, counts): ([RecordLine], [String: Int]) = ([], [:])
            var after: ID<Resource>?
            repeat {
                let query = ReadTimeline(patient: patient, section: section, after: after, limit: limit)
                guard case .done(let page) = try await service.bus.request(query, as: nurse) else { throw TryLater("no timeline") }
                if after == nil { counts = page.counts }
                lines += page.lines
                after = page.next
            } while after != nil
            return (lines, counts)
        }
    }

    private func withWard(_ body: @escaping @Sendable (Ward) async throws -> Void) async throws {
        try await withRecords { service in
            let file = """
                {"resourceType":"Bundle","type":"collection","entry":[
                {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","name":[{"family":"Moss","given":["Ida"]}],"birthDate":"1980-02-29"}},
                {"fullUrl":"urn:uuid:3","resource":{"resourceType":"Practitioner","name":[{"family":"Okafor"}]}},
                {"fullUrl":"urn:uuid:4","resource":{"resourceType":"CareTeam","status":"active","subject":{"reference":"urn:uuid:1"},
                 "participant":[{"member":{"reference":"urn:uuid:3"}}]}},
                {"fullUrl":"urn:uuid:2","resource":{"resourceType":"Condition","clinicalStatus":{"coding":[{"code":"active"}]},
                 "code":{"coding":[{"system":"http://snomed.info/sct","code":"59621000"},{"system":"urn:x","code":"B"}],"text":"High blood pressure"},
                 "subject":{"reference":"urn:uuid:1"},"onsetString":"in her thirties","extension":[{"url":"urn:kept","valueString":"yes"}]}}]}
                """
            let patient = try await service.importedPatient(file)
            try await body(Ward(service: service, patient: patient, nurse: try await service.clinician("urn:uuid:3")))
        }
    }

    @Test func everyKindIsKeptAndReadBackAsItWasWritten() async throws {
        try await withWard { ward in
            let contents: [EntryContent] = [
                .problem(.init(name: CodedText("Asthma", system: "http://snomed.info/sct", code: "195967001"), onset: "1994-05", note: "Mild")),
                .allergy(.init(substance: CodedText("Penicillin"), category: "medication", criticality: "high", reactions: ["Hives", "Wheeze"])),
                .medication(.init(name: CodedText("Ibuprofen 200 mg"), dosage: "1 when needed", from: "2026-02", reason: "Back pain")),
                .immunization(.init(vaccine: CodedText("Influenza"), date: "2025-10-02", lotNumber: "L-4711")),
                .familyHistory(.init(relationship: "MTH", conditions: [CodedText("Breast cancer")], deceased: true, note: "At 61")),
                .socialHistory(.init(topic: .smoking, answer: "Stopped in 2009", date: "2026-11-24")),
                .procedure(.init(name: CodedText("Appendectomy"), date: "1994", note: "Open")),
            ]
            for content in contents {
                let entry = ID<Resource>()
                #expect(try await ward.keep(content, entry) == .done(EntryKept(version: 1)))
                let view = try await ward.read(entry)
                #expect(view.content == content)
                #expect(view.versions.map(\.source) == [.clinic] && view.versions.first?.practitioner != nil)
            }
            let chart = try await ward.chart
            #expect(chart.conditions.map(\.display).sorted() == ["Asthma", "High blood pressure"])
            #expect(chart.allergies.map(\.reactions) == [["Hives", "Wheeze"]])
            #expect(chart.medications.map(\.type) == ["MedicationStatement"])
            #expect(Set(chart.history?.map(\.type) ?? []) == ["FamilyMemberHistory", "Observation", "Procedure"])
            let (lines, counts) = try await ward.timeline()
            #expect(lines.count == counts.values.reduce(0, +) && Set(lines.map(\.id)).count == lines.count)
            #expect(counts["problems"] == 2 && counts["family"] == 1 && counts["social"] == 1 && counts["procedures"] == 1)
            for (section, count) in counts {
                #expect(try await ward.timeline(RecordSection(rawValue: section)).0.count == count, "\(section)")
            }
            let told = try await ward.service.emitted(RecordChanged.self)
            #expect(told.map(\.type) == contents.map(\.type))
        }
    }

    @Test func whatAnImportBroughtStaysWhereItIsNotWrittenByHand() async throws {
        try await withWard { ward in
            let chart = try await ward.chart
            let entry = try #require(chart.conditions.first?.id)
            guard case .problem(var problem)? = try await ward.read(entry).content else {
                Issue.record("no problem")
                return
            }
            #expect(problem.onset == "in her thirties" && problem.name.code == "59621000")
            problem.note = "Tablets since May"
            #expect(try await ward.keep(.problem(problem), entry, over: 1) == .done(EntryKept(version: 2)))
            let query = ReadResource(type: "Condition", id: entry)
            guard case .done(let text) = try await ward.service.bus.request(query, as: try await ward.service.keys.operator()) else {
                Issue.record("not there")
                return
            }
            for kept in ["urn:kept", "\"urn:x\"", "onsetString", "Tablets since May", "\"versionId\":\"2\""] {
                #expect(text.json.contains(kept), "\(kept)")
            }
            let versions = try await ward.read(entry).versions
            #expect(versions.map(\.version) == [2, 1] && versions.map(\.source) == [.clinic, .imported])
        }
    }

    @Test func theSameIsNotListedTwice() async throws {
        try await withWard { ward in
            let known = try #require(try await ward.chart.conditions.first?.id)
            let sameCode = EntryContent.problem(.init(name: CodedText("Hypertension", system: "http://snomed.info/sct", code: "59621000")))
            let sameWords = EntryContent.problem(.init(name: CodedText("high  Blood-pressure")))
            for content in [sameCode, sameWords] {
                #expect(try await ward.keep(content) == .refused(.alreadyListed(entry: known, since: "in her thirties")))
            }
            let before = EntryContent.problem(.init(name: CodedText("High blood pressure"), status: "resolved"))
            #expect(try await ward.keep(before) == .done(EntryKept(version: 1)))
            // Twenty at once: one of them is listed.
            let answers = try await withThrowingTaskGroup(of: Answer<KeepEntry>.self) { group in
                for _ in 0..<20 { group.addTask { try await ward.keep(.problem(.init(name: CodedText("Gout")))) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0 == .done(EntryKept(version: 1)) } == 1)
            #expect(try await ward.chart.conditions.count { $0.display == "Gout" } == 1)
        }
    }

    @Test func noKnownAllergiesStandsBesideNoAllergy() async throws {
        try await withWard { (ward) async throws in
            let (statement, allergy) = (ID<Resource>(), ID<Resource>())
            #expect(try await ward.keep(.noKnownAllergies, statement) == .done(EntryKept(version: 1)))
            #expect(try await ward.chart.allergies.map(\.noKnown) == [true])
            #expect(try await ward.keep(.allergy(.init(substance: CodedText("Latex"))), allergy) == .done(EntryKept(version: 1)))
            #expect(try await ward.chart.allergies.filter { $0.clinicalStatus == "active" }.map(\.substance) == ["Latex"])
            #expect(try await ward.read(statement).version == 2)
            #expect(try await ward.keep(.noKnownAllergies) == .refused(.contradicts(entry: allergy)))
        }
    }

    @Test func whoeverIsSecondIsToldAndNothingIsWritten() async throws {
        try await withWard { ward in
            let entry = ID<Resource>()
            _ = try await ward.keep(.problem(.init(name: CodedText("Migraine"))), entry)
            #expect(try await ward.keep(.problem(.init(name: CodedText("Migraine"), note: "A")), entry, over: 1) == .done(EntryKept(version: 2)))
            let second = try await ward.keep(.problem(.init(name: CodedText("Migraine"), note: "B")), entry, over: 1)
            #expect(second == .refused(.changedMeanwhile(version: 2)))
            guard case .problem(let problem)? = try await ward.read(entry).content else {
                Issue.record("no problem")
                return
            }
            #expect(problem.note == "A")
            // Sent twice: once.
            let key = UUID.v7()
            for _ in 0..<2 {
                let again = try await ward.keep(.problem(.init(name: CodedText("Migraine"), note: "C")), entry, over: 2, key: key)
                #expect(again == .done(EntryKept(version: 3)))
            }
            #expect(try await ward.read(entry).versions.count == 3)
            // An id that is somebody's already, in another list.
            #expect(try await ward.keep(.procedure(.init(name: CodedText("X-ray"))), entry, over: 1) == .refused(.notFound))
        }
    }

    @Test func whatWasEnteredInErrorLeavesEveryListAndStaysInTheHistory() async throws {
        try await withWard { ward in
            let entry = ID<Resource>()
            _ = try await ward.keep(.allergy(.init(substance: CodedText("Peanut"), criticality: "high")), entry)
            func retract(_ reason: String, _ version: Int) async throws -> Answer<RetractEntry> {
                let command = RetractEntry(patient: ward.patient, entry: entry, version: version, reason: reason, key: .v7())
                return try await ward.service.bus.request(command, as: ward.nurse)
            }
            #expect(try await retract("", 1) == .refused(.invalid(problems: [EntryProblem("reason", .missing)])))
            #expect(try await retract("The sister's", 1) == .done(EntryKept(version: 2)))
            #expect(try await retract("The sister's", 2) == .refused(.retracted))
            #expect(try await ward.chart.allergies.isEmpty)
            #expect(try await ward.timeline(.allergies).0.isEmpty)
            #expect(try await ward.timeline().1["allergies"] == nil)
            let view = try await ward.read(entry)
            #expect(view.retracted && view.versions.map(\.line.title) == ["Peanut", "Peanut"])
            let again = try await ward.keep(.allergy(.init(substance: CodedText("Peanut"))), entry, over: 2)
            #expect(again == .refused(.retracted))
            #expect(try await ward.keep(.noKnownAllergies) == .done(EntryKept(version: 1)))
        }
    }

    @Test func whatIsWrongIsSaidFieldByField() async throws {
        try await withWard { (ward) async throws in
            let wrong: [(EntryContent, [EntryProblem])] = [
                (
                    .problem(.init(name: CodedText(""), status: "bad", onset: "2999")),
                    [.init("name", .missing), .init("status", .unknownCode), .init("onset", .inTheFuture)]
                ),
                (.problem(.init(name: CodedText("Flu"), onset: "2024-05", abatement: "2024-04")), [.init("abatement", .beforeTheFirst)]),
                (.problem(.init(name: CodedText("Flu"), onset: "yesterday")), [.init("onset", .notADate)]),
                (.problem(.init(name: CodedText(String(repeating: "x", count: 201)))), [.init("name", .tooLong)]),
                (
                    .immunization(.init(vaccine: CodedText("Tdap"), date: "", status: "not-done")),
                    [.init("date", .missing), .init("reason", .missing)]
                ),
                (.familyHistory(.init(relationship: "QQQ", conditions: [])), [.init("relationship", .unknownCode), .init("conditions", .missing)]),
                (.allergy(.init(substance: CodedText("A"), reactions: (0..<11).map { "\($0)" })), [.init("reactions", .tooMany)]),
            ]
            for (content, problems) in wrong {
                #expect(try await ward.keep(content) == .refused(.invalid(problems: problems)))
            }
            #expect(try await ward.service.emitted(RecordChanged.self).isEmpty)
        }
    }
}
