import Access
import Contracts
import Crypto
import Faults
import Foundation
import MessageBus
import Postgres
import Sealing
import Testing
import TestSupport
@testable import Records

/// Documents on their way in, in the record and out of it, over a real database.
@Suite struct DocumentTests {
    static let pdf = Array("%PDF-1.7\n".utf8)
    static let png: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13] + Array("IHDR".utf8)
    static let jpeg: [UInt8] = [0xff, 0xd8, 0xff, 0xe0, 0, 16]

    struct Office: Sendable {
        let service: ServiceUnderTest
        let patient: ID<Patient>
        let clinician: ActorToken
        let stranger: ActorToken
        let own: ActorToken

        static func content(_ size: Int, _ start: [UInt8]) -> [UInt8] {
            start + (start.count..<max(size, start.count)).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 7) }
        }

        /// - Returns: parts of 48 KiB by their offsets.
        static func parts(_ content: [UInt8]) -> [(offset: Int, bytes: Data)] {
            stride(from: 0, to: content.count, by: 48 << 10).map { ($0, Data(content[$0..<min($0 + 48 << 10, content.count)])) }
        }

        @discardableResult
        func put(_ offset: Int, _ bytes: Data, of upload: ID<Upload>, as token: ActorToken? = nil) async throws -> Answer<PutDocumentPart> {
            let command = PutDocumentPart(patient: patient, upload: upload, offset: offset, bytes: bytes)
            return try await service.bus.request(command, as: token ?? clinician, within: .seconds(20))
        }

        func file(
            _ content: [UInt8], of upload: ID<Upload>, _ document: ID<Resource> = .init(), digest: Data? = nil, title: String = "Letter",
            type: String = "51852-2", date: String? = nil, sent: SentFile? = nil, as token: ActorToken? = nil
        ) async throws -> Answer<FileDocument> {
            let command = FileDocument(
                patient: patient, document: document, upload: upload, size: content.count, digest: digest ?? Data(SHA256.hash(data: content)),
                title: title, type: type, date: date, sent: sent, key: .v7())
            return try await service.bus.request(command, as: token ?? clinician, within: .seconds(60))
        }

        /// Sent in order and filed.
        func filed(
            _ content: [UInt8], title: String = "Letter", type: String = "51852-2", date: String? = nil, as token: ActorToken? = nil
        )
            async throws -> ID<Resource>
        {
            let (upload, document) = (ID<Upload>(), ID<Resource>())
            for part in Self.parts(content) { try await put(part.offset, part.bytes, of: upload, as: token) }
            guard case .done = try await file(content, of: upload, document, title: title, type: type, date: date, as: token) else {
                throw TryLater("not filed")
            }
            return document
        }

        /// The bytes of a document; nil when it cannot be opened.
        func bytes(_ document: ID<Resource>, as token: ActorToken? = nil) async throws -> [UInt8]? {
            var bytes = Data()
            repeat {
                let query = ReadDocumentPart(patient: patient, document: document, offset: bytes.count)
                guard case .done(let part) = try await service.bus.request(query, as: token ?? clinician, within: .seconds(20)) else { return nil }
                bytes += part.bytes
                if bytes.count >= part.size { return [UInt8](bytes) }
            } while true
        }

        func documents(_ query: ReadDocuments? = nil, as token: ActorToken? = nil) async throws -> Documents {
            let query = query ?? ReadDocuments(patient: patient)
            guard case .done(let found) = try await service.bus.request(query, as: token ?? clinician, within: .seconds(20)) else {
                throw TryLater("no documents")
            }
            return found
        }

        var unreviewed: [ID<Resource>] {
            get async throws { try await service.bus.ask(ReadUnreviewedDocuments(), as: clinician).waiting.map(\.document.document) }
        }
    }

    func withOffice(_ body: @escaping @Sendable (Office) async throws -> Void) async throws {
        try await withRecords { service in
            let file = """
                {"resourceType":"Bundle","type":"collection","entry":[
                {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","name":[{"family":"Moss","given":["Ida"]}],"birthDate":"1980-02-29"}},
                {"fullUrl":"urn:uuid:3","resource":{"resourceType":"Practitioner","name":[{"family":"Okafor"}]}},
                {"fullUrl":"urn:uuid:5","resource":{"resourceType":"Practitioner","name":[{"family":"Reyes"}]}},
                {"fullUrl":"urn:uuid:6","resource":{"resourceType":"Location","name":"Harbor Road"}},
                {"fullUrl":"urn:uuid:7","resource":{"resourceType":"Practitioner","name":[{"family":"Lund"}]}},
                {"fullUrl":"urn:uuid:8","resource":{"resourceType":"PractitionerRole","practitioner":{"reference":"urn:uuid:5"}}},
                {"fullUrl":"urn:uuid:9","resource":{"resourceType":"PractitionerRole","practitioner":{"reference":"urn:uuid:7"},
                 "location":[{"reference":"urn:uuid:6"}]}},
                {"fullUrl":"urn:uuid:4","resource":{"resourceType":"CareTeam","status":"active","subject":{"reference":"urn:uuid:1"},
                 "participant":[{"member":{"reference":"urn:uuid:3"}}]}},
                {"fullUrl":"urn:uuid:2","resource":{"resourceType":"DocumentReference","status":"current","date":"2019-03-01T10:00:00Z",
                 "type":{"coding":[{"system":"http://loinc.org","code":"34133-9"}],"text":"Summary"},"subject":{"reference":"urn:uuid:1"},
                 "content":[{"attachment":{"contentType":"application/pdf","url":"Binary/0190a7a3-0000-7000-8000-000000000000"}}]}}]}
                """
            let patient = try await service.importedPatient(file)
            try await body(
                Office(
                    service: service, patient: patient, clinician: try await service.clinician("urn:uuid:3"),
                    stranger: try await service.clinician("urn:uuid:5"), own: try await service.keys.patient(patient)))
        }
    }

    @Test func partsMayComeTwiceAndInAnyOrder() async throws {
        try await withOffice { (office) async throws in
            let (content, upload, document) = (Office.content(1_000_003, Self.pdf), ID<Upload>(), ID<Resource>())
            let parts = Office.parts(content)
            for part in parts.reversed() + parts.prefix(7) { #expect(try await office.put(part.offset, part.bytes, of: upload) == .done(Done())) }
            let filed = try await office.file(content, of: upload, document)
            #expect(filed == .done(DocumentFiled(version: 1, contentType: "application/pdf")))
            #expect(try await office.bytes(document) == content)
            #expect(try await office.bytes(document, as: office.own) == content)
            let line = try #require(try await office.documents().documents.first { $0.document == document })
            #expect(line.isReviewed && line.source == .clinic && line.size == content.count && line.status == "current")
            #expect(line.digest == SHA256.hash(data: content).hex)
            // A part of it alone has no beginning in the middle of another.
            let query = ReadDocumentPart(patient: office.patient, document: document, offset: 5)
            #expect(try await office.service.bus.request(query, as: office.clinician) == .refused(.notFound))
        }
    }

    /// As a phone takes it, with where that was; and the picture alone, from what comes after its first two bytes.
    private static func photo() -> (file: [UInt8], picture: [UInt8]) {
        let secret = Array("GPS 41.8781N 87.6298W".utf8)
        func segment(_ marker: UInt8, _ content: [UInt8]) -> [UInt8] {
            [0xff, marker, UInt8((content.count + 2) >> 8), UInt8((content.count + 2) & 0xff)] + content
        }
        let size: [UInt8] = [8, 0, 2, 0, 2, 1, 1, 0x11, 0]
        let picture: [UInt8] = segment(0xc0, size) + segment(0xda, [1, 1, 0, 0, 63, 0]) + (0..<100_000).map { UInt8($0 % 200) } + [0xff, 0xd9]
        return ([0xff, 0xd8] + segment(0xe1, Array("Exif\0\0".utf8) + secret) + picture + secret, picture)
    }

    /// An insurance card is the picture alone, waits for nobody who treats the patient, and is all of the record that who writes bills may open.
    @Test func anInsuranceCardIsForWhoWritesBills() async throws {
        try await withOffice { (office) async throws in
            let (photo, picture) = Self.photo()
            let card = try await office.filed(photo, title: "Front", type: DocumentTypes.insuranceCard, as: office.own)
            let letter = try await office.filed(Office.content(3_000, Self.pdf))
            #expect(try await office.unreviewed == [])
            for role in [Role.billingOffice, .administrator] {
                let token = try await office.service.keys.staff(role)
                #expect(try await office.bytes(card, as: token) == [0xff, 0xd8] + picture)
                #expect(try await office.bytes(letter, as: token) == nil)
                #expect(try await Fault.officeOpensAll.injected { try await office.bytes(letter, as: token) } != nil)
                await #expect(throws: BusError.notAllowed) { try await office.documents(as: token) }
            }
            let desk = try await office.service.keys.staff(.frontDesk)
            await #expect(throws: BusError.notAllowed) { try await office.bytes(card, as: desk) }
            #expect(try await office.bytes(card, as: office.own) == [0xff, 0xd8] + picture)
        }
    }

    /// What came with a message (RELIABILITY 55, 57): the picture alone, by its content, under a name that says the same, and where it came from.
    @Test func whatCameWithAMessageIsCleanAndSaysWhereItIsFrom() async throws {
        try await withOffice { (office) async throws in
            let (photo, picture) = Self.photo()
            let thread = ID<MessageThread>()
            func file(_ content: [UInt8], _ name: String) async throws -> (ID<Resource>, Answer<FileDocument>) {
                let (upload, document) = (ID<Upload>(), ID<Resource>())
                for part in Office.parts(content) { try await office.put(part.offset, part.bytes, of: upload, as: office.own) }
                let sent = SentFile(thread: thread, name: name)
                return (document, try await office.file(content, of: upload, document, sent: sent, as: office.own))
            }
            let (document, filed) = try await file(photo, "rash.JPG")
            #expect(filed == .done(DocumentFiled(version: 1, contentType: "image/jpeg")))
            for token in [office.own, office.clinician] { #expect(try await office.bytes(document, as: token) == [0xff, 0xd8] + picture) }
            let line = try #require(try await office.documents().documents.first { $0.document == document })
            #expect(!line.isReviewed && line.size == picture.count + 2 && line.digest == SHA256.hash(data: [0xff, 0xd8] + picture).hex)
            let kept = ReadResource(type: "DocumentReference", id: document)
            let resource = try await office.service.bus.request(kept, as: office.service.keys.operator())
            #expect("\(resource)".contains(thread.description))
            // The same photo again is kept once.
            #expect(try await file(photo, "again.jpeg").1 == .done(DocumentFiled(version: 1, contentType: "image/jpeg")))
            let zip: [UInt8] = [0x50, 0x4b, 3, 4] + Array(repeating: 0, count: 1_000)
            let refused: [([UInt8], String)] = [
                (Array("<!doctype html><script>".utf8), "photo.png"), (Array("Dear Ana".utf8), "letter.png"), (photo, "rash.png"), (zip, "bomb.zip"),
                (zip, "bomb.pdf"), (Array(photo.prefix(60_000)), "cut.jpg"), (Self.png, "head.png"), (Array("Dear Ana".utf8), "letter"),
            ]
            for (content, name) in refused { #expect(try await file(content, name).1 == .refused(.notAccepted), "\(name)") }
            #expect(try await file(Array("Dear Ana".utf8), "letter.txt").1 == .done(DocumentFiled(version: 1, contentType: "text/plain")))
            let large = FileDocument(
                patient: office.patient, document: .init(), upload: .init(), size: 26_000_000 + 1_000_000, digest: Data(count: 32), title: "Film",
                type: "34109-9", sent: SentFile(thread: thread, name: "film.pdf"), key: .v7())
            #expect(try await office.service.bus.request(large, as: office.own) == .refused(.tooLarge))
        }
    }

    /// Who sends in pieces is told how far they came, and a gateway looks at all of it before it is filed.
    @Test func anUploadIsAskedHowFarItCame() async throws {
        try await withOffice { (office) async throws in
            let content = Office.content(500_000, Self.pdf)
            let (parts, upload) = (Office.parts(content), ID<Upload>())
            func read(_ offset: Int? = nil, of upload: ID<Upload>, as token: ActorToken? = nil) async throws -> UploadRead {
                let query = ReadUpload(patient: office.patient, upload: upload, offset: offset)
                return try await office.service.bus.ask(query, as: token ?? office.own)
            }
            #expect(try await read(of: upload) == UploadRead(received: 0))
            #expect(try await read(0, of: upload) == UploadRead(received: 0, bytes: Data()))
            for part in parts where part.offset != 96 << 10 { try await office.put(part.offset, part.bytes, of: upload, as: office.own) }
            // What is behind a gap does not count.
            #expect(try await read(of: upload).received == 96 << 10)
            #expect(try await read(0, of: upload).bytes == Data(content.prefix(96 << 10)))
            try await office.put(96 << 10, parts[2].bytes, of: upload, as: office.own)
            #expect(try await read(of: upload).received == content.count)
            var seen = Data()
            while let bytes = try await read(seen.count, of: upload).bytes, !bytes.isEmpty { seen += bytes }
            #expect(seen == Data(content))
            // Of another record nothing is told.
            let other = ReadUpload(patient: office.patient, upload: upload, offset: 0)
            await #expect(throws: BusError.notAllowed) {
                _ = try await office.service.bus.ask(other, as: office.service.keys.patient(.init()))
            }
        }
    }

    @Test func whatIsNotWholeIsNotFiled() async throws {
        try await withOffice { (office) async throws in
            let content = Office.content(200_000, Self.pdf)
            let parts = Office.parts(content)
            let gap = ID<Upload>()
            for part in parts where part.offset != 48 << 10 { try await office.put(part.offset, part.bytes, of: gap) }
            #expect(try await office.file(content, of: gap) == .refused(.incomplete))
            #expect(try await office.file(content, of: .init()) == .refused(.incomplete))
            try await office.put(48 << 10, parts[1].bytes, of: gap)
            #expect(try await office.file(content, of: gap, digest: Data(SHA256.hash(data: [1]))) == .refused(.wrongDigest))
            #expect(try await office.file(content + [1], of: gap) == .refused(.incomplete))
            #expect(try await office.file(Array(content.dropLast()), of: gap) == .refused(.incomplete))
            // Whatever was refused before: now it is whole.
            guard case .done = try await office.file(content, of: gap) else {
                Issue.record("not filed")
                return
            }
            // Of another patient's upload nothing is there.
            let other = FileDocument(
                patient: office.patient, document: .init(), upload: gap, size: content.count, digest: Data(SHA256.hash(data: content)), title: "",
                type: "none", date: "soon", key: .v7())
            let answer = try await office.service.bus.request(other, as: office.clinician)
            #expect(answer == .refused(.invalid(problems: [.init("title", .missing), .init("type", .unknownCode), .init("date", .notADate)])))
        }
    }

    @Test func moreThanOneDocumentMayHaveIsNotTaken() async throws {
        try await withOffice { (office) async throws in
            let largest = 50 << 20
            #expect(try await office.put(largest - 1, Data([1]), of: .init()) == .done(Done()))
            #expect(try await office.put(largest - 1, Data([1, 2]), of: .init()) == .refused(.tooLarge))
            #expect(try await office.put(-1, Data([1]), of: .init()) == .refused(.tooLarge))
            #expect(try await office.put(0, Data(count: 48 << 10 + 1), of: .init()) == .refused(.tooLarge))
            let command = FileDocument(
                patient: office.patient, document: .init(), upload: .init(), size: largest + 1, digest: Data(), title: "Film", type: "34109-9",
                key: .v7())
            #expect(try await office.service.bus.request(command, as: office.clinician) == .refused(.tooLarge))
        }
    }

    @Test func whoBeginsAgainAndAgainIsStopped() async throws {
        try await withOffice { (office) async throws in
            let content = Office.content(10, Self.pdf)
            let store = RecordStore(sealer: office.service.sealer, identifierKey: SymmetricKey(size: .bits256))
            let begun = try await withThrowingTaskGroup(of: ID<Upload>?.self) { group in
                for _ in 0..<30 {
                    group.addTask {
                        let upload = ID<Upload>()
                        return try await office.put(0, Data(content), of: upload) == .done(Done()) ? upload : nil
                    }
                }
                return try await group.reduce(into: [ID<Upload>]()) { begun, upload in if let upload { begun.append(upload) } }
            }
            #expect(begun.count == 20)
            #expect(try await office.put(0, Data(content), of: .init()) == .refused(.tooManyOpen))
            #expect(try await office.put(0, Data(content), of: .init(), as: office.own) == .refused(.tooManyOpen))
            #expect(try await Fault.uploadsAreUnlimited.injected { try await office.put(0, Data(content), of: .init()) } == .done(Done()))
            // What was begun may be finished, and what is filed is no longer on its way: what brought the same bytes once more neither.
            #expect(try await office.put(10, Data([1]), of: begun[0]) == .done(Done()))
            for (upload, content) in [(begun[0], content + [1]), (begun[1], content), (begun[2], content)] {
                guard case .done = try await office.file(content, of: upload) else {
                    Issue.record("not filed")
                    return
                }
            }
            for _ in 0..<2 { #expect(try await office.put(0, Data(content), of: .init()) == .done(Done())) }
            #expect(try await office.put(0, Data(content), of: .init()) == .refused(.tooManyOpen))
            // A day later what stopped half way is gone, and what was filed is here.
            let pool = office.service.database.pool(office.service.database.superuser)
            try await pool.run("UPDATE upload_part SET at = now() - interval '25 hours' WHERE at < 'infinity'")
            try await pool.run("UPDATE document_upload SET at = now() - interval '25 hours'")
            #expect(try await office.put(0, Data(content), of: .init()) == .done(Done()))
            try await office.service.pool.asWorker(of: "records") { tx in store.forgetOldUploads(in: tx) }
            #expect(try await pool.first("SELECT count(*) FROM upload_part", as: Int.self) == 4)
            #expect(try await pool.first("SELECT count(*) FROM document_upload", as: Int.self) == 1)
            await pool.close()
        }
    }

    @Test func ofOneRecordNoMoreComesInADay() async throws {
        try await withOffice { (office) async throws in
            let pool = office.service.database.pool(office.service.database.superuser)
            let (most, upload) = (500 << 20, ID<Upload>())
            #expect(try await office.put(0, Data([1]), of: upload) == .done(Done()))
            for (hours, size) in [(1, most - 100), (25, most)] {
                let at = Date().addingTimeInterval(-3_600 * Double(hours))
                try await pool.run(
                    """
                    INSERT INTO document_upload (patient, id, size, is_filed, at)
                    VALUES (\(office.patient.uuid), \(UUID.v7()), \(size), true, \(at))
                    """)
            }
            // A part that comes twice counts once.
            for _ in 0..<2 { #expect(try await office.put(1, Data(count: 99), of: upload) == .done(Done())) }
            #expect(try await office.put(100, Data([1]), of: upload) == .refused(.tooMuchToday))
            #expect(try await office.put(0, Data([1]), of: .init()) == .refused(.tooMuchToday))
            #expect(try await Fault.uploadsAreUnlimited.injected { try await office.put(100, Data([1]), of: upload) } == .done(Done()))
            #expect(try await pool.first("SELECT count(*) FROM upload_part WHERE upload = \(upload.uuid)", as: Int.self) == 3)
            await pool.close()
        }
    }

    @Test func theTypeIsWhatIsInTheFile() {
        func type(_ content: [UInt8], cutAt cut: Int = 7) -> ContentType? {
            var look = ContentLook()
            for start in stride(from: 0, to: content.count, by: cut) { look.look(at: Array(content[start..<min(start + cut, content.count)])) }
            return look.type
        }
        let text = "Für Ana – «años», 日本, 🙂\r\n\tend\n"
        let good: [(ContentType, [UInt8])] = [
            (.pdf, Self.pdf), (.png, Self.png), (.jpeg, Self.jpeg), (.text, Array(text.utf8)), (.text, [0xef, 0xbb, 0xbf] + Array(text.utf8)),
            (.text, Array("< 5 mg/dL".utf8)), (.text, Array("<3".utf8)),
        ]
        for (expected, content) in good {
            for cut in 1...9 { #expect(type(content, cutAt: cut) == expected, "\(expected) cut at \(cut)") }
        }
        let bad: [[UInt8]] = [
            Array("<!DOCTYPE html><script>alert(1)</script>".utf8), Array(" \n<html>".utf8), Array("<svg xmlns='x'/>".utf8),
            Array("<?xml version='1.0'?>".utf8), Array("<!-- x --><b>".utf8), [0xef, 0xbb, 0xbf] + Array("<HTML>".utf8), [0x50, 0x4b, 3, 4],
            [0xff, 0xd8], Array(Self.png.prefix(8)), Array("a\u{0}b".utf8), [0x41, 0xe4, 0x42], Array("x".utf8) + [0xe2, 0x82], [],
            Array("GIF89a".utf8) + [0, 1], Array("\u{1b}[31m".utf8), [0xff, 0xfe, 0x41, 0],
        ]
        for content in bad { for cut in 1...9 { #expect(type(content, cutAt: cut) == nil, "\(content.prefix(12))") } }
    }

    @Test func whatIsNeitherPhotoNorTextNorPDFIsRefused() async throws {
        try await withOffice { (office) async throws in
            let html = Array("<!doctype html><title>photo.png</title>".utf8)
            let upload = ID<Upload>()
            try await office.put(0, Data(html), of: upload)
            #expect(try await office.file(html, of: upload, title: "photo.png", type: "72170-4") == .refused(.notAccepted))
            #expect(try await office.documents().total == 1)
            #expect(try await office.service.emitted(RecordChanged.self).isEmpty)
        }
    }

    @Test func theSameBytesAreKeptOnce() async throws {
        try await withOffice { (office) async throws in
            let content = Office.content(100_000, Self.jpeg)
            let first = try await office.filed(content, title: "Front")
            let second = try await office.filed(content, title: "The same again")
            #expect(try await office.bytes(first) == content)
            #expect(try await office.bytes(second) == content)
            let pool = office.service.database.pool(office.service.database.superuser)
            #expect(try await pool.first("SELECT count(*) FROM document_file", as: Int.self) == 1)
            // What was sent for the second time is forgotten like what is never filed.
            #expect(try await pool.first("SELECT count(*) FROM upload_part WHERE at < 'infinity'", as: Int.self) == 3)
            #expect(try await pool.first("SELECT count(*) FROM upload_part WHERE at = 'infinity'", as: Int.self) == 3)
            // Nothing of it can be read there.
            let stored = try await pool.all("SELECT content FROM upload_part", as: [UInt8].self)
            #expect(stored.allSatisfy { !$0.dropFirst(14).starts(with: content.prefix(8)) })
            await pool.close()
        }
    }

    @Test func documentsAreFoundByTitleTypeAuthorAndDate() async throws {
        try await withOffice { (office) async throws in
            let letter = try await office.filed(Office.content(10, Self.pdf), title: "Carta de la Dra. Núñez", date: "2024-05")
            let photo = try await office.filed(Office.content(20, Self.jpeg), title: "Rash, left arm", type: "72170-4", as: office.own)
            func found(_ change: (inout ReadDocuments) -> Void) async throws -> Set<ID<Resource>> {
                var query = ReadDocuments(patient: office.patient)
                change(&query)
                let found = try await office.documents(query)
                #expect(found.total == 3)
                return Set(found.documents.map(\.document))
            }
            #expect(try await found { _ in }.count == 3)
            #expect(try await found { $0.text = "nunez carta" } == [letter])
            #expect(try await found { $0.text = "carta rash" } == [])
            #expect(try await found { $0.type = "72170-4" } == [photo])
            #expect(try await found { $0.source = .patient } == [photo])
            #expect(try await found { $0.source = .clinic } == [letter])
            #expect(try await found { $0.source = .imported }.count == 1)
            #expect(try await found { ($0.from, $0.until) = ("2024-05-31", "2024-06") } == [letter])
            #expect(try await found { $0.until = "2024-04-30" }.count == 1)
            #expect(try await found { $0.document = photo } == [photo])
            let imported = try await office.documents().documents.first { $0.source == .imported }
            // It names a file that is not here.
            #expect(imported?.contentType == nil)
            #expect(try await office.bytes(try #require(imported).document) == nil)
        }
    }

    @Test func whatAPatientSendsWaitsForAClinician() async throws {
        try await withOffice { (office) async throws in
            let photo = try await office.filed(Office.content(3_000, Self.png), title: "Rash", type: "72170-4", as: office.own)
            let line = try #require(try await office.documents(as: office.own).documents.first { $0.document == photo })
            #expect(!line.isReviewed && line.source == .patient)
            #expect(try await office.unreviewed == [photo])
            #expect(try await office.service.bus.ask(ReadUnreviewedDocuments(), as: office.stranger).waiting.isEmpty)
            func accept(_ version: Int) async throws -> Answer<AcceptDocument> {
                let command = AcceptDocument(patient: office.patient, document: photo, version: version, key: .v7())
                return try await office.service.bus.request(command, as: office.clinician)
            }
            #expect(try await accept(7) == .refused(.changedMeanwhile(version: 1)))
            #expect(try await accept(1) == .done(EntryKept(version: 2)))
            #expect(try await accept(2) == .refused(.illegal(status: "current")))
            #expect(try await office.unreviewed.isEmpty)
            #expect(try await office.documents(as: office.own).documents.first { $0.document == photo }?.isReviewed == true)
            // What a clinician files needs nobody to accept it.
            let letter = try await office.filed(Office.content(10, Self.pdf))
            let command = AcceptDocument(patient: office.patient, document: letter, version: 1, key: .v7())
            #expect(try await office.service.bus.request(command, as: office.clinician) == .refused(.illegal(status: "current")))
        }
    }

    @Test func onlyLegalStepsAndAnIllegalOneTellsNobody() async throws {
        try await withOffice { (office) async throws in
            var random = SeededSteps(7)
            for turn in 0..<5 {
                let byPatient = turn.isMultiple(of: 2)
                let id = try await office.filed(Office.content(20 + turn, Self.jpeg), as: byPatient ? office.own : office.clinician)
                var (status, isReviewed, version) = ("current", !byPatient, 1)
                for _ in 0..<10 {
                    let told = try await office.service.emitted(RecordChanged.self).count
                    let step = [DocumentStep.accept, .supersede, .retract].randomElement(using: &random) ?? .accept
                    let (patient, bus, token) = (office.patient, office.service.bus, office.clinician)
                    let leads: Bool
                    let refusal: DocumentChangeRefusal?
                    switch step {
                    case .accept:
                        leads = status == "current" && !isReviewed
                        let command = AcceptDocument(patient: patient, document: id, version: version, key: .v7())
                        refusal = try await Self.refusal(bus.request(command, as: token))
                        if leads { isReviewed = true }
                    case .supersede:
                        leads = status == "current"
                        let command = SupersedeDocument(patient: patient, document: id, version: version, reason: "A newer one", key: .v7())
                        refusal = try await Self.refusal(bus.request(command, as: token))
                        if leads { status = "superseded" }
                    case .retract:
                        leads = status != "entered-in-error"
                        let command = RetractDocument(patient: patient, document: id, version: version, reason: "The sister's", key: .v7())
                        refusal = try await Self.refusal(bus.request(command, as: token))
                        if leads { status = "entered-in-error" }
                    }
                    let now = try await office.service.emitted(RecordChanged.self).count
                    #expect(refusal == (leads ? nil : .illegal(status: status)), "\(step)")
                    #expect((now > told) == leads)
                    if leads { version += 1 }
                    let isListed = try await office.documents().documents.contains { $0.document == id }
                    #expect(isListed == (status != "entered-in-error"))
                    #expect(try await (office.bytes(id) != nil) == isListed)
                    #expect(try await office.unreviewed.contains(id) == (status == "current" && !isReviewed))
                }
            }
        }
    }

    @Test func aNewerDocumentSaysWhatItReplaces() async throws {
        try await withOffice { (office) async throws in
            let old = try await office.filed(Office.content(10, Self.pdf), title: "Plan of May")
            let new = try await office.filed(Office.content(11, Self.pdf), title: "Plan of June")
            func supersede(
                _ document: ID<Resource>, _ version: Int, by: ID<Resource>?, _ reason: String = "A newer one"
            ) async throws -> Answer<SupersedeDocument> {
                let command = SupersedeDocument(patient: office.patient, document: document, version: version, by: by, reason: reason, key: .v7())
                return try await office.service.bus.request(command, as: office.clinician)
            }
            let notPossible = DocumentChangeRefusal.invalid(problems: [EntryProblem("by", .notPossible)])
            #expect(try await supersede(old, 1, by: old) == .refused(notPossible))
            #expect(try await supersede(old, 1, by: .init()) == .refused(notPossible))
            #expect(try await supersede(old, 1, by: new, "") == .refused(.invalid(problems: [EntryProblem("reason", .missing)])))
            #expect(try await supersede(old, 1, by: new) == .done(EntryKept(version: 2)))
            #expect(try await supersede(new, 2, by: old) == .refused(notPossible))
            let query = ReadResource(type: "DocumentReference", id: new)
            guard case .done(let text) = try await office.service.bus.request(query, as: office.service.keys.operator()) else {
                Issue.record("not there")
                return
            }
            #expect(text.json.contains(#""relatesTo":[{"code":"replaces","target":{"reference":"DocumentReference/\#(old)"}}]"#))
        }
    }

    @Test func eachOpeningIsInTheTrail() async throws {
        try await withOffice { (office) async throws in
            let document = try await office.filed(Office.content(10, Self.pdf))
            for _ in 0..<3 { _ = try await office.bytes(document, as: office.own) }
            await #expect(throws: BusError.notAllowed) { _ = try await office.bytes(document, as: office.stranger) }
            let pool = office.service.database.pool(office.service.database.superuser)
            let entries = try await pool.all(
                "SELECT outcome FROM audit_entry WHERE action = 'records.read-document-part.v1' ORDER BY outcome", as: String.self)
            #expect(entries == ["denied", "done", "done", "done"])
            await pool.close()
        }
    }

    @Test func withoutThePatientsKeyNobodyReadsIt() async throws {
        try await withOffice { (office) async throws in
            let document = try await office.filed(Office.content(100_000, Self.pdf))
            let date = Date(timeIntervalSince1970: 1_900_000_000)
            try office.service.keys.store.destroy(office.patient.uuid, at: date)
            await #expect(throws: BusError.destroyed(date)) { _ = try await office.bytes(document) }
            await #expect(throws: BusError.destroyed(date)) { try await office.put(0, Data([1]), of: .init()) }
            await #expect(throws: BusError.destroyed(date)) { _ = try await office.documents() }
        }
    }

    private static func refusal<C: Command>(_ answer: Answer<C>) -> DocumentChangeRefusal? where C.Refusal == DocumentChangeRefusal {
        if case .refused(let refusal) = answer { refusal } else { nil }
    }
}

/// The same steps for the same seed.
private struct SeededSteps: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 29
    }
}
