import Access
import Contracts
import Faults
import Foundation
import MessageBus
import Postgres
import Testing
import TestSupport
@testable import Records

/// Where the clinic sees patients, over a real database.
@Suite(.serialized) struct PlaceTests {
    private struct Office: Sendable {
        let service: ServiceUnderTest
        let account = ID<Account>()
        let location: ID<Location>

        func keep(_ content: PlaceContent, over version: Int, at location: ID<Location>? = nil) async throws -> Answer<KeepPlace> {
            let command = KeepPlace(location: location ?? self.location, version: version, content: content, key: .v7())
            return try await service.bus.request(command, as: service.keys.staff(.administrator, account: account))
        }

        func place(_ version: Int? = nil) async throws -> PlaceView {
            let query = ReadPlace(location: location, version: version)
            guard case .done(let found) = try await service.bus.request(query, as: service.keys.staff(.administrator)) else {
                throw TryLater("not there")
            }
            return found
        }

        func raw() async throws -> String {
            let query = ReadResource(fullURL: "https://example.org/place")
            guard case .done(let found) = try await service.bus.request(query, as: service.keys.operator()) else { throw TryLater("not there") }
            return found.json
        }
    }

    private static let file = #"""
        {"resourceType":"Bundle","type":"transaction","entry":[
        {"fullUrl":"https://example.org/place","resource":{"resourceType":"Location","status":"active","name":"Elm Street","mode":"instance",
        "extension":[{"url":"http://hl7.org/fhir/StructureDefinition/timezone","valueCode":"America/Chicago"}],
        "telecom":[{"system":"phone","value":"+1 217 555 0100","use":"work"},{"system":"email","value":"elm@example.org"}],
        "address":{"line":["12 Elm Street"],"city":"Springfield","state":"IL","postalCode":"62701","country":"US"}},
        "request":{"method":"POST","url":"Location"}},
        {"fullUrl":"https://example.org/elsewhere","resource":{"resourceType":"Location","status":"active","name":"A hospital"},
        "request":{"method":"POST","url":"Location"}},
        {"fullUrl":"https://example.org/person","resource":{"resourceType":"Practitioner","name":[{"family":"Okafor"}]},
        "request":{"method":"POST","url":"Practitioner"}},
        {"fullUrl":"https://example.org/role","resource":{"resourceType":"PractitionerRole",
        "practitioner":{"reference":"https://example.org/person"},"location":[{"reference":"https://example.org/place"}]},
        "request":{"method":"POST","url":"PractitionerRole"}}]}
        """#

    private func withOffice(_ body: @escaping @Sendable (Office) async throws -> Void) async throws {
        try await withRecords { service in
            _ = try await service.imported(Self.file)
            let directory = try await service.bus.ask(ReadDirectory(), as: service.keys.staff(.administrator))
            try await body(Office(service: service, location: try #require(directory.locations.first?.id)))
        }
    }

    private let elm = PlaceContent(
        name: "Elm Street", line: "12 Elm Street", city: "Springfield", state: "IL", postalCode: "62701", phone: "+1 217 555 0100",
        zone: "America/Chicago")

    @Test func aPlaceIsChangedAndWhatElseIsSaidOfItStays() async throws {
        try await withOffice { office in
            let first = try await office.place()
            #expect(first.content == elm && first.version == 1 && first.before == nil && first.changes.map(\.account) == [nil], "the operator's")
            var new = elm
            (new.name, new.line, new.phone, new.zone) = ("Oak Street", "7 Oak Street", "217 555 0111", "America/New_York")
            #expect(try await office.keep(new, over: 1) == .done(SettingKept(version: 2)))
            #expect(try await office.keep(new, over: 2) == .done(SettingKept(version: 2)), "nothing changed: no version")
            #expect(try await office.keep(elm, over: 1) == .refused(.changedMeanwhile(version: 2)))
            let now = try await office.place()
            #expect(now.content == new && now.total == 2 && now.before == elm && now.after == new)
            #expect(now.changes.map(\.account) == [office.account, nil])
            #expect(try await office.place(1).after == elm)
            let raw = try await office.raw()
            #expect(raw.contains("elm@example.org") && raw.contains(#""country":"US""#) && !raw.contains("12 Elm"), "\(raw)")
            let directory = try await office.service.bus.ask(ReadDirectory(), as: office.service.keys.staff(.administrator))
            #expect(
                directory.locations == [
                    DirectoryLocation(
                        id: office.location, name: "Oak Street", address: "7 Oak Street, Springfield, IL, 62701, US", phone: "217 555 0111",
                        zone: "America/New_York")
                ])
            #expect(
                try await office.service.emitted(PlaceChanged.self)
                    == [PlaceChanged(location: office.location, version: 2, zone: "America/New_York", account: office.account)])
            try await Fault.placesOverwrite.injected {
                let written = try await office.keep(elm, over: 1)
                #expect(written == .done(SettingKept(version: 3)), "without the guard it is written over")
            }
            new.phone = ""
            #expect(try await office.keep(new, over: 3) == .done(SettingKept(version: 4)))
            #expect(try await office.place().content.phone == "")
        }
    }

    /// Two people at two places, one of them at both.
    private static let people = #"""
        {"resourceType":"Bundle","type":"transaction","entry":[
        {"fullUrl":"https://example.org/oak","resource":{"resourceType":"Location","status":"active","name":"Oak Street",
        "extension":[{"url":"http://hl7.org/fhir/StructureDefinition/timezone","valueCode":"America/Denver"}]},
        "request":{"method":"POST","url":"Location"}},
        {"fullUrl":"https://example.org/nurse","resource":{"resourceType":"Practitioner","name":[{"family":"Bell"}]},
        "request":{"method":"POST","url":"Practitioner"}},
        {"fullUrl":"https://example.org/nurses-role","resource":{"resourceType":"PractitionerRole","specialty":[{"text":"Nursing"}],
        "practitioner":{"reference":"https://example.org/nurse"},
        "location":[{"reference":"https://example.org/place"},{"reference":"https://example.org/oak"}]},
        "request":{"method":"POST","url":"PractitionerRole"}}]}
        """#

    @Test func wherePeopleWorkHasVersionsAndNoPlaceIsLeftAlone() async throws {
        try await withOffice { office in
            _ = try await office.service.imported(Self.people)
            let administrator = try await office.service.keys.staff(.administrator, account: office.account)
            let directory = try await office.service.bus.ask(ReadDirectory(), as: administrator)
            let nurse = try #require(directory.practitioners.first { $0.name.contains("Bell") }?.id)
            let oak = try #require(directory.locations.first { $0.name == "Oak Street" }?.id)
            func read(_ version: Int? = nil) async throws -> WorkplacesView {
                let query = ReadWorkplaces(practitioner: nurse, version: version)
                guard case .done(let found) = try await office.service.bus.request(query, as: administrator) else { throw TryLater("not there") }
                return found
            }
            func keep(_ locations: [ID<Location>], over version: Int, of person: ID<Practitioner>? = nil) async throws -> Answer<KeepWorkplaces> {
                let command = KeepWorkplaces(practitioner: person ?? nurse, version: version, locations: locations, key: .v7())
                return try await office.service.bus.request(command, as: administrator)
            }
            let first = try await read()
            #expect(first.version == 1 && Set(first.locations) == [office.location, oak] && first.changes.map(\.account) == [nil])
            #expect(try await keep([office.location], over: 1) == .refused(.deserted(location: oak)), "nobody else works there")
            #expect(try await keep([oak, .init()], over: 1) == .refused(.unknownPlace))
            #expect(try await keep([oak], over: 1, of: .init()) == .refused(.notFound))
            #expect(try await keep([oak], over: 1) == .done(SettingKept(version: 2)))
            #expect(try await keep([oak], over: 2) == .done(SettingKept(version: 2)), "nothing changed: no version")
            #expect(try await keep([oak, office.location], over: 1) == .refused(.changedMeanwhile(version: 2)))
            let now = try await read()
            #expect(now.locations == [oak] && now.after == [oak] && now.before == first.locations && now.changes.first?.account == office.account)
            #expect(try await office.service.bus.ask(ReadDirectory(), as: administrator) == directory, "what else is said of them stays")
            let event = try #require(try await office.service.emitted(WorkplaceChanged.self).last)
            #expect(event.version == 2 && event.practitioner == nurse && event.locations == [oak])
            try await office.service.hear(event, handler: "note-workplace-on-workplace-changed")
            let pool = office.service.database.pool(office.service.database.superuser)
            let noted = try await pool.all("SELECT location FROM workplace WHERE practitioner = \(nurse.uuid)", as: UUID.self)
            await pool.close()
            #expect(noted == [oak.uuid])
        }
    }

    @Test func whatCannotBeIsRefused() async throws {
        try await withOffice { office in
            func problems(_ change: (inout PlaceContent) -> Void) async throws -> [EntryProblem] {
                var content = elm
                change(&content)
                guard case .refused(.invalid(let problems)) = try await office.keep(content, over: 1) else { return [] }
                return problems
            }
            for zone in ["Mars/Olympus", "posix/America/Chicago", "CST6CDT", "+02:00", "america/chicago; DROP TABLE resource"] {
                #expect(try await problems { $0.zone = zone } == [EntryProblem("zone", .notPossible)], "\(zone)")
            }
            #expect(try await problems { ($0.name, $0.zone) = (" ", "") } == [EntryProblem("name", .missing), EntryProblem("zone", .missing)])
            #expect(try await problems { $0.phone = "call us" } == [EntryProblem("phone", .notPossible)])
            #expect(try await problems { $0.line = String(repeating: "x", count: 201) } == [EntryProblem("line", .tooLong)])
            #expect(try await office.keep(elm, over: 1, at: .init()) == .refused(.notFound))
            // Of other people's places, which came with imported records, nothing is said here.
            let elsewhere = try await office.service.bus.request(
                ReadResource(fullURL: "https://example.org/elsewhere"), as: office.service.keys.operator())
            guard case .done(let found) = elsewhere else {
                Issue.record("not there")
                return
            }
            #expect(try await office.keep(elm, over: 1, at: ID(found.id.uuid)) == .refused(.notFound))
            #expect(try await office.place().total == 1)
        }
    }
}
