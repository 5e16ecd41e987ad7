import Access
import Contracts
import Faults
import Foundation
import MessageBus
import Postgres
import Testing
import TestSupport

@testable import Identity

/// What pages and messages say of the clinic.
@Suite struct ClinicTextsTests {
    /// 48 by 16, with a comment in it; the second and third 24 by 16, with Exif and a comment, baseline and progressive.
    private static let png = picture(
        """
        iVBORw0KGgoAAAANSUhEUgAAADAAAAAQAQMAAABqYG7yAAAAFXRFWHRDb21tZW50AHRha2VuIGF0IGhvbWV2YxoJAAAABlBMVEX///8UUKAigCZuAAAAAXRS\
        TlMAQObYZgAAABlJREFUeNpj5GdgYGBgYGLAQjF+wCNHpj4Ad6ICG0hQ/AoAAAAASUVORK5CYII=
        """)
    private static let jpeg = picture(
        """
        /9j/4AAQSkZJRgABAQAAAQABAAD/4QAwRXhpZgAATU0AKgAAAAgAAQEOAAIAAAAOAAAAGgAAAAB0YWtlbiBhdCBob21lAP/+AA90YWtlbiBhdCBob21l/9sA\
        QwAbEhQXFBEbFxYXHhwbIChCKyglJShROj0wQmBVZWRfVV1baniZgWpxkHNbXYW1hpCeo6utq2eAvMm6pseZqKuk/9sAQwEcHh4oIyhOKytOpG5dbqSkpKSk\
        pKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSk/8AAEQgAEAAYAwEiAAIRAQMRAf/EABUAAQEAAAAAAAAAAAAAAAAAAAAF/8QA\
        FBABAAAAAAAAAAAAAAAAAAAAAP/EABUBAQEAAAAAAAAAAAAAAAAAAAAE/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEQMRAD8AnALkgAD/2Q==
        """)
    private static let progressive = picture(
        """
        /9j/4AAQSkZJRgABAQAAAQABAAD/4QAwRXhpZgAATU0AKgAAAAgAAQEOAAIAAAAOAAAAGgAAAAB0YWtlbiBhdCBob21lAP/+AA90YWtlbiBhdCBob21l/9sA\
        QwAbEhQXFBEbFxYXHhwbIChCKyglJShROj0wQmBVZWRfVV1baniZgWpxkHNbXYW1hpCeo6utq2eAvMm6pseZqKuk/9sAQwEcHh4oIyhOKytOpG5dbqSkpKSk\
        pKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSk/8IAEQgAEAAYAwEiAAIRAQMRAf/EABUAAQEAAAAAAAAAAAAAAAAAAAAE/8QA\
        FQEBAQAAAAAAAAAAAAAAAAAAAAP/2gAMAwEAAhADEAAAAZheIH//xAAUEAEAAAAAAAAAAAAAAAAAAAAg/9oACAEBAAEFAl//xAAUEQEAAAAAAAAAAAAAAAAA\
        AAAQ/9oACAEDAQE/AT//xAAUEQEAAAAAAAAAAAAAAAAAAAAQ/9oACAECAQE/AT//xAAUEAEAAAAAAAAAAAAAAAAAAAAg/9oACAEBAAY/Al//xAAUEAEAAAAA\
        AAAAAAAAAAAAAAAg/9oACAEBAAE/IV//2gAMAwEAAgADAAAAEPff/8QAFBEBAAAAAAAAAAAAAAAAAAAAEP/aAAgBAwEBPxA//8QAFBEBAAAAAAAAAAAAAAAA\
        AAAAEP/aAAgBAgEBPxA//8QAFBABAAAAAAAAAAAAAAAAAAAAIP/aAAgBAQABPxBf/9k=
        """)

    private static func picture(_ base64: String) -> Data { Data(base64Encoded: base64) ?? Data() }

    private struct Office {
        let desk: Desk
        let account = ID<Account>()

        func keep(_ texts: ClinicTexts, over version: Int, _ image: Data? = nil, key: UUID = .v7()) async throws -> Answer<KeepClinicTexts> {
            let command = KeepClinicTexts(version: version, texts: texts, image: image, key: key)
            return try await desk.bus.request(command, as: desk.service.keys.staff(.administrator, account: account))
        }

        func view(_ version: Int? = nil) async throws -> ClinicTextsView {
            let answer = try await desk.bus.request(ReadClinicTexts(version: version), as: desk.service.keys.staff(.administrator))
            guard case .done(let view) = answer else { throw TryLater("not there") }
            return view
        }
    }

    private func withOffice(_ body: (Office) async throws -> Void) async throws {
        try await withIdentity { desk in
            let create = CreateClinic(name: "Elm Street Clinic", zone: "America/Chicago", invitation: .init(), key: .v7())
            _ = try await desk.bus.request(create, as: desk.operatorToken)
            try await body(Office(desk: desk))
        }
    }

    @Test func textsHaveVersionsAndEverybodyReadsThem() async throws {
        try await withOffice { office in
            let first = try await office.view()
            #expect(first.version == 1 && first.texts == ClinicTexts(name: "Elm Street Clinic") && first.changes.map(\.account) == [nil])
            #expect(try await office.desk.bus.ask(ReadClinic(), as: office.desk.portal).texts == nil)
            let texts = ClinicTexts(
                name: "Oak Street Clinic", phone: "+1 217 555 0100", emergency: ["en": "Call 911.", "es": "Llame al 911."],
                welcome: ["en": "Welcome.", "es": "Bienvenidos."])
            let key = UUID.v7()
            #expect(try await office.keep(texts, over: 1, key: key) == .done(SettingKept(version: 2)))
            #expect(try await office.keep(texts, over: 1, key: key) == .done(SettingKept(version: 2)), "the same form sent twice")
            #expect(try await office.keep(texts, over: 2) == .done(SettingKept(version: 2)), "nothing changed: no version")
            for token in [office.desk.portal, office.desk.nurse] {
                let read = try await office.desk.bus.ask(ReadClinic(), as: token)
                #expect(read == ClinicSettings(name: "Oak Street Clinic", zone: "America/Chicago", texts: texts))
            }
            let stale = ClinicTexts(name: "Mine")
            #expect(try await office.keep(stale, over: 1) == .refused(.changedMeanwhile(version: 2)))
            try await Fault.textsOverwrite.injected {
                let written = try await office.keep(stale, over: 1)
                #expect(written == .done(SettingKept(version: 3)), "without the guard it is written over")
            }
            let second = try await office.view(2)
            #expect(second.version == 3 && second.total == 3 && second.shown == 2 && second.after == texts && second.before == first.texts)
            #expect(second.changes.map(\.account) == [office.account, office.account, nil])
            let audited = try await office.desk.read(
                """
                SELECT count(*)::int FROM audit_entry
                WHERE action = \(KeepClinicTexts.name) AND outcome = 'done' AND account = \(office.account.uuid)
                """, as: Int.self)
            #expect(audited == [3])
            let wrong = ClinicTexts(name: " ", phone: "call", emergency: ["en": "Call."], closing: ["en": "x", "es": ""])
            let refused = try await office.keep(wrong, over: 3)
            #expect(
                refused
                    == .refused(
                        .invalid(problems: [
                            EntryProblem("name", .missing), EntryProblem("phone", .notPossible), EntryProblem("emergency-es", .missing),
                            EntryProblem("closing-es", .missing),
                        ])))
        }
    }

    @Test func ofALogoNothingIsKeptButThePicture() async throws {
        try await withOffice { office in
            var (version, texts) = (1, ClinicTexts(name: "Elm Street Clinic", logoAlt: "An elm"))
            for (file, type, width) in [(Self.png, "image/png", 48), (Self.jpeg, "image/jpeg", 24), (Self.progressive, "image/jpeg", 24)] {
                #expect(file.range(of: Data("taken at home".utf8)) != nil)
                #expect(try await office.keep(texts, over: version, file + Data("behind the end".utf8)) == .done(SettingKept(version: version + 1)))
                version += 1
                let logo = try #require(try await office.desk.bus.ask(ReadClinic(), as: office.desk.portal).texts?.logo)
                #expect(logo.type == type && logo.width == width && logo.height == 16)
                let answer = try await office.desk.bus.request(ReadClinicLogo(digest: logo.digest), as: office.desk.portal)
                guard case .done(let read) = answer else {
                    Issue.record("no logo")
                    return
                }
                for said in ["taken at home", "Exif", "tEXt", "behind"] { #expect(read.bytes.range(of: Data(said.utf8)) == nil, "\(said)") }
                // What is left is the same picture, and is taken as it is.
                #expect(try ClinicLogoImage(read.bytes).logo == logo)
                texts.logo = logo
            }
            // It stays until it is taken away; one that never was is none.
            #expect(try await office.keep(texts, over: version) == .done(SettingKept(version: version)))
            var strange = texts
            strange.logo?.digest = String(repeating: "0", count: 64)
            #expect(try await office.keep(strange, over: version) == .refused(.notFound))
            texts.logo = nil
            #expect(try await office.keep(texts, over: version) == .done(SettingKept(version: version + 1)))
            #expect(try await office.desk.bus.ask(ReadClinic(), as: office.desk.portal).texts?.logo == nil)
        }
    }

    @Test func whatIsNoPictureIsRefused() async throws {
        func problem(_ file: Data) -> ImageProblem? {
            do { _ = try ClinicLogoImage(file) } catch { return error }
            return nil
        }
        #expect(problem(Data(count: 100_001)) == .tooLarge)
        for text in ["", "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>", "GIF89a", "%PDF-1.7", "\u{89}PNG"] {
            #expect(problem(Data(text.utf8)) == .notAnImage, "\(text)")
        }
        // Cut anywhere, or with any of its bits that matter turned, a PNG is none; a JPEG that is cut is none.
        for length in 0..<Self.png.count { #expect(problem(Self.png.prefix(length)) == .notAnImage, "\(length)") }
        for length in 0..<Self.jpeg.count { #expect(problem(Self.jpeg.prefix(length)) == .notAnImage, "\(length)") }
        for at in 0..<Self.png.count {
            var turned = Self.png
            turned[at] ^= 1
            #expect(problem(turned) != nil, "\(at)")
        }
        var numbers = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var file = Bool.random() ? Self.jpeg : Self.progressive
            for _ in 0..<3 { file[Int.random(in: 2..<file.count, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers) }
            _ = problem(file)
        }
    }
}
