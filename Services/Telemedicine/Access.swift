internal import Access
internal import MessageBus
internal import Postgres

// Who may ask what.
extension Rule {
    /// Whoever sees a part of a record only is not let into a visit.
    static let calling = ownWishes
    static let receiving = staff(.clinician, .nurse, of: .clinical)
    static let either = calling || receiving
    /// Whether the patient's device is fit for it, for whoever calls them ahead.
    static let preparing = calling || staff(.frontDesk, .clinician, .nurse, .administrator, of: .schedule)
    /// Whoever brings a link's secret, or what a browser was given for it.
    static let guests = gateways("portal")
    /// Of the calls in a list each is decided on by itself.
    static let waitingRoom = staff(.clinician, .nurse, of: .nobody)
}

/// Visits make their clinicians treat the patient, and the nurses of the place; here they are at hand, by video or not.
let callsThatTreat: SQL = """
    SELECT patient, practitioner, location, start_at - make_interval(days => \(FactsReader.daysBefore)::int),
        start_at + make_interval(days => \(FactsReader.daysAfter)::int)
    FROM call WHERE patient IN (TABLE asked) AND start_at IS NOT NULL AND state <> 'cancelled'
    """
