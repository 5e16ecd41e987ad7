internal import Access
internal import MessageBus
internal import Postgres

// Who may ask what.
extension Rule {
    static let publishing = staff(.frontDesk, .administrator, of: .nobody) || operators
    static let absences = staff(.frontDesk, .administrator, of: .nobody)
    static let looking = anyPatient || anyStaff || operators
    static let booking = ownRecord || staff(.frontDesk, .nurse, .clinician, of: .schedule)
    static let bookingOver = staff(.frontDesk, .nurse, .clinician, of: .schedule)
    static let visits = booking || staff(.administrator, of: .schedule)
    /// Who waits, for whoever calls them; and how that went.
    static let waitingList = staff(.frontDesk, .administrator, of: .nobody)
    static let marking = staff(.frontDesk, .nurse, .clinician, .administrator, of: .schedule)
    /// Of the visits in a list each is decided on by itself.
    static let day = staff(.frontDesk, .nurse, .clinician, .administrator, of: .nobody)
}

/// Visits make their clinicians treat the patient; here they are at hand.
let visitsThatTreat: SQL = """
    SELECT patient, practitioner, location, start_at - make_interval(days => \(FactsReader.daysBefore)::int),
        start_at + make_interval(days => \(FactsReader.daysAfter)::int)
    FROM appointment WHERE patient IN (TABLE asked) AND status IN ('booked', 'arrived', 'checked-in', 'fulfilled', 'noshow')
    """
