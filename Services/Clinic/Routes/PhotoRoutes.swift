import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// A patient's photo, shown beside their name.
struct PhotoRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.file("/patients/:id/photo", parts.staff(show))
        routes.get(
            "/patients/:id/photo/change",
            parts.staff(where: \.mayInvite) { request, context, staff in
                var view = PhotoView(patient: try await staff.readPatient(try context.id("id", of: Patient.self)), now: staff.now)
                view.wasKept = request.uri.queryParameters["kept"] != nil
                return photoPage(view, in: staff.frame(at: .patients)).response()
            })
        routes.post("/patients/:id/photo/change", parts.staff(where: \.mayInvite, change))
        routes.post(
            "/patients/:id/photo/remove",
            parts.staff(where: \.mayInvite) { _, context, staff in try await keep(nil, context, staff) })
    }

    @Sendable private func show(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let query = ReadPhoto(patient: try context.id("id", of: Patient.self))
        guard case .done(let photo) = try await parts.bus.request(query, as: staff.person.token) else { throw HTTPError(.notFound) }
        return Response(
            status: .ok, headers: [.contentType: photo.type],
            body: .init(byteBuffer: ByteBuffer(bytes: photo.bytes)))
    }

    @Sendable private func change(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        // It takes as long as the browser takes.
        let photo = try await Deadline.$current.withValue(nil) { try await context.web.file?.small(atMost: KeepPhoto.mostBytes) }
        return try await Deadline.$current.withValue(.now + .seconds(2)) {
            switch photo {
            case .success(let bytes)?: try await keep(bytes, context, staff)
            case .failure(let problem)?: try await refused(problem, context, staff)
            case nil: try await refused(.notAnImage, context, staff)
            }
        }
    }

    private func keep(_ photo: Data?, _ context: GatewayContext, _ staff: Staff) async throws -> Response {
        let patient = try context.id("id", of: Patient.self)
        let command = KeepPhoto(patient: patient, photo: photo, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(patient)/photo/change?kept=1")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(.image(let problem)): return try await refused(problem, context, staff)
        }
    }

    private func refused(_ problem: ImageProblem, _ context: GatewayContext, _ staff: Staff) async throws -> Response {
        let patient = try await staff.readPatient(try context.id("id", of: Patient.self))
        let view = PhotoView(patient: patient, problem: problem, now: staff.now)
        return photoPage(view, in: staff.frame(at: .patients)).response(.unprocessableContent)
    }
}
