import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import Testing
import TestSupport
@testable import Records

/// Encounters and their notes, over a real database.
@Suite struct EncounterTests {
    private struct Room: Sendable {
        let service: ServiceUnderTest
        let patient: ID<Patient>
        let clinician: ActorToken
        let other: ActorToken

        func start(
            _ encounter: ID<Resource>, _ reason: String = "Cough", visit: ID<Appointment> = .init(), as token: ActorToken? = nil
        ) async throws -> Answer<StartEncounter> {
            let command = StartEncounter(patient: patient, encounter: encounter, reason: reason, appointment: visit, key: .v7())
            return try await service.bus.request(command, as: token ?? clinician)
        }

        func keep(
            _ encounter: ID<Resource>, _ text: NoteText, over revision: Int, as token: ActorToken? = nil
        ) async throws -> Answer<KeepNoteDraft> {
            let command = KeepNoteDraft(patient: patient, encounter: encounter, text: text, revision: revision, key: .v7())
            return try await service.bus.request(command, as: token ?? clinician)
        }

        func sign(_ encounter: ID<Resource>, _ text: NoteText, over revision: Int, as token: ActorToken? = nil) async throws -> Answer<SignNote> {
            let command = SignNote(patient: patient, encounter: encounter, text: text, revision: revision, key: .v7())
            return try await service.bus.request(command, as: token ?? clinician)
        }

        func addend(_ encounter: ID<Resource>, _ text: String, over version: Int) async throws -> Answer<AddendNote> {
            let command = AddendNote(patient: patient, encounter: encounter, version: version, text: text, corrects: true, key: .v7())
            return try await service.bus.request(command, as: clinician)
        }

        func read(_ encounter: ID<Resource>, as token: ActorToken? = nil) async throws -> EncounterView {
            let query = ReadEncounter(patient: patient, encounter: encounter)
            guard case .done(let view) = try await service.bus.request(query, as: token ?? clinician) else { throw TryLater("not there") }
            return view
        }
    }

    private func withRoom(_ body: @escaping @Sendable (Room) async throws -> Void) async throws {
        try await withRecords { service in
            let file = """
                {"resourceType":"Bundle","type":"collection","entry":[
                {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","name":[{"family":"Moss","given":["Ida"]}],"birthDate":"1980-02-29"}},
                {"fullUrl":"urn:uuid:3","resource":{"resourceType":"Practitioner","name":[{"family":"Okafor"}]}},
                {"fullUrl":"urn:uuid:5","resource":{"resourceType":"Practitioner","name":[{"family":"Reyes"}]}},
                {"fullUrl":"urn:uuid:4","resource":{"resourceType":"CareTeam","status":"active","subject":{"reference":"urn:uuid:1"},
                 "participant":[{"member":{"reference":"urn:uuid:3"}},{"member":{"reference":"urn:uuid:5"}}]}}]}
                """
            let patient = try await service.importedPatient(file)
            let (clinician, other) = (try await service.clinician("urn:uuid:3"), try await service.clinician("urn:uuid:5"))
            try await body(Room(service: service, patient: patient, clinician: clinician, other: other))
        }
    }

    private let text = NoteText(history: "Cough", findings: "Clear lungs", assessment: "Bronchitis", plan: "Rest", instructions: "Drink enough")

    /// Two colleagues at once, and again once it is signed: one encounter.
    @Test func aBookedVisitIsWrittenUpOnce() async throws {
        try await withRoom { room in
            let (visit, mine, theirs) = (ID<Appointment>(), ID<Resource>(), ID<Resource>())
            async let one = room.start(mine, visit: visit)
            async let two = room.start(theirs, visit: visit, as: room.other)
            let answers = try await [one, two]
            let begun = answers.filter { if case .done = $0 { true } else { false } }
            #expect(begun.count == 1)
            let (first, second) = begun.first == answers[0] ? (mine, theirs) : (theirs, mine)
            #expect(answers.contains(.refused(.ofThisVisit(encounter: first))))
            let author = first == mine ? room.clinician : room.other
            guard case .done = try await room.sign(first, text, over: 0, as: author) else {
                Issue.record("not signed")
                return
            }
            #expect(try await room.start(second, visit: visit, as: author) == .refused(.ofThisVisit(encounter: first)))
            guard case .done = try await room.start(second, as: author) else {
                Issue.record("another visit is another encounter")
                return
            }
        }
    }

    @Test func aNoteIsWrittenSignedAndStaysWordForWord() async throws {
        try await withRoom { room in
            let encounter = ID<Resource>()
            guard case .done = try await room.start(encounter) else {
                Issue.record("not started")
                return
            }
            #expect(try await room.start(.init()) == .refused(.alreadyOpen(encounter: encounter)))
            for revision in 0..<3 {
                guard case .done(let saved) = try await room.keep(encounter, NoteText(history: "Cough \(revision)"), over: revision) else {
                    Issue.record("not kept")
                    return
                }
                #expect(saved.revision == revision + 1)
            }
            #expect(try await room.read(encounter).draft?.text.history == "Cough 2")
            let mine = try await room.service.bus.ask(ReadUnsignedNotes(), as: room.clinician).notes
            #expect(mine.map(\.encounter) == [encounter])
            guard case .done(let signed) = try await room.sign(encounter, text, over: 3) else {
                Issue.record("not signed")
                return
            }
            let view = try await room.read(encounter)
            #expect(view.status == "finished" && view.draft == nil && view.note?.digest == signed.digest && view.note?.signedBy != nil)
            #expect(view.note?.parts == text.parts && text.parts.map(\.text) == ["Cough", "Clear lungs", "Bronchitis", "Rest"])
            #expect(view.instructions == "Drink enough")
            #expect(try await room.keep(encounter, text, over: 4) == .refused(.signed))
            #expect(try await room.sign(encounter, text, over: 4) == .refused(.signed))
            // What is added comes below; the first version is there, to the letter.
            guard case .done(let amended) = try await room.addend(encounter, "Culture negative", over: 1) else {
                Issue.record("not added")
                return
            }
            #expect(amended.version == 2 && amended.digest != signed.digest)
            #expect(try await room.addend(encounter, "Twice", over: 1) == .refused(.changedMeanwhile(revision: 2)))
            let after = try await room.read(encounter)
            #expect(after.note?.amended == true && after.note?.parts.dropLast().elementsEqual(text.parts) == true)
            #expect(after.note?.parts.last?.heading == .correction && after.note?.parts.last?.text == "Culture negative")
            let entry = try await room.service.bus.request(ReadEntry(patient: room.patient, entry: signed.document), as: room.clinician)
            guard case .done(let document) = entry else {
                Issue.record("no document")
                return
            }
            #expect(document.versions.map(\.version) == [2, 1])
            let finished = try await room.service.emitted(EncounterFinished.self)
            #expect(finished.map(\.encounter) == [encounter] && finished.first?.appointment != nil)
            // The patient reads it, and never a draft.
            let next = ID<Resource>()
            _ = try await room.start(next)
            _ = try await room.keep(next, NoteText(assessment: "Not yet"), over: 0)
            let token = try await room.service.keys.patient(room.patient)
            let theirs = try await (room.read(encounter, as: token), room.read(next, as: token))
            #expect(theirs.0.instructions == "Drink enough" && theirs.0.note?.version == 2 && theirs.1.draft == nil)
        }
    }

    @Test func whoeverIsSecondReadsAndOverwritesNothing() async throws {
        try await withRoom { room in
            let encounter = ID<Resource>()
            _ = try await room.start(encounter)
            _ = try await room.keep(encounter, NoteText(plan: "A"), over: 0)
            guard case .refused(.held(let by, let until)) = try await room.keep(encounter, NoteText(plan: "B"), over: 1, as: room.other) else {
                Issue.record("not held")
                return
            }
            #expect(by != nil && until > Date())
            let seen = try await room.read(encounter, as: room.other).draft
            #expect(seen?.text.plan == "A" && seen?.heldBy == by && seen?.heldUntil != nil)
            #expect(try await room.read(encounter).draft?.heldUntil == nil)
            guard case .refused(.held) = try await room.sign(encounter, NoteText(plan: "B"), over: 1, as: room.other) else {
                Issue.record("signed over somebody's head")
                return
            }
            // A minute without a save, and it is free: for one of those who come.
            let pool = room.service.database.pool(room.service.database.superuser)
            try await pool.run("UPDATE note_draft SET held_until = now() - interval '1 second'")
            await pool.close()
            let texts = (0..<8).map { NoteText(plan: "C\($0)") }
            let answers = try await withThrowingTaskGroup(of: Answer<KeepNoteDraft>.self) { group in
                for (place, text) in texts.enumerated() {
                    group.addTask { try await room.keep(encounter, text, over: 1, as: place % 2 == 0 ? room.other : room.clinician) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { if case .done = $0 { true } else { false } } == 1)
            #expect(try await room.read(encounter).draft?.revision == 2)
        }
    }

    /// A nurse who adds a line to a clinician's note holds it, and does not take it away.
    @Test func aNoteStaysWithWhoeverBeganIt() async throws {
        try await withRoom { room in
            let encounter = ID<Resource>()
            _ = try await room.start(encounter)
            _ = try await room.keep(encounter, NoteText(plan: "A"), over: 0)
            let pool = room.service.database.pool(room.service.database.superuser)
            try await pool.run("UPDATE note_draft SET held_until = now() - interval '1 second'")
            guard case .done = try await room.keep(encounter, NoteText(plan: "B"), over: 1, as: room.other) else {
                Issue.record("not kept")
                return
            }
            for reader in [room.clinician, room.other] {
                #expect(try await room.service.bus.ask(ReadUnsignedNotes(), as: reader).notes.map(\.encounter) == [encounter])
            }
            #expect(try await room.start(.init()) == .refused(.alreadyOpen(encounter: encounter)))
            #expect(try await room.read(encounter).draft?.heldBy != nil)
            #expect(try await room.read(encounter, as: room.other).draft?.heldUntil == nil)
            guard case .refused(.held) = try await room.sign(encounter, text, over: 2) else {
                Issue.record("signed over somebody's head")
                return
            }
            try await pool.run("UPDATE note_draft SET held_until = now() - interval '1 second'")
            await pool.close()
            guard case .done = try await room.sign(encounter, text, over: 2) else {
                Issue.record("not signed")
                return
            }
            #expect(try await room.service.bus.ask(ReadUnsignedNotes(), as: room.clinician).notes.isEmpty)
        }
    }

    @Test func whatWasMeasuredKeepsItsDigits() async throws {
        try await withRoom { room in
            let encounter = ID<Resource>()
            _ = try await room.start(encounter)
            func record(_ readings: [VitalReading], at time: Date = Date()) async throws -> Answer<RecordVitals> {
                let command = RecordVitals(patient: room.patient, encounter: encounter, at: time, readings: readings, key: .v7())
                return try await room.service.bus.request(command, as: room.clinician)
            }
            guard case .done(let kept) = try await record([.init(.bloodPressure, "128", second: "81"), .init(.temperature, "36.80")]) else {
                Issue.record("not kept")
                return
            }
            #expect(kept.observations.count == 2)
            let vitals = try await room.read(encounter).vitals
            #expect(Set(vitals.map(\.code)) == ["85354-9", "8310-5"] && vitals.contains { $0.value == "36.80" })
            #expect(vitals.first { $0.code == "85354-9" }?.components.map(\.value) == ["128", "81"])
            let wrong: [([VitalReading], [EntryProblem])] = [
                ([], [.init("readings", .missing)]),
                ([.init(.temperature, "98.6")], [.init("temperature", .notPossible)]),
                ([.init(.weight, "seventy")], [.init("weight", .notANumber)]),
                ([.init(.bloodPressure, "80", second: "120")], [.init("bloodPressure.second", .notPossible)]),
                ([.init(.bloodPressure, "120")], [.init("bloodPressure.second", .missing)]),
                ([.init(.pain, "1"), .init(.pain, "2")], [.init("readings", .tooMany)]),
            ]
            for (readings, problems) in wrong { #expect(try await record(readings) == .refused(.invalid(problems: problems))) }
            let later = try await record([.init(.pain, "1")], at: Date().addingTimeInterval(3_600))
            #expect(later == .refused(.invalid(problems: [.init("at", .inTheFuture)])))
        }
    }
}
