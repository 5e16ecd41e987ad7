internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres
internal import Sealing

extension RecordStore {
    private static let resultVersionsShown = 50

    /// A result as it is, as it was, and who has seen which.
    @Sendable func readResult(_ query: ReadResult, actor: Actor, tx: Transaction) async throws -> Answer<ReadResult> {
        let (patient, result) = (query.patient.uuid, query.result.uuid)
        let seen = tx.later("SELECT version, at, practitioner FROM result_acknowledgement WHERE result = \(result) ORDER BY at DESC LIMIT 50")
        let held = tx.later("SELECT held_at FROM held_result WHERE resource = \(result) AND released_at IS NULL")
        let waits = tx.later("SELECT NOT acknowledged FROM result_review WHERE result = \(result)")
        let rows = try await tx.last(
            """
            SELECT v.version, v.at, v.role, v.practitioner, v.body FROM resource_version v
            JOIN resource r ON r.type = v.type AND r.id = v.id
            WHERE v.id = \(result) AND r.type = 'Observation' AND r.patient = \(patient) AND NOT r.deleted \(actor.granted.shown)
            ORDER BY v.version DESC LIMIT \(Self.resultVersionsShown)
            """, as: Int.self, Date.self, String?.self, UUID?.self, [UInt8].self)
        guard let version = rows.first?.0 else { return .refused(.notFound) }
        let cipher = try sealer.cipher(for: patient)
        let texts = try rows.map { try cipher.resource($0.4, row: result, of: "resource_version") }
        guard let newest = texts.first else { return .refused(.notFound) }
        let versions = rows.enumerated().map { place, row in
            let (text, entry) = (texts[place], ResultEntry(texts[place]))
            return ResultVersion(
                version: row.0, at: row.1, source: EntrySource(writtenBy: row.2.flatMap(Role.init)), practitioner: row.3.map { ID($0) },
                status: entry.status ?? "unknown", value: RecordEntry(text).details.first,
                reason: ResultResource.reason(text, after: place + 1 < texts.count ? texts[place + 1] : nil))
        }
        let acknowledgements = try seen.all(as: Int.self, Date.self, UUID?.self).map { version, at, practitioner in
            ResultAcknowledgement(version: version, at: at, practitioner: practitioner.map { ID($0) })
        }
        var line = ResultLine(ResultEntry(newest), id: query.result)
        line.previousValue = ResultResource.firstValue(texts.last, unlike: newest)
        return .done(
            ResultDetail(
                line: line, version: version, reading: ResultReading(newest),
                order: ID(reference: newest.list("basedOn").lazy.compactMap { $0.string("reference") }.first), versions: versions,
                acknowledgements: acknowledgements, waits: try waits.first(as: Bool.self) ?? false, heldSince: try held.first(as: Date.self)))
    }
}

extension ResultResource {
    /// What a result said first; nil where it says the same now. With its unit where that is another one.
    static func firstValue(_ first: JSONNode?, unlike now: JSONNode) -> String? {
        guard let first else { return nil }
        let (was, value) = (ResultEntry(first).value, ResultEntry(now).value)
        guard let text = was.text, text != value.text || was.unit != value.unit else { return nil }
        guard let unit = was.unit, unit != value.unit else { return text }
        return "\(text) \(unit)"
    }
}
