import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Who pays a patient's bills.
struct GuarantorRoutes {
    private static let fields = ["relationship", "record", "name", "address", "reason", "from"]

    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/patients/:id/guarantor",
            parts.staff(where: \.isBilling) { request, context, staff in
                var view = try await view(context, staff)
                view.isDone = request.uri.queryParameters["done"] != nil
                return guarantorPage(view, in: staff.frame(at: .billing)).response()
            })
        routes.post("/patients/:id/guarantor", parts.staff(where: \.isBilling, set))
    }

    private func view(_ context: GatewayContext, _ staff: Staff) async throws -> GuarantorView {
        let id = try context.id("id", of: Patient.self)
        async let patient = staff.readPatient(id)
        let guarantors = try await parts.bus.ask(ReadGuarantors(patient: id), as: staff.person.token)
        return GuarantorView(patient: try await patient, guarantors: guarantors, now: staff.now)
    }

    /// Whose record that is; nil where it is nobody's, or not one's alone.
    private func owner(of record: String, _ staff: Staff) async throws -> PatientSummary? {
        let found = try await parts.bus.ask(FindPatients(text: record, limit: 8), as: staff.person.token).patients
        let theirs = found.filter { $0.mrn?.caseInsensitiveCompare(record) == .orderedSame }
        return theirs.count == 1 ? theirs.first : nil
    }

    @Sendable private func set(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        var view = try await view(context, staff)
        let form = context.web.form
        for field in Self.fields { view.typed[field] = form.trimmed(field) }
        func again(_ wrong: GuarantorView.Wrong) -> Response {
            view.wrong = wrong
            return guarantorPage(view, in: staff.frame(at: .billing)).response(.unprocessableContent)
        }
        guard let relationship = GuarantorRelationship(rawValue: view.value("relationship")),
            let reason = GuarantorReason(rawValue: view.value("reason"))
        else { throw HTTPError(.badRequest) }
        let record = view.value("record")
        let person = record.isEmpty ? nil : try await owner(of: record, staff)
        guard record.isEmpty || person != nil else { return again(.record) }
        let (name, address) = (person?.name ?? view.value("name"), view.value("address"))
        let command = SetGuarantor(
            patient: view.patient.id, patientName: view.patient.name, guarantor: ID(try parts.submission(context)), relationship: relationship,
            person: person?.id, payerName: relationship == .patient && name.isEmpty ? nil : name, address: address.isEmpty ? nil : address,
            reason: reason, from: Day(typed: view.value("from"))?.iso ?? "")
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(view.patient.id)/guarantor?done=1")
        case .refused(let refusal): return again(.refused(refusal))
        }
    }
}
