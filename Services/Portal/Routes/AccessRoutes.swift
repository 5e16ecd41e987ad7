import Access
import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// Who may see my record: what the patient says, who can see it, and what a change would do before it is saved.
struct AccessRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get(
            "/record/access",
            parts.visitor { request, _, visitor in
                var view = try await view(visitor, proposing: nil)
                let asked = request.uri.queryParameters
                view.isSaved = asked["saved"] != nil
                view.proxyDone = asked["proxy"].flatMap { AccessView.ProxyDone(rawValue: String($0)) }
                return accessPage(view, in: framed(view, visitor)).response()
            })
        routes.post("/record/access/check", parts.visitor(check))
        routes.post("/record/access", parts.visitor(save))
        routes.post("/record/access/proxies", parts.visitor(letIn))
        routes.post("/record/access/proxies/end", parts.visitor(shutOut))
    }

    private func view(_ visitor: Visitor, proposing lines: [ConsentLine]?) async throws -> AccessView {
        async let acting = Available { () async throws(BusError) in
            try await parts.bus.ask(ReadProxies(patient: visitor.patient), as: visitor.token)
        }
        let read = try await parts.bus.own(ReadConsent(patient: visitor.patient, proposed: lines), visitor.token)
        return AccessView(
            consent: read, lines: lines ?? read.lines, clinicians: parts.facts.directory?.practitioners ?? [], names: parts.facts.names(),
            proxies: try await acting, isOwn: visitor.acting == nil, now: visitor.now)
    }

    /// Lets somebody act for the patient.
    @Sendable private func letIn(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let submission = try parts.submission(context)
        let new = NewProxy(context.web.form)
        // Nobody may be let in by a slip of the keyboard.
        let again = context.web.form.trimmed("email-again")
        var view = try await view(visitor, proposing: nil)
        let until = new.until.isEmpty ? nil : Day(typed: new.until)?.iso ?? new.until
        view.emailsDiffer = again != new.email
        if !view.emailsDiffer {
            let command = GrantProxy(
                proxy: ID(submission), patient: visitor.patient, birthDate: view.consent.patient.birthDate ?? "", proxyName: new.name,
                email: new.email, relationship: new.relationship, level: new.level, until: until, language: context.web.t?.language.tag,
                key: submission)
            switch try await parts.bus.request(command, as: visitor.token) {
            case .done(let granted): return .seeOther("/record/access?proxy=\(granted.state == .invited ? "invited" : "granted")#proxies")
            case .refused(let refusal): view.proxyRefusal = refusal
            }
        }
        view.newProxy = new
        return accessPage(view, in: framed(view, visitor)).response(.unprocessableContent)
    }

    @Sendable private func shutOut(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        guard let proxy = context.web.form["proxy"].flatMap({ ID<Proxy>($0) }) else { throw HTTPError(.badRequest) }
        let command = WithdrawProxy(proxy: proxy, patient: visitor.patient, key: try parts.submission(context))
        guard case .done = try await parts.bus.request(command, as: visitor.token) else { throw HTTPError(.notFound) }
        return .seeOther("/record/access?proxy=withdrawn#proxies")
    }

    private func framed(_ view: AccessView, _ visitor: Visitor) -> Frame {
        visitor.frame(at: .record, view.consent.patient, asOf: view.consent.asOf)
    }

    /// Shows who would lose what; saves nothing.
    @Sendable private func check(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let form = context.web.form
        // Lines that are there already come with the form; those that are to go are ticked.
        let gone = Set(form.all("remove"))
        var lines = try form.all("line").filter { !gone.contains($0) }.map { text in
            guard let line = ConsentLine(form: text) else { throw HTTPError(.badRequest) }
            return line
        }
        let new = NewConsentLine(form)
        if !new.isEmpty {
            guard let line = new.line else {
                var view = try await view(visitor, proposing: nil)
                (view.new, view.problems) = (new, new.problems)
                return accessPage(view, in: framed(view, visitor)).response(.unprocessableContent)
            }
            if !lines.contains(line) { lines.append(line) }
        }
        guard lines.count <= 50 else { throw HTTPError(.badRequest) }
        let view = try await view(visitor, proposing: lines)
        return accessCheckPage(view, in: framed(view, visitor)).response()
    }

    @Sendable private func save(request: Incoming, context: GatewayContext, visitor: Visitor) async throws -> Response {
        let form = context.web.form
        guard let version = form.number("version") else { throw HTTPError(.badRequest) }
        let lines = form.all("line").compactMap(ConsentLine.init(form:))
        guard lines.count == form.all("line").count else { throw HTTPError(.badRequest) }
        let command = ChangeConsent(patient: visitor.patient, lines: lines, version: version, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: visitor.token) {
        case .done: return .seeOther("/record/access?saved=1")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(.invalidLines): throw HTTPError(.badRequest)
        case .refused(.changedMeanwhile):
            var view = try await view(visitor, proposing: lines)
            view.changedMeanwhile = true
            return accessCheckPage(view, in: framed(view, visitor)).response(.conflict)
        }
    }
}

/// What was typed for one more line.
struct NewConsentLine: Sendable {
    enum Problem: Sendable { case nobodyChosen, fromUnreadable, untilUnreadable, wrongOrder }

    var permits: Bool?
    /// `everybody`, `clinician`, `nurse`, or a practitioner's id.
    var who = ""
    /// A code, or empty for everything.
    var kind = ""
    var from = ""
    var until = ""

    init() {}

    init(_ form: FormData) {
        permits = ["permit": true, "deny": false][form["effect"] ?? ""]
        (who, kind) = (String(form.trimmed("who").prefix(40)), String(form.trimmed("kind").prefix(8)))
        (from, until) = (String(form.trimmed("from").prefix(40)), String(form.trimmed("until").prefix(40)))
    }

    var isEmpty: Bool { permits == nil }

    private static func day(_ typed: String) -> String?? {
        typed.isEmpty ? .some(nil) : Day(typed: typed).map { .some($0.iso) }
    }

    var problems: [Problem] {
        var problems: [Problem] = []
        if recipient == nil { problems.append(.nobodyChosen) }
        if Self.day(from) == nil { problems.append(.fromUnreadable) }
        if Self.day(until) == nil { problems.append(.untilUnreadable) }
        if problems.isEmpty, let from = Self.day(from) ?? nil, let until = Self.day(until) ?? nil, from > until { problems.append(.wrongOrder) }
        return problems
    }

    private var recipient: (practitioner: ID<Practitioner>?, role: String?)? {
        switch who {
        case "everybody": (nil, nil)
        case "clinician", "nurse": (nil, who)
        default: ID<Practitioner>(who).map { ($0, nil) }
        }
    }

    /// Nil while something is wrong.
    var line: ConsentLine? {
        guard problems.isEmpty, let permits, let recipient else { return nil }
        return ConsentLine(
            permits: permits, practitioner: recipient.practitioner, role: recipient.role, kind: kind.isEmpty ? nil : kind,
            from: Self.day(from) ?? nil, until: Self.day(until) ?? nil)
    }
}

extension ConsentLine {
    /// As a hidden field carries it: `deny|clinician|BH|2026-01-01|`.
    var form: String {
        [permits ? "permit" : "deny", practitioner?.description ?? role ?? "everybody", kind ?? "", from ?? "", until ?? ""].joined(separator: "|")
    }

    init?(form text: String) {
        let parts = text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, parts[0] == "permit" || parts[0] == "deny" else { return nil }
        func some(_ part: String) -> String? { part.isEmpty ? nil : part }
        let practitioner = ID<Practitioner>(parts[1])
        let role = practitioner == nil && parts[1] != "everybody" ? parts[1] : nil
        self.init(
            permits: parts[0] == "permit", practitioner: practitioner, role: role, kind: some(parts[2]), from: some(parts[3]), until: some(parts[4]))
    }
}
