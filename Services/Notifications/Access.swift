internal import Access

// Who may ask what.
extension Rule {
    /// What was written about a visit: the patient's, and the desk's, which is asked whether it reminded somebody.
    static let notices = staff(.frontDesk, .administrator, of: .nobody) || ownRecord
    static let unreached = staff(.frontDesk, .administrator, of: .nobody)
    static let calling = staff(.frontDesk, .administrator, of: .demographics)
    static let rules = staff(.administrator, of: .nobody)
    /// What somebody wants to be written about: theirs, or that of whom they act for in full; and what the desk is told on the phone.
    static let wishes = ownWishes || staff(.frontDesk, .nurse, .administrator, of: .demographics)
}
