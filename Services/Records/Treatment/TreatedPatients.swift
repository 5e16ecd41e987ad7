internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Of the patients that were asked about, those somebody treats, with what each keeps from them. Queries join it, so that a list's total is counted
/// under the same rule as its lines.
struct TreatedPatients {
    private let ids: [UUID]
    private let withheld: [Int]

    var isEmpty: Bool { ids.isEmpty }

    init(_ facts: [ID<Patient>: AccessFacts], by actor: Actor) {
        let granted = facts.compactMap { patient, known -> (UUID, Int)? in
            guard case .allow(let granted) = actor.decide(on: .clinical, of: patient, known) else { return nil }
            return (patient.uuid, granted.withheld.rawValue)
        }
        (ids, withheld) = (granted.map(\.0), granted.map(\.1))
    }

    /// `JOIN treated …`: rows of `table` whose patient is treated, and that are not kept back.
    func join(_ table: SQL) -> SQL {
        """
        JOIN unnest(\(ids), \(withheld)) AS treated (patient, withheld)
            ON treated.patient = \(table).patient AND \(table).sensitivity & treated.withheld::int = 0
        """
    }
}
