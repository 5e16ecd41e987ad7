internal import Access
internal import Contracts
internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres

/// Writes the next version, unless somebody else did since.
func keepClinicTexts(_ command: KeepClinicTexts, by actor: Actor, in tx: Transaction) async throws -> Answer<KeepClinicTexts> {
    guard command.texts.problems.isEmpty else { return .refused(.invalid(problems: command.texts.problems)) }
    var image: ClinicLogoImage?
    if let bytes = command.image {
        do throws(ImageProblem) { image = try ClinicLogoImage(bytes) } catch { return .refused(.image(problem: error)) }
    }
    guard let known = try await tx.first("SELECT version, name, texts FROM clinic FOR UPDATE", as: Int.self, String.self, [UInt8]?.self) else {
        return .refused(.notFound)
    }
    let (version, before) = (known.0, try ClinicTexts(stored: known.2, name: known.1))
    guard version == command.version || Fault.textsOverwrite.isOn else { return .refused(.changedMeanwhile(version: version)) }
    var texts = command.texts
    if let image {
        tx.queue(
            """
            INSERT INTO clinic_logo (digest, body) VALUES (\(image.logo.digest), \(image.bytes))
            ON CONFLICT ON CONSTRAINT clinic_logo_once DO NOTHING
            """)
        texts.logo = image.logo
    } else if let logo = texts.logo, logo != before.logo {
        return .refused(.notFound)
    }
    // What changes nothing is no version.
    guard texts != before else { return .done(SettingKept(version: version)) }
    let body = try texts.stored
    tx.queue("UPDATE clinic SET version = \(version + 1), name = \(texts.name), texts = \(body)")
    tx.queue("INSERT INTO clinic_version (version, account, body) VALUES (\(version + 1), \(actor.account?.uuid), \(body))")
    try await tx.flush()
    return .done(SettingKept(version: version + 1))
}

extension ClinicTexts {
    static let languages = ["en", "es"]

    /// - Parameters:
    ///   - body: nil where nobody has said more than the name.
    init(stored body: [UInt8]?, name: String) throws {
        self = try body.map { try JSONDecoder().decode(ClinicTexts.self, from: Data($0)) } ?? ClinicTexts(name: name)
    }

    var stored: [UInt8] {
        get throws { Array(try JSONEncoder().encode(self)) }
    }

    fileprivate var problems: [EntryProblem] {
        var problems: [EntryProblem] = []
        func text(_ field: String, _ text: String, atMost length: Int) {
            if text.count > length { problems.append(EntryProblem(field, .tooLong)) }
        }
        if name.trimmingCharacters(in: .whitespacesAndNewlines).isEmpty { problems.append(EntryProblem("name", .missing)) }
        text("name", name, atMost: 100)
        text("phone", phone, atMost: 40)
        if !phone.isEmpty, phone.filter(\.isNumber).count < 7 { problems.append(EntryProblem("phone", .notPossible)) }
        for (field, texts, length) in [("emergency", emergency, 200), ("welcome", welcome, 500), ("closing", closing, 300)] {
            for language in Self.languages { text("\(field)-\(language)", texts[language] ?? "", atMost: length) }
            // In one language alone it would be missing for who reads the other.
            let written = Self.languages.filter { !(texts[$0] ?? "").isEmpty }
            if written.count == 1 {
                problems += Self.languages.filter { !written.contains($0) }.map { EntryProblem("\(field)-\($0)", .missing) }
            }
            if texts.keys.contains(where: { !Self.languages.contains($0) }) { problems.append(EntryProblem(field, .notPossible)) }
        }
        text("logoAlt", logoAlt, atMost: 100)
        return problems
    }
}
