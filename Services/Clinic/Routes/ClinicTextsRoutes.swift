import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// What pages and messages say of the clinic, for administrators: its name, how to reach it, words of its own, its logo.
struct ClinicTextsRoutes {
    /// The most a logo may have, in bytes.
    private static let largest = 100_000

    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/settings/clinic", parts.staff(where: \.isAdministrator, show))
        routes.post("/settings/clinic", parts.staff(where: \.isAdministrator, change))
    }

    @Sendable private func show(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        var view = try await view(showing: request.number("version"), staff)
        view.wasKept = request.uri.queryParameters["kept"] != nil
        return clinicTextsPage(view, in: staff.frame(at: .settings)).response()
    }

    private func view(showing version: Int? = nil, _ staff: Staff) async throws -> ClinicTextsPageView {
        async let people = staff.colleagues()
        guard case .done(let known) = try await parts.bus.request(ReadClinicTexts(version: version), as: staff.person.token) else {
            throw HTTPError(.notFound)
        }
        return ClinicTextsPageView(version: known.version, texts: known.texts, known: known, people: try await people, now: staff.now)
    }

    @Sendable private func change(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let form = context.web.form
        guard let version = form.number("version") else { throw HTTPError(.badRequest) }
        let key = try parts.submission(context)
        // It takes as long as the browser takes.
        let image = try await Deadline.$current.withValue(nil) { try await context.web.file?.small(atMost: Self.largest) }
        return try await Deadline.$current.withValue(.now + .seconds(2)) {
            var view = try await view(staff)
            let current = view.version
            (view.version, view.texts) = (version, ClinicTexts(form, logo: form["no-logo"] == nil ? view.texts.logo : nil))
            if case .failure(let problem)? = image {
                view.refusal = .image(problem: problem)
                return clinicTextsPage(view, in: staff.frame(at: .settings)).response(.unprocessableContent)
            }
            let command = KeepClinicTexts(version: version, texts: view.texts, image: try image?.get(), key: key)
            switch try await parts.bus.request(command, as: staff.person.token) {
            case .done: return .seeOther("/settings/clinic?kept=1")
            case .refused(.notFound): throw HTTPError(.notFound)
            case .refused(let refusal):
                view.refusal = refusal
                if case .changedMeanwhile = refusal {
                    view.version = current
                    return clinicTextsPage(view, in: staff.frame(at: .settings)).response(.conflict)
                }
                return clinicTextsPage(view, in: staff.frame(at: .settings)).response(.unprocessableContent)
            }
        }
    }
}

extension PostedFile {
    /// A picture that fits into memory. - Returns: nil where none was chosen.
    func small(atMost largest: Int) async throws -> Result<Data, ImageProblem>? {
        guard name != nil else { return nil }
        var bytes = Data()
        do {
            while let part = try await next() {
                bytes += part
                guard bytes.count <= largest else {
                    try await passOver()
                    return .failure(.tooLarge)
                }
            }
        } catch is PostedFile.Fault { throw HTTPError(.badRequest) }
        return .success(bytes)
    }
}
