internal import Access
internal import Postgres

/// A step a visit takes: the whole of its state machine, a line a step. What is not here is refused.
struct VisitStep {
    /// What must hold beside the state.
    enum Condition {
        case always
        /// On the visit's own day at its place.
        case onItsDay
        /// Half an hour after the start.
        case whenLate
        /// It is to come, and its time is free; the constraints see to the latter.
        case toCome
    }

    let old: String
    let new: String
    let roles: Set<Role>
    var needsReason = false
    var condition = Condition.always

    private static let desk: Set<Role> = [.frontDesk, .nurse, .clinician]
    private static let treating: Set<Role> = [.nurse, .clinician]

    static let all: [VisitStep] =
        [
            VisitStep(old: "booked", new: "arrived", roles: desk, condition: .onItsDay),
            VisitStep(old: "arrived", new: "checked-in", roles: desk),
            VisitStep(old: "arrived", new: "fulfilled", roles: treating),
            VisitStep(old: "checked-in", new: "fulfilled", roles: treating),
            VisitStep(old: "booked", new: "noshow", roles: desk, condition: .whenLate),
            VisitStep(old: "noshow", new: "arrived", roles: desk, needsReason: true),
            VisitStep(old: "cancelled", new: "booked", roles: desk, needsReason: true, condition: .toCome),
        ]
        + ["booked", "arrived", "checked-in", "fulfilled", "noshow", "cancelled"].map {
            VisitStep(old: $0, new: "entered-in-error", roles: [.administrator], needsReason: true)
        }

    static func from(_ old: String, to new: String) -> VisitStep? { all.first { $0.old == old && $0.new == new } }
}

extension VisitStep.Condition {
    /// Of a row of `appointment`, by the database's clock.
    var holds: SQL {
        switch self {
        case .always: "true"
        case .onItsDay: "day = (now() AT TIME ZONE zone)::date"
        case .whenLate: "start_at + make_interval(mins => \(lateAfterMinutes)::int) <= now()"
        case .toCome: "start_at > now() AND reason IS DISTINCT FROM 'hold-expired'"
        }
    }
}

/// Who has not come by then is missing.
let lateAfterMinutes = 30
