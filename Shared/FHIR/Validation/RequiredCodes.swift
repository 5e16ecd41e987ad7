/// Codes of FHIR R4's required bindings that decide what a chart shows. An unknown one is refused rather than shown as something else.
enum RequiredCodes {
    /// By path from the resource: an element of type `code`, or a `CodeableConcept` and the system its codes are checked in.
    struct Binding: Sendable {
        var codes: Set<String>
        var system: String?

        init(_ codes: String, system: String? = nil) {
            self.codes = Set(codes.split(separator: " ").map(String.init))
            self.system = system.map { "http://terminology.hl7.org/CodeSystem/" + $0 }
        }
    }

    static let byPath: [String: Binding] = [
        "Patient.gender": Binding("male female other unknown"),
        "Practitioner.gender": Binding("male female other unknown"),
        "RelatedPerson.gender": Binding("male female other unknown"),
        "Observation.status": Binding("registered preliminary final amended corrected cancelled entered-in-error unknown"),
        "DiagnosticReport.status": Binding(
            "registered partial preliminary final amended corrected appended cancelled entered-in-error unknown"),
        "Condition.clinicalStatus": Binding("active recurrence relapse inactive remission resolved", system: "condition-clinical"),
        "Condition.verificationStatus": Binding(
            "unconfirmed provisional differential confirmed refuted entered-in-error", system: "condition-ver-status"),
        "AllergyIntolerance.clinicalStatus": Binding("active inactive resolved", system: "allergyintolerance-clinical"),
        "AllergyIntolerance.verificationStatus": Binding(
            "unconfirmed presumed confirmed refuted entered-in-error", system: "allergyintolerance-verification"),
        "AllergyIntolerance.type": Binding("allergy intolerance"),
        "AllergyIntolerance.criticality": Binding("low high unable-to-assess"),
        "MedicationRequest.status": Binding("active on-hold cancelled completed entered-in-error stopped draft unknown"),
        "MedicationRequest.intent": Binding(
            "proposal plan order original-order reflex-order filler-order instance-order option"),
        "MedicationStatement.status": Binding(
            "active completed entered-in-error intended stopped on-hold unknown not-taken"),
        "Immunization.status": Binding("completed entered-in-error not-done"),
        "Encounter.status": Binding(
            "planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown"),
        "Procedure.status": Binding(
            "preparation in-progress not-done on-hold stopped completed entered-in-error unknown"),
        "Appointment.status": Binding(
            "proposed pending booked arrived fulfilled cancelled noshow entered-in-error checked-in waitlist"),
        "Slot.status": Binding("busy free busy-unavailable busy-tentative entered-in-error"),
    ]
}
