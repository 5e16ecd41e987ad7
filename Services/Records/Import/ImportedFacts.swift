internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres

/// What an imported resource says about who may see a record.
struct ImportedFacts {
    let tx: Transaction
    /// What a reference in the file points at, by its text: type and id.
    let resolve: (String) -> (type: String, id: UUID)?

    func write(_ resource: JSONNode, _ type: String, id: UUID, version: Int, patient: UUID) throws {
        switch type {
        case "CareTeam": try write(CareTeamEntry(resource), id, version, ID(patient))
        case "PractitionerRole": try write(PractitionerRoleEntry(resource), id, version)
        case "Consent": try ConsentLines(ConsentEntry(resource), practitioner: practitioner).write(id, version, of: ID(patient), in: tx)
        default: break
        }
    }

    private func write(_ team: CareTeamEntry, _ id: UUID, _ version: Int, _ patient: ID<Patient>) throws {
        let members = team.isActive ? Set(team.members.compactMap(practitioner)).sorted() : []
        let from = team.start.flatMap { FHIRDate($0) }?.start
        let until = team.end.flatMap { FHIRDate($0) }?.range(in: .gmt).upperBound
        DecisionFacts.setTeam(id, of: patient, members: members, from: from, until: until, in: tx)
        try tx.emit(CareTeamChanged(team: ID(id), version: version, patient: patient, members: members, from: from, until: until))
    }

    private func write(_ role: PractitionerRoleEntry, _ id: UUID, _ version: Int) throws {
        guard let practitioner = role.practitioner.flatMap(practitioner) else { return }
        let places = role.isActive ? role.locations.compactMap { resolve($0) }.filter { $0.type == "Location" }.map { ID<Location>($0.id) } : []
        DecisionFacts.setWorkplaces(id, of: practitioner, locations: places, in: tx)
        try tx.emit(WorkplaceChanged(role: ID(id), version: version, practitioner: practitioner, locations: Set(places).sorted()))
    }

    private func practitioner(_ reference: String) -> ID<Practitioner>? {
        guard let target = resolve(reference), target.type == "Practitioner" else { return nil }
        return ID(target.id)
    }
}
