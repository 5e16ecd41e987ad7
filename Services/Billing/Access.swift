internal import Access

// Who may ask what. Whoever sees a part of a record only has no part in its bills: what was charged says what was done.
extension Rule {
    static let bills = ownWishes || billedTo || staff(.billingOffice, .frontDesk, .administrator, of: .demographics)
    static let paying = ownWishes || billedTo
    static let insurances = ownWishes || office
    static let planning = paying || office
    static let office = staff(.billingOffice, .administrator, of: .demographics)
    static let work = staff(.billingOffice, .administrator, of: .nobody)
    static let desk = staff(.billingOffice, .frontDesk, .administrator, of: .demographics)
    static let books = work || operators
}
