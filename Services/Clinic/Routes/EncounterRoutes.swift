import Access
import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// A visit as it is written up: begun, measured, noted, signed, added to.
struct EncounterRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.get("/patients/:id/encounters/new", parts.chart(showNew))
        routes.post("/patients/:id/encounters", parts.chart(start))
        routes.get("/patients/:id/encounters/:encounter", parts.chart(show))
        routes.file("/patients/:id/encounters/:encounter/pdf", parts.chart(sendPDF))
        routes.post("/patients/:id/encounters/:encounter/vitals", parts.chart(recordVitals))
        routes.post("/patients/:id/encounters/:encounter/draft", parts.chart(keepDraft))
        routes.post("/patients/:id/encounters/:encounter/template", parts.chart(insertTemplate))
        routes.post("/patients/:id/encounters/:encounter/sign", parts.chart(sign))
        routes.post("/patients/:id/encounters/:encounter/addendum", parts.chart(addend))
    }

    @Sendable private func showNew(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let chart = try await staff.readChart(try context.id("id", of: Patient.self))
        let asked = request.uri.queryParameters
        var view = NewEncounterView(chart: chart, now: staff.now)
        if let visit = asked["visit"].flatMap({ ID<Appointment>(String($0)) }) { view.appointment = "\(visit)" }
        if asked["kind"] == "VR" { view.kind = "VR" }
        return newEncounterPage(view, in: staff.frame(at: .patients)).response()
    }

    @Sendable private func start(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let patient = try context.id("id", of: Patient.self)
        let (form, submission) = (context.web.form, try parts.submission(context))
        let command = StartEncounter(
            patient: patient, encounter: ID(submission), kind: form.trimmed("kind"), reason: form.trimmed("reason"),
            appointment: ID(form.trimmed("appointment")), key: submission)
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(patient)/encounters/\(command.encounter)")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            let view = NewEncounterView(
                chart: try await staff.readChart(patient), reason: command.reason, kind: command.kind,
                appointment: form.trimmed("appointment"), refusal: refusal, now: staff.now)
            return newEncounterPage(view, in: staff.frame(at: .patients)).response(.unprocessableContent)
        }
    }

    @Sendable private func show(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        var view = try await view(context, staff)
        view.wasSigned = request.uri.queryParameters["signed"] != nil
        view.wasInserted = request.uri.queryParameters["inserted"] != nil
        return encounterPage(view, in: staff.frame(at: .patients)).response()
    }

    /// What was signed; a draft is on no paper.
    @Sendable private func sendPDF(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        var view = try await view(context, staff)
        guard view.encounter.note != nil else { throw HTTPError(.notFound) }
        view.maySign = false
        let frame = staff.frame(at: .patients)
        let path = "/patients/\(view.chart.patient.id)/encounters/\(view.encounter.encounter)"
        return await parts.printer.file("visit.pdf", of: encounterPage(view, in: parts.onPaper(frame)).markup, orElse: path, in: frame)
    }

    private func view(_ context: GatewayContext, _ staff: Staff) async throws -> EncounterPageView {
        let query = ReadEncounter(patient: try context.id("id", of: Patient.self), encounter: try context.id("encounter", of: Resource.self))
        async let chart = staff.readChart(query.patient)
        async let templates = Available { () async throws(BusError) in try await parts.bus.ask(ReadNoteTemplates(), as: staff.person.token) }
        async let phrases = phrases(of: staff)
        guard case .done(let encounter) = try await parts.bus.request(query, as: staff.person.token) else { throw HTTPError(.notFound) }
        return EncounterPageView(
            chart: try await chart, encounter: encounter, maySign: staff.person.role == .clinician,
            offersPDF: parts.printer.isAvailable, templates: try await templates.value?.templates ?? [], phrases: try await phrases,
            names: parts.facts.names(), now: Moment(Date(), in: staff.now.zone))
    }

    /// None while they cannot be read: a note needs no phrases.
    private func phrases(of staff: Staff) async throws -> [Phrase] {
        try await Available { () async throws(BusError) in try await parts.bus.ask(ReadPhrases(), as: staff.person.token) }.value?.phrases ?? []
    }

    @Sendable private func recordVitals(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let patient = try context.id("id", of: Patient.self)
        let encounter = try context.id("encounter", of: Resource.self)
        let form = context.web.form
        let typed = Dictionary(uniqueKeysWithValues: (VitalSign.allCases.map(\.rawValue) + ["bloodPressure.second"]).map { ($0, form.trimmed($0)) })
        let readings = VitalSign.allCases.compactMap { sign -> VitalReading? in
            let (value, second) = (typed[sign.rawValue] ?? "", typed["\(sign.rawValue).second"])
            return value.isEmpty && second ?? "" == "" ? nil : VitalReading(sign, value, second: second)
        }
        let command = RecordVitals(patient: patient, encounter: encounter, at: Date(), readings: readings, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(patient)/encounters/\(encounter)")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            var view = try await view(context, staff)
            (view.refusal, view.readings) = (.vitals(refusal), typed)
            return encounterPage(view, in: staff.frame(at: .patients)).response(.unprocessableContent)
        }
    }

    /// Sent by the script while somebody types, and by the form's own button.
    @Sendable private func keepDraft(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let (patient, encounter, text, revision) = try typed(context)
        let isScript = request.headers[.accept] == "application/json"
        // The script writes phrases out as they are typed; without it this button does.
        let command = KeepNoteDraft(
            patient: patient, encounter: encounter, text: isScript ? text : text.expanding(try await phrases(of: staff)), revision: revision,
            key: try parts.submission(context))
        let answer = try await parts.bus.request(command, as: staff.person.token)
        if isScript {
            guard case .done(let saved) = answer else { throw HTTPError(.conflict) }
            let t = staff.frame.t
            let words = t("note.saved", ["time": t.clock(Moment(saved.saved, in: staff.now.zone))])
            return try .json(AutosaveAnswer(revision: saved.revision, words: words.plainText))
        }
        switch answer {
        case .done: return .seeOther("/patients/\(patient)/encounters/\(encounter)")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal): return try await refused(refusal, text, context, staff)
        }
    }

    /// A page that has been open for so long may not be the one its reader thinks of: signing asks whose chart it is.
    private static let surelySeen: TimeInterval = 30 * 60

    /// What a template says is saved with what was typed: nobody writes over anybody, here neither.
    @Sendable private func insertTemplate(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let (patient, encounter, text, revision) = try typed(context)
        guard let template = try await chosenTemplate(context, staff) else {
            var view = try await view(context, staff)
            (view.refusal, view.typed) = (.noTemplate, text)
            return encounterPage(view, in: staff.frame(at: .patients)).response(.unprocessableContent)
        }
        let command = KeepNoteDraft(
            patient: patient, encounter: encounter, text: text.with(template), revision: revision, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(patient)/encounters/\(encounter)?inserted=1")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal): return try await refused(refusal, text, context, staff)
        }
    }

    private func chosenTemplate(_ context: GatewayContext, _ staff: Staff) async throws -> NoteText? {
        guard let template = ID<NoteTemplate>(context.web.form.trimmed("template")) else { return nil }
        switch try await parts.bus.request(ReadNoteTemplate(template: template), as: staff.person.token) {
        case .done(let found): return found.content.retired ? nil : found.content.text
        case .refused(.notFound): return nil
        }
    }

    @Sendable private func sign(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let (patient, encounter, text, revision) = try typed(context)
        if let opened = context.web.form.number("opened"), Date().timeIntervalSince1970 - TimeInterval(opened) > Self.surelySeen {
            var view = try await view(context, staff)
            (view.asksWhose, view.typed) = (true, text)
            // Of what somebody else has signed meanwhile the answer says that.
            if view.encounter.draft != nil { return encounterPage(view, in: staff.frame(at: .patients)).response(.conflict) }
        }
        let command = SignNote(patient: patient, encounter: encounter, text: text, revision: revision, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(patient)/encounters/\(encounter)?signed=1")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal): return try await refused(refusal, text, context, staff)
        }
    }

    @Sendable private func addend(request: Incoming, context: GatewayContext, staff: Staff) async throws -> Response {
        let form = context.web.form
        guard let version = form.number("version") else { throw HTTPError(.badRequest) }
        let command = AddendNote(
            patient: try context.id("id", of: Patient.self), encounter: try context.id("encounter", of: Resource.self), version: version,
            text: form.trimmed("text"), corrects: form["corrects"] != nil, key: try parts.submission(context))
        switch try await parts.bus.request(command, as: staff.person.token) {
        case .done: return .seeOther("/patients/\(command.patient)/encounters/\(command.encounter)")
        case .refused(.notFound): throw HTTPError(.notFound)
        case .refused(let refusal):
            var view = try await view(context, staff)
            (view.refusal, view.addendum, view.corrects) = (.note(refusal), command.text, command.corrects)
            return encounterPage(view, in: staff.frame(at: .patients)).response(.unprocessableContent)
        }
    }

    private func typed(_ context: GatewayContext) throws -> (ID<Patient>, ID<Resource>, NoteText, Int) {
        let form = context.web.form
        guard let revision = form.number("revision") else { throw HTTPError(.badRequest) }
        return (
            try context.id("id", of: Patient.self), try context.id("encounter", of: Resource.self), NoteText(typed: form), revision
        )
    }

    /// What was typed stays on the page, whatever became of it.
    private func refused(_ refusal: NoteRefusal, _ text: NoteText, _ context: GatewayContext, _ staff: Staff) async throws -> Response {
        var view = try await view(context, staff)
        (view.refusal, view.typed) = (.note(refusal), text)
        return encounterPage(view, in: staff.frame(at: .patients)).response(.unprocessableContent)
    }
}

/// What the script is told: where the draft stands, and what to say.
private struct AutosaveAnswer: Encodable {
    let revision: Int
    let words: String
}
