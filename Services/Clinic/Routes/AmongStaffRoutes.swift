import Contracts
import Crypto
import Foundation
import Hummingbird
import MessageBus
import Web

/// What colleagues write to each other on a chart.
struct AmongStaffRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/patients/:id/among-staff",
            parts.chart { _, context, staff in try await page(context, staff) { _ in }.response() })
        routes.post("/patients/:id/among-staff", parts.chart(write))
        routes.post("/patients/:id/among-staff/forward", parts.chart(forward))
    }

    private func page(_ context: GatewayContext, _ staff: Staff, _ change: (inout AmongStaffView) -> Void) async throws -> HTML {
        let patient = try context.id("id", of: Patient.self)
        async let owner = staff.readPatient(patient)
        let messages = try await parts.bus.ask(ReadStaffMessages(patient: patient), as: staff.person.token)
        var view = AmongStaffView(patient: try await owner, messages: messages, names: parts.facts.names(), now: staff.now)
        change(&view)
        return amongStaffPage(view, in: staff.frame(at: .patients))
    }

    @Sendable private func write(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let patient = try context.id("id", of: Patient.self)
        let text = context.web.form.trimmed("text")
        switch try await parts.bus.request(
            WriteStaffMessage(patient: patient, text: text, key: try parts.submission(context)), as: staff.person.token)
        {
        case .done: return .seeOther("/patients/\(patient)/among-staff")
        case .refused(let refusal):
            return try await page(context, staff) { ($0.typed, $0.refusal) = (text, refusal) }.response(.unprocessableContent)
        }
    }

    /// A message becomes a document of the chart, once, however often it is put there.
    @Sendable private func forward(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let patient = try context.id("id", of: Patient.self)
        let token = staff.person.token
        let all = try await parts.bus.ask(ReadStaffMessages(patient: patient), as: token).messages
        guard let wanted = ID<ThreadMessage>(context.web.form.trimmed("message")), let line = all.first(where: { $0.message == wanted }),
            !line.text.isEmpty
        else { throw HTTPError(.notFound) }
        let t = staff.frame.t
        let author = line.practitioner.map { parts.facts.names().clinician($0, t).plainText } ?? t("among.colleague").plainText
        let content = Data("\(author), \(line.at.formatted(.iso8601))\n\n\(line.text)\n".utf8)
        let part = PutDocumentPart(patient: patient, upload: ID(wanted.uuid), offset: 0, bytes: content)
        guard case .done = try await parts.bus.request(part, as: token) else { throw HTTPError(.conflict) }
        let command = FileDocument(
            patient: patient, document: ID(wanted.uuid), upload: ID(wanted.uuid), size: content.count, digest: Data(SHA256.hash(data: content)),
            title: t("among.document").plainText, type: "34109-9", key: try parts.submission(context))
        switch try await parts.file(command, of: request) {
        case .done, .refused(.idInUse), .refused(.wrongDigest): return .seeOther("/patients/\(patient)/documents/\(command.document)")
        case .refused: throw HTTPError(.conflict)
        }
    }
}
