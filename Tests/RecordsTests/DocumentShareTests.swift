import Access
import Contracts
import Faults
import Foundation
import MessageBus
import Postgres
import Testing
import TestSupport

@testable import Records

/// One document of a patient, opened by colleagues who do not treat them.
extension DocumentTests {
    private func bareRefusal(_ field: String, _ fault: EntryProblem.Fault) -> Answer<ShareDocument> {
        .refused(.invalid(problems: [EntryProblem(field, fault)]))
    }

    @Test func aColleagueOpensWhatIsSharedAndNothingElse() async throws {
        try await withOffice { (office) async throws in
            let content = Office.content(600_000, Self.pdf)
            let (document, other) = (try await office.filed(content), try await office.filed(Office.content(10, Self.jpeg)))
            let (reyes, okafor, first) = (try await office.reyes, try await office.okafor, ID<DocumentShare>())
            #expect(try await office.share(.init(), with: reyes) == .refused(.notFound))
            #expect(try await office.share(document, with: .init()) == bareRefusal("with", .unknownCode))
            #expect(try await office.share(document) == bareRefusal("with", .missing))
            #expect(try await office.share(document, with: okafor) == bareRefusal("with", .notPossible))
            #expect(try await office.share(document, with: reyes, until: Date()) == bareRefusal("until", .notPossible))
            let tooLate = Date().addingTimeInterval(366 * 86_400 + 60)
            #expect(try await office.share(document, with: reyes, until: tooLate) == bareRefusal("until", .notPossible))
            #expect(try await office.sharedWith(office.stranger) == [])
            #expect(try await office.opened(document) == nil)

            #expect(try await office.share(document, with: reyes, first) == .done(Done()))
            #expect(try await office.share(document, with: reyes, first) == .refused(.idInUse))
            #expect(try await office.opened(document) == content)
            #expect(try await office.sharedWith(office.stranger) == [document])
            let line = try #require(try await office.service.bus.ask(ReadSharedDocuments(), as: office.stranger).documents.first)
            #expect(line.patient.id == office.patient && line.sharedBy == okafor && line.document.size == content.count)
            // Who treats the patient sees with whom; the patient reads it in the trail.
            let query = ReadDocuments(patient: office.patient, document: document)
            #expect(try await office.documents(query).shares?.map(\.share) == [first])
            #expect(try await office.documents(query, as: office.own).shares == nil)
            // Nothing else of the record, and nobody else.
            #expect(try await office.opened(other) == nil)
            await #expect(throws: BusError.notAllowed) { _ = try await office.documents(query, as: office.stranger) }
            await #expect(throws: BusError.notAllowed) {
                _ = try await office.service.bus.request(ReadChart(patient: office.patient), as: office.stranger)
            }
            let lund = try await office.service.clinician("urn:uuid:7")
            #expect(try await office.opened(document, as: lund) == nil)
            #expect(try await office.sharedWith(lund) == [])
            // Who it is shared with shares it no further, and ends nothing.
            await #expect(throws: BusError.notAllowed) { _ = try await office.share(document, with: .init(), as: office.stranger) }
            await #expect(throws: BusError.notAllowed) { _ = try await office.withdraw(first, as: office.stranger) }

            #expect(try await office.withdraw(first) == .done(Done()))
            #expect(try await office.opened(document) == nil)
            #expect(try await office.sharedWith(office.stranger) == [])
            #expect(try await office.withdraw(first) == .refused(.notFound))
        }
    }

    @Test func aShareIsInTheTrailFromItsGrantToItsEnd() async throws {
        try await withOffice { (office) async throws in
            let (document, share) = (try await office.filed(Office.content(10, Self.pdf)), ID<DocumentShare>())
            _ = try await office.share(document, with: office.reyes, share)
            _ = try await office.opened(document)
            _ = try await office.bytes(document)
            _ = try await office.withdraw(share)
            _ = try await office.opened(document)
            let pool = office.service.database.pool(office.service.database.superuser)
            let entries = try await pool.all(
                """
                SELECT split_part(action, '.', 2) || ' ' || outcome || ' ' || coalesce(basis, reason, '') FROM audit_entry
                WHERE action LIKE '%share%' OR action LIKE '%document-part%' AND action NOT LIKE '%put%' ORDER BY at, id
                """, as: String.self)
            await pool.close()
            #expect(
                entries == [
                    "share-document done care-team", "read-document-part done share", "read-document-part done care-team",
                    "withdraw-document-share done care-team", "read-document-part denied no-treatment",
                ])
        }
    }

    @Test func aShareEndsByItself() async throws {
        try await withOffice { (office) async throws in
            let document = try await office.filed(Office.content(10, Self.pdf))
            #expect(try await office.share(document, with: office.reyes, until: Date().addingTimeInterval(2)) == .done(Done()))
            #expect(try await office.opened(document) != nil)
            try await Task.sleep(for: .seconds(2.2))
            #expect(try await office.opened(document) == nil)
            #expect(try await office.sharedWith(office.stranger) == [])
            #expect(try await Fault.sharesLastForEver.injected { try await office.opened(document) } != nil)
        }
    }

    @Test func whatThePatientDeniesStaysClosed() async throws {
        try await withOffice { (office) async throws in
            let (document, reyes) = (try await office.filed(Office.content(10, Self.pdf)), try await office.reyes)
            #expect(try await office.share(document, with: reyes) == .done(Done()))
            #expect(try await office.opened(document) != nil)
            try await office.say([ConsentLine(permits: false, practitioner: reyes)])
            #expect(try await office.opened(document) == nil)
            #expect(try await office.sharedWith(office.stranger) == [])
            #expect(try await Fault.sharesGoFirst.injected { try await office.opened(document) } != nil)
            #expect(try await office.share(document, with: reyes) == .refused(.keptBack))
            // To one role: whether they are of it is known when they ask.
            try await office.say([ConsentLine(permits: false, role: "clinician")])
            #expect(try await office.opened(document) == nil)
            // A kind of information, and a document that is of it.
            try await office.say([ConsentLine(permits: false, practitioner: reyes, kind: "HIV")])
            #expect(try await office.opened(document) != nil)
            let pool = office.service.database.pool(office.service.database.superuser)
            try await pool.run("UPDATE resource SET sensitivity = \(Sensitivity.hiv.rawValue) WHERE id = \(document.uuid)")
            await pool.close()
            #expect(try await office.opened(document) == nil)
            #expect(try await office.sharedWith(office.stranger) == [])
            #expect(try await office.share(document, with: reyes) == .refused(.keptBack))
            try await office.say([])
            #expect(try await office.opened(document) != nil)
        }
    }

    @Test func aRetractedDocumentIsSharedNoMore() async throws {
        try await withOffice { (office) async throws in
            let (document, reyes) = (try await office.filed(Office.content(10, Self.pdf)), try await office.reyes)
            #expect(try await office.share(document, with: reyes) == .done(Done()))
            let superseded = SupersedeDocument(patient: office.patient, document: document, version: 1, reason: "A newer one", key: .v7())
            _ = try await office.service.bus.request(superseded, as: office.clinician)
            #expect(try await office.opened(document) != nil)
            let retracted = RetractDocument(patient: office.patient, document: document, version: 2, reason: "The sister's", key: .v7())
            _ = try await office.service.bus.request(retracted, as: office.clinician)
            #expect(try await office.opened(document) == nil)
            #expect(try await office.sharedWith(office.stranger) == [])
            #expect(try await office.share(document, with: reyes) == .refused(.notFound))
        }
    }

    @Test func everybodyAtAPlaceOpensWhatIsSharedWithIt() async throws {
        try await withOffice { (office) async throws in
            let document = try await office.filed(Office.content(10, Self.pdf))
            let (harbor, lund) = (ID<Location>(try await office.id("urn:uuid:6")), ID<Practitioner>(try await office.id("urn:uuid:7")))
            let nurse = try await office.service.keys.staff(.nurse, practitioner: lund)
            #expect(try await office.share(document, at: .init()) == bareRefusal("with", .unknownCode))
            #expect(try await office.share(document, with: lund, at: harbor) == bareRefusal("with", .notPossible))
            #expect(try await office.share(document, at: harbor) == .done(Done()))
            #expect(try await office.opened(document, as: nurse) != nil)
            #expect(try await office.sharedWith(nurse) == [document])
            // Reyes works, but not there.
            #expect(try await office.opened(document) == nil)
            try await office.say([ConsentLine(permits: false, role: "nurse")])
            #expect(try await office.opened(document, as: nurse) == nil)
        }
    }

    @Test func aHoldKeepsDocumentsFromBeingDestroyed() async throws {
        try await withOffice { (office) async throws in
            let content = Office.content(100, Self.pdf)
            let (document, me) = (try await office.filed(content), try await office.service.keys.operator())
            let hold = HoldRecord(order: .init(), patient: office.patient, reason: "A court asked for it")
            #expect(try await office.service.bus.request(hold, as: me) == .done(Done()))
            let destroy = DestroyRecord(order: .init(), patient: office.patient, reason: "Retention has ended", confirmation: "Ida Moss")
            #expect(try await office.service.bus.request(destroy, as: me) == .refused(.held))
            #expect(try await office.bytes(document) == content)
        }
    }
}

extension DocumentTests.Office {
    func id(_ fullURL: String) async throws -> UUID {
        guard case .done(let found) = try await service.bus.request(ReadResource(fullURL: fullURL), as: service.keys.operator()) else {
            throw TryLater("not imported")
        }
        return found.id.uuid
    }

    /// Treats the patient.
    var okafor: ID<Practitioner> { get async throws { ID(try await id("urn:uuid:3")) } }
    /// Works here, and does not.
    var reyes: ID<Practitioner> { get async throws { ID(try await id("urn:uuid:5")) } }

    func share(
        _ document: ID<Resource>, with: ID<Practitioner>? = nil, at place: ID<Location>? = nil, until: Date? = nil,
        _ share: ID<DocumentShare> = .init(), as token: ActorToken? = nil
    ) async throws -> Answer<ShareDocument> {
        let command = ShareDocument(
            patient: patient, document: document, share: share, practitioner: with, location: place,
            until: until ?? Date().addingTimeInterval(86_400), key: .v7())
        return try await service.bus.request(command, as: token ?? clinician)
    }

    func withdraw(_ share: ID<DocumentShare>, as token: ActorToken? = nil) async throws -> Answer<WithdrawDocumentShare> {
        try await service.bus.request(WithdrawDocumentShare(patient: patient, share: share, key: .v7()), as: token ?? clinician)
    }

    /// What somebody who does not treat the patient gets; nil where they may not.
    func opened(_ document: ID<Resource>, as token: ActorToken? = nil) async throws -> [UInt8]? {
        do { return try await bytes(document, as: token ?? stranger) } catch BusError.notAllowed { return nil }
    }

    func sharedWith(_ token: ActorToken) async throws -> [ID<Resource>] {
        try await service.bus.ask(ReadSharedDocuments(), as: token).documents.map(\.document.document)
    }

    /// All that the patient says.
    func say(_ lines: [ConsentLine]) async throws {
        guard case .done(let before) = try await service.bus.request(ReadConsent(patient: patient), as: own) else { throw TryLater("no consent") }
        let command = ChangeConsent(patient: patient, lines: lines, version: before.version, key: .v7())
        guard case .done = try await service.bus.request(command, as: own) else { throw TryLater("not said") }
    }
}
