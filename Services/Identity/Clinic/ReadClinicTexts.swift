internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

private let changesShown = 100

/// What is said of the clinic now, and every change with its writer; of one of them what was there before and after.
func readClinicTexts(_ query: ReadClinicTexts, by actor: Actor, in tx: Transaction) async throws -> Answer<ReadClinicTexts> {
    let now = tx.later("SELECT version, name, texts FROM clinic")
    let shown = tx.later(
        "SELECT version, body FROM clinic_version WHERE version <= coalesce(\(query.version)::int, 2147483647) ORDER BY version DESC LIMIT 2")
    let changes = try await tx.last(
        "SELECT version, at, account FROM clinic_version ORDER BY version DESC LIMIT \(changesShown)", as: Int.self, Date.self, UUID?.self)
    guard let (version, name, body) = try now.first(as: Int.self, String.self, [UInt8]?.self) else { return .refused(.notFound) }
    let texts = try shown.all(as: Int.self, [UInt8].self).map { ($0, try ClinicTexts(stored: $1, name: name)) }
    guard let (shownVersion, after) = texts.first, query.version == nil || query.version == shownVersion else { return .refused(.notFound) }
    return .done(
        ClinicTextsView(
            version: version, texts: try ClinicTexts(stored: body, name: name),
            changes: changes.map { SettingChange(version: $0.0, at: $0.1, account: $0.2.map { ID($0) }) }, total: changes.first?.0 ?? 0,
            shown: shownVersion, before: texts.dropFirst().first?.1, after: after))
}

/// A logo's bytes, for the gateways that show it.
func readClinicLogo(_ query: ReadClinicLogo, by actor: Actor, in tx: Transaction) async throws -> Answer<ReadClinicLogo> {
    let body = try await tx.first("SELECT body FROM clinic_logo WHERE digest = \(query.digest)", as: [UInt8].self)
    guard let body else { return .refused(.notFound) }
    return .done(.init(bytes: Data(body)))
}

extension IdentityService {
    /// What pages and messages say of the clinic.
    static func answersAboutClinic(_ service: Registry) {
        let administrators = Rule.staff(.administrator, of: .nobody)
        service.answer(ReadClinic.self, to: .everybody, with: readClinic)
        service.answer(ReadClinicLogo.self, to: .everybody, with: readClinicLogo)
        service.answer(ReadClinicTexts.self, to: administrators, with: readClinicTexts)
        service.answer(KeepClinicTexts.self, to: administrators, with: keepClinicTexts)
    }
}
