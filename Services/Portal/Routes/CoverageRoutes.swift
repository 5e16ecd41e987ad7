import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// The patient's insurance cards: what they say, and their two sides.
struct CoverageRoutes {
    /// LOINC: Health insurance card.
    private static let card = "64290-0"
    private static let largest = 25 << 20

    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/coverage",
            parts.visitor { _, _, visitor in
                let (coverages, frame) = try await coverages(visitor)
                return coveragesPage(CoveragesView(coverages: coverages, now: visitor.now), in: frame).response()
            })
        routes.post("/coverage", parts.visitor(add))
        routes.get(
            "/coverage/:coverage",
            parts.visitor { request, context, visitor in
                let (shown, frame) = try await coverage(context, visitor)
                var view = shown
                view.wasKept = request.uri.queryParameters["kept"] != nil
                return coveragePage(view, in: frame).response()
            })
        routes.post("/coverage/:coverage/front", parts.visitor { try await photograph(isBack: false, $0, $1, $2) })
        routes.post("/coverage/:coverage/back", parts.visitor { try await photograph(isBack: true, $0, $1, $2) })
    }

    private func coverages(_ visitor: Visitor) async throws -> (Coverages, Frame) {
        async let known = Available(visitor.readPatient)
        let coverages = try await parts.bus.ask(ReadCoverages(patient: visitor.patient), as: visitor.token)
        return (coverages, visitor.frame(at: .bills, try await known.value, asOf: coverages.asOf))
    }

    private func coverage(_ context: GatewayContext, _ visitor: Visitor) async throws -> (view: CoverageView, frame: Frame) {
        let id = try context.id("coverage", of: Coverage.self)
        let (coverages, frame) = try await coverages(visitor)
        guard let line = coverages.coverages.first(where: { $0.coverage == id }) else { throw HTTPError(.notFound) }
        return (CoverageView(line: line, now: visitor.now), frame)
    }

    @Sendable private func add(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let form = CoverageForm(typed: context.web.form)
        let command = AddCoverage(patient: visitor.patient, coverage: ID(try parts.submission(context)), details: form.details)
        switch try await parts.bus.request(command, as: visitor.token) {
        case .done: return .seeOther("/coverage/\(command.coverage)?kept=1")
        case .refused(let refusal):
            let (coverages, frame) = try await coverages(visitor)
            let view = CoveragesView(coverages: coverages, form: form, refusal: refusal, now: visitor.now)
            return coveragesPage(view, in: frame).response(.unprocessableContent)
        }
    }

    /// The picture goes into the record as every document does, and of it the picture alone; then the insurance names it.
    private func photograph(isBack: Bool, _ request: Incoming, _ context: GatewayContext, _ visitor: Visitor) async throws -> Response {
        let key = try parts.submission(context)
        let (shown, frame) = try await coverage(context, visitor)
        var view = shown
        func refused(_ problem: DocumentProblem) -> Response {
            view.problem = (isBack, problem)
            return coveragePage(view, in: frame).response(.unprocessableContent)
        }
        let file: UploadedFile
        switch try await parts.upload(context.web.file, as: ID(key), to: visitor.patient, atMost: Self.largest, of: request) {
        case .failure(let problem): return refused(.upload(problem))
        case .success(let sent): file = sent
        }
        let title = isBack ? frame.t("coverage.back") : frame.t("coverage.front")
        let document = FileDocument(
            patient: visitor.patient, document: ID(key), upload: file.upload, size: file.size, digest: file.digest, title: title.plainText,
            type: Self.card, key: key)
        if case .refused(let refusal) = try await parts.file(document, of: request) { return refused(.filing(refusal)) }
        let keep = KeepCardPicture(
            patient: visitor.patient, coverage: shown.line.coverage, isBack: isBack, document: document.document, key: key)
        switch try await parts.follow(keep, of: request) {
        case .done, .refused(.notOpen), .refused(.reasonMissing): return .seeOther("/coverage/\(shown.line.coverage)?kept=1")
        case .refused(.notFound): throw HTTPError(.notFound)
        }
    }
}
