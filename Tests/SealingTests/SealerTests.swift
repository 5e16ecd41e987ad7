import Crypto
import Foundation
import Sealing
import Testing

@Suite struct SealerTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "sealing-\(UUID().uuidString)").path
    private let master = SymmetricKey(size: .bits256)
    private let patient = UUID()
    private var store: KeyStore { KeyStore(folder: folder, master: master) }
    private let content = Array("{\"resourceType\":\"Patient\"}".utf8)

    @Test(arguments: [false, true]) func whatIsSealedOpensInItsPlaceOnly(_ compressed: Bool) throws {
        let cipher = try Sealer(schema: "records", store: store).cipher(for: patient, making: true)
        let row = UUID()
        let sealed = try cipher.seal(content, at: Place("resource", "body", row: row), compressed: compressed)
        #expect(try cipher.open(sealed, at: Place("resource", "body", row: row)) == content)
        for place in [Place("resource", "body", row: UUID()), Place("resource", "other", row: row), Place("answered", "body", row: row)] {
            #expect(throws: SealingError.notAuthentic) { try cipher.open(sealed, at: place) }
        }
        for index in [0, 2, sealed.count / 2, sealed.count - 1] {
            var altered = sealed
            altered[index] ^= 1
            #expect(throws: SealingError.self) { try cipher.open(altered, at: Place("resource", "body", row: row)) }
        }
        #expect(throws: SealingError.notAuthentic) { try cipher.open(Array(sealed.prefix(10)), at: Place("resource", "body", row: row)) }
    }

    @Test func aSmallResourceIsPackedWithTheDictionary() throws {
        let resource = """
            {"resourceType":"Observation","status":"final","category":[{"coding":[{"code":"vital-signs","display":"Vital Signs",\
            "system":"http://terminology.hl7.org/CodeSystem/observation-category"}]}],\
            "code":{"coding":[{"system":"http://loinc.org","code":"8867-4","display":"Heart rate"}]},\
            "effectiveDateTime":"2026-03-01T09:30:00-06:00",\
            "valueQuantity":{"value":72,"unit":"beats/minute","system":"http://unitsofmeasure.org","code":"/min"}}
            """
        let cipher = try Sealer(schema: "records", store: store).cipher(for: patient, making: true)
        let place = Place("resource", "body", row: UUID())
        let sealed = try cipher.seal(Array(resource.utf8), at: place, compressed: true)
        // Without the dictionary it would be more than half as long as before.
        #expect(sealed.count < resource.utf8.count * 2 / 5, "\(sealed.count) of \(resource.utf8.count) bytes")
        #expect(try cipher.open(sealed, at: place) == Array(resource.utf8))
    }

    @Test func aDestroyedKeyOpensNothing() throws {
        let place = Place("resource", "body", row: UUID())
        let sealed = try Sealer(schema: "records", store: store).cipher(for: patient, making: true).seal(content, at: place)
        let date = Date(timeIntervalSince1970: 1_795_608_000)
        try store.destroy(patient, at: date)
        #expect(throws: SealingError.destroyed(date)) { try Sealer(schema: "records", store: store).cipher(for: patient) }
        #expect(throws: SealingError.destroyed(date)) { try Sealer(schema: "records", store: store).cipher(for: patient, making: true) }
        try store.destroy(patient, at: Date())
        #expect(store.destroyed(patient) == date)
        #expect(sealed.count > 30)
    }

    @Test func twoWhoMakeAKeyAtOnceGetTheSame() async throws {
        let keys = try await withThrowingTaskGroup(of: SymmetricKey.self) { group in
            for _ in 0..<16 { group.addTask { try KeyStore(folder: folder, master: master).makeKey(of: patient) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(keys.map { $0.withUnsafeBytes { Data($0) } }).count == 1)
    }

    @Test func theBusOpensWithEveryKeyAndSealsWithTheFirst() throws {
        let old = "3 " + String(repeating: "1f", count: 32)
        let new = "9 " + String(repeating: "a0", count: 32)
        let before = try BusCipher(lines: old).seal(content, context: "request/a/1")
        let rotated = try BusCipher(lines: "\(new)\n\(old)\n")
        #expect(try rotated.open(before, context: "request/a/1") == content)
        #expect(throws: SealingError.notAuthentic) { try rotated.open(before, context: "request/a/2") }
        #expect(throws: SealingError.unknownKey(9)) {
            try BusCipher(lines: old).open(try rotated.seal(content, context: "x"), context: "x")
        }
        for wrong in ["", "0 " + String(repeating: "00", count: 32), "1 abc", "256 " + String(repeating: "00", count: 32)] {
            #expect(throws: SealingError.self) { try BusCipher(lines: wrong) }
        }
    }
}
