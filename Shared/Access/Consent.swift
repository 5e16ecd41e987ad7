public import Contracts

/// One line of what a patient wants: who may, or may not, see what. The closer line wins: a person's over a role's over everybody's; of two that are
/// equally close the one that denies.
public struct ConsentRule: Sendable, Equatable {
    public enum Recipient: Sendable, Equatable {
        case everybody
        case role(Role)
        case practitioner(ID<Practitioner>)
    }

    public var permits: Bool
    public var recipient: Recipient
    /// Nil: everything.
    public var kind: Sensitivity?

    public init(permits: Bool, recipient: Recipient, kind: Sensitivity? = nil) {
        (self.permits, self.recipient, self.kind) = (permits, recipient, kind)
    }

    /// How closely the line speaks of whom; nil when it does not.
    func closeness(to actor: Actor) -> Int? {
        switch recipient {
        case .everybody: 0
        case .role(let role): role == actor.role ? 1 : nil
        case .practitioner(let practitioner): practitioner == actor.practitioner ? 2 : nil
        }
    }
}

extension [ConsentRule] {
    /// What the patient says to this person seeing that kind; nil when nothing is said. - Parameter kind: nil for everything.
    func verdict(on kind: Sensitivity?, for actor: Actor) -> Bool? {
        var closest = -1
        var verdict: Bool?
        for rule in self where rule.kind == kind {
            guard let closeness = rule.closeness(to: actor), closeness >= closest else { continue }
            verdict = closeness == closest ? rule.permits && verdict != false : rule.permits
            closest = closeness
        }
        return verdict
    }

    /// The kinds the patient keeps from this person.
    func withheld(from actor: Actor) -> Sensitivity {
        guard !isEmpty else { return [] }
        var withheld: Sensitivity = []
        for (kind, _) in Sensitivity.kinds where verdict(on: kind, for: actor) == false { withheld.insert(kind) }
        return withheld
    }
}
