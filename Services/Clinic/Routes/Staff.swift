import Access
import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// A signed-in member of staff.
struct Staff: Sendable {
    let person: Person
    let frame: Frame
    let now: Moment
    let parts: GatewayParts

    /// Whose work charts are.
    var readsCharts: Bool { person.role == .clinician || person.role == .nurse }
    /// Who signs for a test, an image, a referral.
    var mayOrder: Bool { person.role == .clinician }
    /// Who may open a chart that is closed to them.
    var mayBreakGlass: Bool { readsCharts }

    func frame(at place: ClinicPlace?) -> Frame {
        frame.signedIn(at: place, person)
    }

    /// Who hands out codes for the portal.
    var mayInvite: Bool { person.role == .frontDesk || person.role == .nurse || person.role == .administrator }
    /// Who books for patients.
    var mayBook: Bool { person.role == .frontDesk || person.role == .nurse || person.role == .clinician }
    var isAdministrator: Bool { person.role == .administrator }
    /// Who writes bills and keeps the books.
    var isBilling: Bool { isBillingOffice || isAdministrator }
    var isBillingOffice: Bool { person.role == .billingOffice }
    /// Who tells a patient what they owe, and takes cash for it.
    var seesBills: Bool { isBilling || isAtDesk }
    /// Who sees when patients come, and nothing of their records.
    var isAtDesk: Bool { person.role == .frontDesk || person.role == .administrator }

    /// Who a patient is.
    func readPatient(_ patient: ID<Patient>) async throws -> PatientSummary {
        guard let known = try await parts.bus.ask(ReadPatientSummaries(patients: [patient]), as: person.token).patients.first else {
            throw HTTPError(.notFound)
        }
        return known
    }

    /// Who these patients are, for a list of them. Names come from the record: while it is away a list is shown without them.
    func summaries(of patients: some Sequence<ID<Patient>>) async -> [ID<Patient>: PatientSummary] {
        let ids = Array(Set(patients))
        guard !ids.isEmpty, let named = try? await parts.bus.ask(ReadPatientSummaries(patients: ids), as: person.token).patients else { return [:] }
        return Dictionary(named.map { ($0.id, $0) }) { first, _ in first }
    }

    func readChart(_ patient: ID<Patient>, history: Bool? = nil) async throws(BusError) -> Chart {
        switch try await parts.bus.request(ReadChart(patient: patient, history: history), as: person.token) {
        case .done(let chart): return chart
        case .refused(.notFound): throw .notAllowed
        }
    }
}

extension GatewayParts {
    /// A page for staff.
    func staff(_ page: @escaping @Sendable (Incoming, GatewayContext, Staff) async throws -> Response) -> PageRoutes<GatewayContext>.Page {
        signedIn { request, context, person in
            var frame = gateway.bareFrame(request, context)
            var charts = OpenCharts(OpenCharts.cookie.read(request))
            let before = charts
            if let patient = request.patient { charts.open(patient) }
            frame.isSecondChart = charts.isSecond
            let staff = Staff(person: person, frame: frame, now: Moment(Date(), in: facts.site.zone), parts: self)
            let response = try await page(request, context, staff)
            return charts == before ? response : response.storing(charts.stored, in: OpenCharts.cookie)
        }
    }

    /// A page for those of the staff who may; for the others it does not exist.
    func staff(
        where may: @escaping @Sendable (Staff) -> Bool, _ page: @escaping @Sendable (Incoming, GatewayContext, Staff) async throws -> Response
    ) -> PageRoutes<GatewayContext>.Page {
        staff { request, context, staff in
            guard may(staff) else { throw HTTPError(.notFound) }
            return try await page(request, context, staff)
        }
    }

    /// A page of a patient's chart. Where it is closed to them, who may break the glass is shown how; the others are told what they are told of a
    /// chart that does not exist.
    func chart(_ page: @escaping @Sendable (Incoming, GatewayContext, Staff) async throws -> Response) -> PageRoutes<GatewayContext>.Page {
        staff { request, context, staff in
            do { return try await page(request, context, staff) } catch BusError.notAllowed where staff.mayBreakGlass {
                return .seeOther("/patients/\(try context.id("id", of: Patient.self))/break-glass")
            }
        }
    }
}

extension Frame {
    /// The frame for this member of staff.
    func signedIn(at place: ClinicPlace?, _ person: Person) -> Frame {
        signedIn(
            at: place, as: person.view.displayName ?? person.view.username, reviews: person.role == .administrator,
            treats: person.role == .clinician || person.role == .nurse, answers: person.role.isStaff,
            bills: person.role == .billingOffice || person.role == .administrator)
    }
}

extension Incoming {
    /// Whose chart the address is of.
    fileprivate var patient: ID<Patient>? {
        let parts = uri.path.split(separator: "/", maxSplits: 2)
        return parts.count > 1 && parts[0] == "patients" ? ID(String(parts[1])) : nil
    }

    /// A whole number that the address asks for: a page, a version.
    func number(_ name: Substring) -> Int? { uri.queryParameters[name].flatMap { Int($0) } }
}
