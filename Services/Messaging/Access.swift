internal import Access
internal import MessageBus
internal import Postgres

// Who may ask what. Of staff each sees what is in the pools of their role; see `ThreadRow.isVisible`.
extension Rule {
    /// Health is for clinicians and nurses who treat the patient, what the desk does for whoever sees when patients come, bills for who writes them.
    static let answering =
        staff(.clinician, .nurse, of: .clinical) || staff(.frontDesk, .administrator, of: .schedule) || staff(.billingOffice, of: .demographics)
    static let writing = ownWishes || answering
    /// The two of a visit by video.
    static let speaking = ownWishes || staff(.clinician, .nurse, of: .clinical)
    /// Of the threads in a list each is decided on by itself.
    static let inbox = staff(.clinician, .nurse, .frontDesk, .billingOffice, .administrator, of: .nobody)
    /// Whom of the many they may write to, is looked up of each.
    static let toMany = staff(.clinician, .nurse, .frontDesk, .administrator, of: .nobody)
    /// What colleagues write to each other on a chart: whoever treats the patient, and never the patient's side.
    static let amongStaff = staff(.clinician, .nurse, of: .clinical)
    static let pools = staff(.administrator, of: .nobody) || operators
}

/// Who writes to a pool is treated by those who are in it, until 90 days after the thread was closed; here they are at hand. Who was only written to,
/// with many others, wrote to nobody.
let threadsThatTreat: SQL = """
    SELECT t.patient, s.practitioner, NULL::uuid, t.opened_at,
        CASE WHEN t.state = 'closed' THEN t.changed_at + make_interval(days => \(FactsReader.daysAfter)::int) END
    FROM thread t JOIN serving s ON s.pool = t.pool WHERE t.patient IN (TABLE asked)
        AND (t.outreach IS NULL OR EXISTS (SELECT FROM message m WHERE m.thread = t.id AND m.from_patient))
    """
