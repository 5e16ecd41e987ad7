internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Whether somebody may see patients who are in a place, by what is on file.
enum Licensure: Sendable {
    /// Nothing is on file, or the patient was not asked where they are: nothing is claimed.
    case unknown
    case held, lacking

    init(in region: Region?, licences: [Region]) {
        guard let region, !licences.isEmpty else {
            self = .unknown
            return
        }
        self = licences.contains(region) ? .held : .lacking
    }
}

extension CallStore {
    /// Of the clinician who asks; where a nurse does, of the visit's.
    func licensure(for row: CallRow, _ actor: Actor, _ tx: Transaction) async throws -> Licensure {
        guard let region = region(of: row) else { return .unknown }
        let practitioner = actor.role == .clinician ? actor.practitioner?.uuid ?? row.practitioner : row.practitioner
        let codes = try await tx.first("SELECT regions FROM licence WHERE practitioner = \(practitioner)", as: [String].self)
        return Licensure(in: region, licences: (codes ?? []).compactMap { Region($0) })
    }

    func region(of row: CallRow) -> Region? {
        row.region.flatMap { opened($0, of: row.patient, "call", "region", row: row.id) }.flatMap { Region($0) }
    }
}
