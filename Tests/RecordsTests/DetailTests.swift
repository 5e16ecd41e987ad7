import Access
import Contracts
import FHIR
import Foundation
import MessageBus
import Testing
import TestSupport
@testable import Records

/// Who a patient is and how they are reached, a field at a time.
@Suite struct DetailTests {
    private struct Desk: Sendable {
        let service: ServiceUnderTest
        let patient: ID<Patient>
        let own: ActorToken
        let staff: ActorToken

        var details: Details {
            get async throws {
                guard case .done(let details) = try await service.bus.request(ReadDetails(patient: patient), as: own) else { throw TryLater("none") }
                return details
            }
        }

        func change(_ after: Detail, before: Detail?, request: ID<Resource> = .init()) async throws -> Answer<ChangeDemographics> {
            let command = ChangeDemographics(patient: patient, request: request, before: before, after: after, key: .v7())
            return try await service.bus.request(command, as: own)
        }

        func decide(
            _ request: ID<Resource>, _ accepts: Bool, seen: Detail? = nil, words: String? = "We could not reach you"
        ) async throws -> Answer<DecideDemographics> {
            let command = DecideDemographics(patient: patient, request: request, accepts: accepts, words: words, seen: seen, key: .v7())
            return try await service.bus.request(command, as: staff)
        }

        var told: Int {
            get async throws { try await service.emitted(RecordChanged.self).count + service.emitted(ContactChanged.self).count }
        }

        var stored: JSONNode {
            get async throws {
                let query = ReadResource(type: "Patient", id: ID(patient.uuid))
                guard case .done(let kept) = try await service.bus.request(query, as: service.keys.operator()) else { throw TryLater("none") }
                return try JSONDocument(Array(kept.json.utf8)).root
            }
        }
    }

    private static let person = """
        {"resourceType":"Bundle","type":"collection","entry":[
        {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","birthDate":"1980-02-29","active":true,
         "extension":[{"url":"http://hl7.org/fhir/StructureDefinition/timezone","valueCode":"America/Denver"}],
         "name":[{"use":"official","prefix":["Dr."],"family":"Moss","given":["Ida","May"]},{"use":"maiden","family":"Bell","given":["Ida"]}],
         "telecom":[{"system":"phone","use":"old","value":"+1 312 555 0100"},{"system":"phone","use":"home","value":"+1 312 555 0142"},
          {"system":"phone","use":"mobile","value":"+1 312 555 0143","rank":1},{"system":"email","value":"ida@example.org"}],
         "address":[{"use":"home","line":["12 Mill Street","Apt 4"],"city":"Chicago","state":"IL","postalCode":"60608","country":"US",
          "extension":[{"url":"http://hl7.org/fhir/StructureDefinition/geolocation"}]}],
         "communication":[{"language":{"coding":[{"system":"urn:ietf:bcp:47","code":"en"}]},"preferred":true}]}}]}
        """

    private let address = Detail.address(line: "12 Mill Street, Apt 4", city: "Chicago", state: "IL", postalCode: "60608")
    private let name = Detail.name(given: "Ida May", family: "Moss")

    private func withDesk(_ body: @escaping @Sendable (Desk) async throws -> Void) async throws {
        try await withRecords { service in
            let patient = try await service.importedPatient(Self.person)
            let own = try await service.keys.patient(patient)
            try await body(Desk(service: service, patient: patient, own: own, staff: try await service.keys.staff(.frontDesk)))
        }
    }

    @Test func whatReachesSomebodyChangesAtOnceAndTheRestOfThePatientStays() async throws {
        try await withDesk { desk in
            let before = try await desk.details.details
            #expect(
                before == [
                    .phone(number: "+1 312 555 0143"), address, .language(tag: "en"), .email(address: "ida@example.org"), name,
                    .birthDate(day: "1980-02-29"),
                ])
            let moved = Detail.address(line: "3 Harbor Road", city: "Evanston", state: "IL", postalCode: "60201")
            #expect(try await desk.change(moved, before: address) == .done(DemographicsChanged(version: 2)))
            let phone = try await desk.change(.phone(number: "(312) 555 0199"), before: .phone(number: "+1 312 555 0143"))
            #expect(phone == .done(DemographicsChanged(version: 3)))
            #expect(try await desk.change(.language(tag: "es"), before: .language(tag: "en")) == .done(DemographicsChanged(version: 4)))
            let details = try await desk.details
            #expect(details.detail(.address) == moved && details.detail(.phone) == .phone(number: "+13125550199"))
            #expect(details.detail(.language) == .language(tag: "es") && details.patient.language == "es" && details.patient.version == 4)
            let stored = try await desk.stored
            #expect(stored.list("telecom").map { $0.string("value") } == ["+1 312 555 0100", "+1 312 555 0142", "+13125550199", "ida@example.org"])
            #expect(stored.list("telecom")[2]["rank"]?.literal == "1" && stored.list("address").first?["extension"] == nil)
            #expect(stored.list("address").first?.string("country") == "US" && stored.list("name").count == 2 && stored.list("extension").count == 1)
            #expect(try await desk.service.emitted(ContactChanged.self).map(\.version) == [2, 3, 4])
            let worker = try await desk.service.keys.worker("notifications")
            guard case .done(let contact) = try await desk.service.bus.request(ReadContact(patient: desk.patient), as: worker) else {
                Issue.record("no contact")
                return
            }
            #expect(contact.phone == "+13125550199" && contact.language == "es" && contact.version == 4)
        }
    }

    /// P11: one language preferred, others spoken, and whether somebody has to interpret.
    @Test func aPatientSpeaksSeveralLanguages() async throws {
        try await withDesk { desk in
            let several = Detail.language(tag: "vi", also: ["en", "ase"], interpreter: true)
            let typed = Detail.language(tag: "vi", also: ["vi", "en", "ase"], interpreter: true)
            #expect(try await desk.change(typed, before: .language(tag: "en"))
                == .done(DemographicsChanged(version: 2)))
            let details = try await desk.details
            #expect(details.detail(.language) == several)
            #expect(details.patient.language == "vi" && details.patient.alsoSpeaks == ["en", "ase"] && details.patient.interpreter == true)
            let stored = try await desk.stored
            #expect(stored.list("communication").map { $0["language"]?.code } == ["vi", "en", "ase"])
            #expect(stored.list("communication").map { $0["preferred"]?.bool } == [true, nil, nil])
            // What else the record says of the patient stays.
            #expect(stored.list("extension").count == 2)
            let unknown = Detail.language(tag: "vi", also: ["klingon"])
            #expect(try await desk.change(unknown, before: several) == .refused(.invalid(problems: [EntryProblem("also", .unknownCode)])))
            #expect(try await desk.change(.language(tag: "es"), before: several) == .done(DemographicsChanged(version: 3)))
            let plain = try await desk.details
            #expect(plain.patient.alsoSpeaks == nil && plain.patient.interpreter == nil)
            #expect(try await desk.stored.list("extension").count == 1)
        }
    }

    @Test func whatIsNoneIsNotKept() async throws {
        try await withDesk { desk in
            let wrong: [(Detail, EntryProblem)] = [
                (.phone(number: "12"), EntryProblem("number", .notPossible)), (.phone(number: ""), EntryProblem("number", .missing)),
                (.address(line: "", city: "Chicago", state: "", postalCode: "60608"), EntryProblem("line", .missing)),
                (.language(tag: "xx"), EntryProblem("tag", .unknownCode)), (.email(address: "ida at home"), EntryProblem("address", .notPossible)),
                (.name(given: "Ida", family: ""), EntryProblem("family", .missing)), (.birthDate(day: "1980-02-30"), EntryProblem("day", .notADate)),
                (.birthDate(day: "1980"), EntryProblem("day", .notADate)), (.birthDate(day: "2999-01-01"), EntryProblem("day", .inTheFuture)),
            ]
            for (detail, problem) in wrong {
                let answer = try await desk.change(detail, before: nil)
                #expect(answer == .refused(.invalid(problems: [problem])), "\(detail)")
            }
            #expect(try await desk.details.patient.version == 1)
        }
    }

    /// A file comes from the desk while the patient types: what each changed alone stays, what both changed is for the patient to look at.
    @Test func twoWritersAreMergedFieldByField() async throws {
        try await withDesk { desk in
            let seen = try await desk.details
            _ = try await desk.service.imported(Self.person.replacing("+1 312 555 0143", with: "+1 312 555 0177"))
            let moved = Detail.address(line: "3 Harbor Road", city: "Evanston", state: "IL", postalCode: "60201")
            #expect(try await desk.change(moved, before: seen.detail(.address)) == .done(DemographicsChanged(version: 3)))
            let current = Detail.phone(number: "+1 312 555 0177")
            #expect(try await desk.details.detail(.phone) == current)
            let mine = Detail.phone(number: "+13125550199")
            #expect(try await desk.change(mine, before: seen.detail(.phone)) == .refused(.changedMeanwhile(now: current)))
            #expect(try await desk.details.detail(.phone) == current)
            #expect(try await desk.change(mine, before: current) == .done(DemographicsChanged(version: 4)))
            // Both wrote the same: there is nothing to do.
            #expect(try await desk.change(mine, before: current) == .done(DemographicsChanged(version: 4)))
        }
    }

    @Test func twoChangesAtOnceAreBothThere() async throws {
        try await withDesk { desk in
            let seen = try await desk.details
            let changes: [Detail] = [
                .phone(number: "+13125550199"), .language(tag: "es"),
                .address(line: "3 Harbor Road", city: "Evanston", state: "IL", postalCode: "60201"),
            ]
            try await withThrowingTaskGroup(of: Answer<ChangeDemographics>.self) { group in
                for change in changes { group.addTask { try await desk.change(change, before: seen.detail(change.field)) } }
                for try await answer in group { if case .refused(let why) = answer { Issue.record("\(why)") } }
            }
            let details = try await desk.details
            for change in changes { #expect(details.detail(change.field) == change) }
        }
    }

    @Test func aNameWaitsForTheClinicAndIsFoundByIt() async throws {
        try await withDesk { desk in
            let (request, married) = (ID<Resource>(), Detail.name(given: "Ida May", family: "Qzmarried"))
            #expect(try await desk.change(married, before: name, request: request) == .done(DemographicsChanged()))
            #expect(try await desk.change(.name(given: "X", family: "Y"), before: name) == .refused(.alreadyRequested))
            let asked = try await desk.details
            #expect(asked.detail(.name) == name && asked.requests.map(\.status) == ["requested"])
            let waiting = try await desk.service.bus.ask(ReadDemographicRequests(), as: desk.staff)
            #expect(waiting.total == 1 && waiting.waiting.first?.now == name && waiting.waiting.first?.request.after == married)
            #expect(try await desk.decide(request, false, words: "No") == .refused(.wordsMissing))
            #expect(try await desk.decide(request, true, seen: nil) == .refused(.changedMeanwhile(now: name)))
            // Two answer at once: one of them does.
            let answers = try await withThrowingTaskGroup(of: Answer<DecideDemographics>.self) { group in
                for _ in 0..<6 { group.addTask { try await desk.decide(request, true, seen: self.name, words: nil) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0 == .done(Done()) } == 1 && answers.count { $0 == .refused(.alreadyDecided) } == 5)
            let details = try await desk.details
            #expect(details.detail(.name) == married && details.requests.map(\.status) == ["completed"] && details.requests.first?.before == name)
            #expect(try await desk.stored.list("name").first?.texts("prefix") == ["Dr."])
            let found = try await desk.service.bus.ask(FindPatients(text: "Qzmarried"), as: desk.staff).patients
            #expect(found.map(\.id) == [desk.patient])
            #expect(try await desk.service.bus.ask(FindPatients(text: "Moss"), as: desk.staff).patients.isEmpty)
        }
    }

    /// Random answers to random requests: an answer counts once, and one that does not count tells nobody.
    @Test func aRequestIsAnsweredOnceWhateverIsTried() async throws {
        try await withDesk { desk in
            var random = Steps(11)
            var requests: [ID<Resource>: String] = [:]
            for step in 0..<39 {
                let told = try await desk.told
                if random.next(3) == 0 || requests.isEmpty {
                    let waits = requests.values.contains("requested")
                    let id = ID<Resource>()
                    let answer = try await desk.change(
                        .birthDate(day: "19\(60 + step)-03-14"), before: try await desk.details.detail(.birthDate), request: id)
                    if waits {
                        #expect(answer == .refused(.alreadyRequested))
                        #expect(try await desk.told == told)
                    } else if answer == .done(DemographicsChanged()) {
                        requests[id] = "requested"
                    }
                } else {
                    let id = requests.keys.sorted()[random.next(requests.count)]
                    let accepts = random.next(2) == 0
                    let answer = try await desk.decide(id, accepts, seen: try await desk.details.detail(.birthDate))
                    if requests[id] == "requested" {
                        #expect(answer == .done(Done()))
                        requests[id] = accepts ? "completed" : "rejected"
                    } else {
                        #expect(answer == .refused(.alreadyDecided))
                        #expect(try await desk.told == told)
                    }
                }
            }
            let shown = try await desk.details.requests
            for request in shown { #expect(request.status == requests[request.request]) }
            #expect(requests.count > 3)
        }
    }
}

/// The same numbers for the same seed.
struct Steps {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    /// Less than `bound`.
    mutating func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}
