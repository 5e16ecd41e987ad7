internal import Contracts
internal import FHIR
internal import Foundation

/// A request for more of a medicine, as FHIR R4 Task.
enum RenewalTask {
    /// HL7 task-code: fulfil the focal request again.
    static let code = "renewal"

    static func new(_ command: RequestRenewal, at now: Date) -> JSONValue {
        PatientTask.asked(
            code, "Renewal of a prescription", about: "MedicationRequest", command.prescription, description: command.words, of: command.patient,
            at: now)
    }
}
