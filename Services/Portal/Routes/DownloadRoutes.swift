import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// The patient's record to take away. Each download is written down as one.
struct DownloadRoutes {
    /// What one part is waited for.
    private static let partTime = Duration.seconds(10)

    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/record/download",
            parts.visitor { request, _, visitor in
                let days = DownloadDays(from: request.uri.queryParameters["from"], through: request.uri.queryParameters["through"])
                return try await page(days, visitor)
            })
        routes.post("/record/download/json", parts.visitor { _, context, visitor in
            try await ofDays(context, visitor) { try await download(JSONDownload(base: base, days: $0), visitor) }
        })
        routes.post("/record/download/html", parts.visitor { _, context, visitor in
            try await ofDays(context, visitor) { try await download(HTMLDownload(visitor: visitor, days: $0), visitor) }
        })
        routes.post("/record/download/pdf", parts.visitor { _, context, visitor in
            try await ofDays(context, visitor) { try await sendPDF(HTMLDownload(visitor: visitor, days: $0), visitor) }
        })
    }

    private func page(_ days: DownloadDays, _ visitor: Visitor) async throws -> Response {
        let view = DownloadView(days: days, offersPDF: parts.printer.isAvailable)
        let page = downloadPage(view, in: visitor.frame(at: .record, try await visitor.readPatient()))
        return page.response(days.wrong.isEmpty ? .ok : .unprocessableContent)
    }

    private func ofDays(
        _ context: GatewayContext, _ visitor: Visitor, _ answer: (DownloadDays) async throws -> Response
    ) async throws -> Response {
        let days = DownloadDays(context.web.form)
        return days.wrong.isEmpty ? try await answer(days) : try await page(days, visitor)
    }

    private var base: String { "\(parts.gateway.publicURL)/fhir" }

    private func part(_ file: some Download, _ visitor: Visitor, after: ID<Resource>? = nil) async throws -> RecordExport {
        let days = file.days.chosen.map { ExportDays(from: $0.from?.iso, through: $0.through?.iso, zone: visitor.now.zone.name) }
        let query = ExportRecord(patient: visitor.patient, form: file.form, after: after, days: days)
        switch try await parts.bus.request(query, as: visitor.token, within: Self.partTime) {
        case .done(let part): return part
        case .refused(.notFound): throw BusError.notAllowed
        }
    }

    /// The first part is there before the answer begins, so that a service that is away is a page that says so. What fails later breaks the download
    /// off: a browser does not take it for whole.
    private func download(_ file: some Download, _ visitor: Visitor) async throws -> Response {
        let first = try await part(file, visitor)
        return .attachment(file.name, file.contentType) { write in
            try await write(file.beginning(first))
            var (part, omitted, isFirst) = (first, first.omitted, true)
            while true {
                try await write(file.middle(part, isFirst: isFirst))
                isFirst = isFirst && part.resources.isEmpty
                guard let next = part.next else { break }
                part = try await self.part(file, visitor, after: next)
                omitted += part.omitted
            }
            let hasVisits = try await visits(file, visitor, isFirst: isFirst, write)
            try await write(file.end(omitted, hasVisits: hasVisits))
        }
    }
}

extension DownloadRoutes {
    /// The visits, which scheduling has, into a file of resources. Whether all of them are there: the record does not wait for who is away.
    private func visits(
        _ file: some Download, _ visitor: Visitor, isFirst: Bool, _ write: (String) async throws -> Void
    ) async throws -> Bool {
        guard file.form == .resources else { return true }
        let span = file.days.span(in: visitor.now.zone)
        var (isFirst, after): (Bool, String?) = (isFirst, nil)
        repeat {
            let query = SearchAppointments(patient: visitor.patient, from: span.from, until: span.until, count: 200, after: after)
            guard case .done(let found)? = try? await parts.bus.request(query, as: visitor.token, within: Self.partTime) else { return false }
            try await write(file.middle(found.resources, isFirst: isFirst))
            isFirst = isFirst && found.resources.isEmpty
            after = found.next
        } while after != nil
        return true
    }

    /// The page to print as a PDF, which is made of the whole.
    private func sendPDF(_ file: HTMLDownload, _ visitor: Visitor) async throws -> Response {
        var part = try await part(file, visitor)
        let frame = visitor.frame(at: .record, part.patient)
        var page = file.beginning(part) + file.middle(part, isFirst: true)
        while let next = part.next, page.utf8.count <= PDFPrinter.longestPage {
            part = try await self.part(file, visitor, after: next)
            page += file.middle(part, isFirst: false)
        }
        return await parts.printer.file(
            "record.pdf", of: page + file.end([], hasVisits: true), orElse: "/record/download", shorter: frame.t("download.fewer-days"), in: frame)
    }
}

/// How a record becomes a file, part by part.
protocol Download: Sendable {
    var form: ExportForm { get }
    var days: DownloadDays { get }
    var contentType: String { get }
    var name: String { get }
    func beginning(_ first: RecordExport) -> String
    /// - Parameter isFirst: nothing stands before it.
    func middle(_ part: RecordExport, isFirst: Bool) -> String
    /// Visits, where the file is one of resources.
    func middle(_ visits: [FoundResource], isFirst: Bool) -> String
    /// - Parameters:
    ///   - omitted: what was too large to come along.
    ///   - hasVisits: false where not all of them came along.
    func end(_ omitted: [String], hasVisits: Bool) -> String
}

/// A FHIR R4 Bundle of the resources, each to the letter.
struct JSONDownload: Download {
    /// What resources' relative references are relative to.
    let base: String
    let days: DownloadDays
    let form = ExportForm.resources
    let contentType = "application/fhir+json; charset=utf-8"
    let name = "record.json"

    func beginning(_ first: RecordExport) -> String {
        #"{"resourceType":"Bundle","type":"collection","timestamp":"\#(first.asOf.formatted(.iso8601))","entry":["#
    }

    func middle(_ part: RecordExport, isFirst: Bool) -> String {
        entries(part.resources.map { ($0.type, $0.id.description, $0.json) }, isFirst: isFirst)
    }

    func middle(_ visits: [FoundResource], isFirst: Bool) -> String { entries(visits.map { ($0.type, $0.id, $0.json) }, isFirst: isFirst) }

    private func entries(_ resources: [(type: String, id: String, json: String)], isFirst: Bool) -> String {
        let entries = resources.map { #"{"fullUrl":"\#(base)/\#($0.type)/\#($0.id)","resource":\#($0.json)}"# }.joined(separator: ",\n")
        return entries.isEmpty || isFirst ? entries : ",\n\(entries)"
    }

    func end(_ omitted: [String], hasVisits: Bool) -> String {
        var issues = omitted.map { #"{"severity":"warning","code":"too-long","diagnostics":"\#($0)"}"# }
        if !hasVisits { issues.append(#"{"severity":"warning","code":"incomplete","diagnostics":"Appointment"}"#) }
        guard !issues.isEmpty else { return "]}\n" }
        return #",{"resource":{"resourceType":"OperationOutcome","issue":[\#(issues.joined(separator: ","))]}}]}"# + "\n"
    }
}

/// A page to read and to print, without anything from elsewhere.
struct HTMLDownload: Download {
    let visitor: Visitor
    let days: DownloadDays
    let form = ExportForm.lines
    let contentType = "text/html; charset=utf-8"
    let name = "record.html"

    func beginning(_ first: RecordExport) -> String {
        downloadBeginning(first.patient, days, asOf: Moment(first.asOf, in: visitor.now.zone), in: visitor.frame).markup
    }

    func middle(_ part: RecordExport, isFirst: Bool) -> String { RecordLines(part.lines, path: { _ in nil }, visitor.frame.t).html.markup }

    func middle(_ visits: [FoundResource], isFirst: Bool) -> String { "" }

    func end(_ omitted: [String], hasVisits: Bool) -> String { "</body>\n</html>\n" }
}
