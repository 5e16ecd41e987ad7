import Foundation

/// A made-up clinic: one organization, two places, a dozen clinicians and 50 patients with plausible histories.
///
/// Each bundle is a FHIR R4 transaction that stands alone and is imported like any other file. The same seed and day give the same
/// bytes; ids depend on the seed only. Nothing in it is dated after `today`. All people are invented; phones are 555-01xx, e-mail goes
/// to example.org.
struct DemoClinic {
    struct Clinician {
        /// `urn:uuid:…`
        var fullUrl: String
        /// For a sign-in: `okafor`.
        var label: String
        var given: String
        var family: String
        /// `Family medicine`
        var specialty: String
        /// The place's name.
        var place: String
    }

    struct Patient {
        var fullUrl: String
        /// For a sign-in: `maria.alvarez`. Also the e-mail's part before `@example.org`.
        var label: String
        var given: String
        var family: String
        /// FHIR date.
        var birthDate: String
        /// BCP 47.
        var language: String
        /// A transaction Bundle as JSON.
        var bundle: String
    }

    /// Organization, places, clinicians and their roles, as a transaction Bundle.
    let organizationBundle: String
    let today: Date
    let clinicians: [Clinician]
    let patients: [Patient]

    /// - Parameter today: the last day anything may have happened; dates are counted back from it.
    init(seed: UInt64, today: Date) {
        self.today = today
        let staff = DemoStaff(seed: seed)
        let calendar = DemoCalendar(today: today)
        organizationBundle = staff.bundle().text
        clinicians = staff.clinicians.map {
            Clinician(
                fullUrl: staff.url(of: $0), label: $0.label, given: $0.given, family: $0.family, specialty: $0.specialty.display,
                place: staff.places[$0.place].name)
        }
        patients = DemoRoster.people.enumerated().map { number, person in
            var history = DemoHistory(number: number, person: person, seed: seed, calendar: calendar, staff: staff)
            let bundle = history.bundle()
            return Patient(
                fullUrl: history.patient, label: person.label, given: person.given, family: person.family, birthDate: history.birthDate,
                language: person.language, bundle: bundle.text)
        }
    }
}
