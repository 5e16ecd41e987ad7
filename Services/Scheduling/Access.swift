internal import Access

// Who may ask what. Whose records they see besides is the database's policies' to say.
extension Rule {
    static let publishing = staff(.frontDesk, .administrator) || operators
    static let looking = anyPatient || anyStaff || operators
    static let booking = ownRecord || staff(.frontDesk, .nurse, .clinician)
    static let day = staff(.frontDesk, .nurse, .clinician, .administrator)
    static let oneAppointment = workers("notifications") || day
}
