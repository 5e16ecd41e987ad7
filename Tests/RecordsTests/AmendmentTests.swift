import Access
import Contracts
import Foundation
import MessageBus
import Testing
import TestSupport
@testable import Records

/// What patients say is wrong, and what becomes of it.
@Suite struct AmendmentTests {
    private struct Room: Sendable {
        let service: ServiceUnderTest
        let patient: ID<Patient>
        let condition: ID<Resource>
        let encounter: ID<Resource>
        let clinician: ActorToken
        let stranger: ActorToken
        let own: ActorToken

        func request(
            _ request: ID<Resource> = .init(), about entry: ID<Resource>, right: String = "It was the left knee"
        ) async throws -> Answer<RequestAmendment> {
            let command = RequestAmendment(
                patient: patient, request: request, entry: entry, wrong: "The wrong knee", right: right, key: .v7())
            return try await service.bus.request(command, as: own)
        }

        func decide(
            _ request: ID<Resource>, _ accepts: Bool, words: String? = "The picture shows the right knee"
        ) async throws -> Answer<DecideAmendment> {
            let command = DecideAmendment(patient: patient, request: request, accepts: accepts, words: words, key: .v7())
            return try await service.bus.request(command, as: clinician)
        }

        var amendments: [Amendment] {
            get async throws {
                guard case .done(let found) = try await service.bus.request(ReadAmendments(patient: patient), as: own) else { throw TryLater("none") }
                return found.amendments
            }
        }

        func versions(of entry: ID<Resource>) async throws -> [EntryVersion] {
            let query = ReadEntry(patient: patient, entry: entry)
            guard case .done(let view) = try await service.bus.request(query, as: own) else { throw TryLater("none") }
            return view.versions
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
                 "participant":[{"member":{"reference":"urn:uuid:3"}}]}},
                {"fullUrl":"urn:uuid:6","resource":{"resourceType":"Condition","subject":{"reference":"urn:uuid:1"},"code":{"text":"Torn ligament"},
                 "bodySite":[{"text":"Right knee"}],"note":[{"text":"Seen twice"}]}},
                {"fullUrl":"urn:uuid:7","resource":{"resourceType":"Encounter","status":"finished","subject":{"reference":"urn:uuid:1"},
                 "class":{"code":"AMB"},"period":{"start":"2024-05-17T08:30:00Z"}}}]}
                """
            let patient = try await service.importedPatient(file)
            func id(_ url: String) async throws -> ID<Resource> {
                guard case .done(let found) = try await service.bus.request(ReadResource(fullURL: url), as: service.keys.operator()) else {
                    throw TryLater("not imported")
                }
                return found.id
            }
            try await body(
                Room(
                    service: service, patient: patient, condition: try await id("urn:uuid:6"), encounter: try await id("urn:uuid:7"),
                    clinician: try await service.clinician("urn:uuid:3"), stranger: try await service.clinician("urn:uuid:5"),
                    own: try await service.keys.patient(patient)))
        }
    }

    @Test func whatIsAcceptedIsAppendedAndTheOriginalKept() async throws {
        try await withRoom { room in
            for entry in [room.condition, room.encounter] {
                let request = ID<Resource>()
                guard case .done(let asked) = try await room.request(request, about: entry) else {
                    Issue.record("not asked")
                    return
                }
                let days = asked.due.timeIntervalSinceNow / 86_400
                #expect((59.9...60).contains(days))
                #expect(try await room.request(about: entry) == .refused(.alreadyRequested))
                let waiting = try await room.service.bus.ask(ReadOpenAmendments(), as: room.clinician).waiting
                #expect(waiting.map(\.amendment.request) == [request] && waiting.first?.amendment.right == "It was the left knee")
                #expect(try await room.service.bus.ask(ReadOpenAmendments(), as: room.stranger).waiting.isEmpty)
                #expect(try await room.decide(request, true, words: nil) == .done(Done()))
                let versions = try await room.versions(of: entry)
                #expect(versions.map(\.version) == [2, 1] && versions.first?.line.details.contains("It was the left knee") == true)
                #expect(versions.last?.line.details.contains("It was the left knee") == false)
                #expect(versions.first?.line.title == versions.last?.line.title)
            }
            #expect(try await room.amendments.map(\.status) == ["completed", "completed"])
            let query = ReadResource(type: "Condition", id: room.condition)
            guard case .done(let stored) = try await room.service.bus.request(query, as: room.service.keys.operator()) else {
                Issue.record("not stored")
                return
            }
            #expect(stored.json.contains("Right knee") && stored.json.contains("Seen twice") && stored.json.contains("urn:chartline:amendment"))
        }
    }

    @Test func aNoSaysWhyAndChangesNothing() async throws {
        try await withRoom { room in
            let request = ID<Resource>()
            _ = try await room.request(request, about: room.condition)
            #expect(try await room.decide(request, false, words: nil) == .refused(.wordsMissing))
            #expect(try await room.decide(request, false) == .done(Done()))
            let amendments = try await room.amendments
            #expect(amendments.map(\.status) == ["rejected"] && amendments.first?.words == "The picture shows the right knee")
            #expect(try await room.versions(of: room.condition).map(\.version) == [1])
            // It may be asked again, with better words.
            guard case .done = try await room.request(about: room.condition) else {
                Issue.record("not asked again")
                return
            }
        }
    }

    @Test func whatIsNotThereOrSaysNothingIsNotAsked() async throws {
        try await withRoom { room in
            #expect(try await room.request(about: .init()) == .refused(.notFound))
            #expect(try await room.request(about: ID(room.patient.uuid)) == .refused(.notFound))
            let silent = try await room.request(about: room.condition, right: "")
            #expect(silent == .refused(.invalid(problems: [EntryProblem("right", .missing)])))
        }
    }

    /// Random steps: a request is answered once, and what does not count tells nobody.
    @Test func aRequestIsAnsweredOnceWhateverIsTried() async throws {
        try await withRoom { room in
            var random = Steps(5)
            var requests: [ID<Resource>: String] = [:]
            for _ in 0..<50 {
                let told = try await room.service.emitted(RecordChanged.self).count
                var counts = true
                if random.next(3) == 0 || requests.isEmpty {
                    let id = ID<Resource>()
                    counts = !requests.values.contains("requested")
                    let answer = try await room.request(id, about: room.condition)
                    if counts { requests[id] = "requested" } else { #expect(answer == .refused(.alreadyRequested)) }
                } else {
                    let id = requests.keys.sorted()[random.next(requests.count)]
                    let accepts = random.next(2) == 0
                    counts = requests[id] == "requested"
                    let answer = try await room.decide(id, accepts)
                    #expect(answer == (counts ? .done(Done()) : .refused(.alreadyDecided)))
                    if counts { requests[id] = accepts ? "completed" : "rejected" }
                }
                let now = try await room.service.emitted(RecordChanged.self).count
                #expect(counts == (now > told))
            }
            let shown = try await room.amendments
            #expect(shown.count == requests.count && shown.allSatisfy { $0.status == requests[$0.request] })
            let accepted = requests.values.count { $0 == "completed" }
            #expect(try await room.versions(of: room.condition).count == accepted + 1)
        }
    }
}
