import Access
import Contracts
import Foundation
import Testing
import Web
@testable import Clinic

/// Every page of the workspace, filled and empty, in each language.
@Suite struct PagesTests {
    let now: Moment
    let texts: Texts
    let patient = PatientSummary(
        id: ID(), name: "Maria <Alvarez>", family: "<Alvarez>", given: "Maria", birthDate: "1961-03-14", gender: "female", mrn: "RF-204817")
    let clinicians = (0..<12).map { DirectoryPractitioner(id: ID(), name: "Dr. Number \($0)") }

    init() throws {
        now = Moment(try Date("2026-11-24T16:41:00Z", strategy: .iso8601), in: try #require(Zone("America/Chicago")))
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        texts = try Texts(folders: [root.appending(path: "Services/Clinic/Localizable")])
    }

    func frame(_ language: Language = .english) -> Frame {
        let site = Site(name: "Riverside", phone: "555-0142", zone: now.zone, isDemo: true)
        return Frame(texts.wording(in: language), site: site, workplace: .clinic, stylePath: "/assets/chartline.css", path: "/", formKey: "key")
            .signedIn(at: .patients, as: "Rosa Diaz, RN")
    }

    func visits(_ count: Int) -> [AppointmentLine] {
        (0..<count).map { place in
            let start = ZonedTime(now.instant.addingTimeInterval(Double(place) * 120), local: "2026-11-24T10:41", zone: "America/Chicago")
            return AppointmentLine(
                appointment: ID(), version: 1, status: "booked", patient: patient.id, practitioner: clinicians[place % 12].id, location: ID(),
                service: "office-visit", start: start, end: start)
        }
    }

    func chart(_ size: Int) -> Chart {
        Chart(
            patient: patient,
            conditions: (0..<size).map { ConditionLine(id: ID(), display: "Condition \($0)", clinicalStatus: "active", onset: "2014-05") },
            allergies: (0..<min(size, 7)).map { AllergyLine(id: ID(), substance: "Substance \($0)", criticality: "high", reactions: ["Rash"]) },
            medications: (0..<size).map { MedicationLine(id: ID(), name: "lisinopril 10 MG Oral Tablet \($0)", status: "active") },
            immunizations: (0..<size).map { _ in ImmunizationLine(id: ID(), vaccine: "Influenza, seasonal", date: "2025-10-04") },
            results: (0..<size * 2).map { place in
                ResultLine(
                    id: ID(), code: "2089-1", display: "LDL cholesterol", status: "final", category: "laboratory", at: now.instant,
                    value: "14\(place)", unit: "mg/dL", number: 140, high: 130)
            }, encounters: [], encounterCount: size * 3, asOf: now.instant)
    }

    func glasses(_ count: Int) -> [BrokenGlassLine] {
        (0..<count).map { place in
            let findings: [BreakGlassFinding?] = [nil, .justified, .notJustified]
            return BrokenGlassLine(
                id: ID(), patient: place % 2 == 0 ? patient.id : ID(), account: ID(), practitioner: place % 3 == 0 ? nil : clinicians[0].id,
                role: "nurse", reason: BreakGlassReason.allCases[place % 4], words: "Found <Alvarez> at home", at: now.instant, until: now.instant,
                finding: findings[place % 3])
        }
    }

    func orders(_ count: Int) -> Orders {
        let states = ["draft", "active", "on-hold", "completed", "revoked"]
        let lines = (0..<count).map { place in
            OrderLine(
                order: ID(), version: 1, kind: OrderKind.allCases[place % 3], what: CodedText("<Alvarez> \(place)"), status: states[place % 5],
                reason: "<Alvarez>", due: "2026-11-01", priority: .stat, results: [ID()], overdue: place % 5 == 1)
        }
        return Orders(patient: patient, orders: lines, asOf: now.instant)
    }

    func loops(_ count: Int) -> OpenLoops {
        let results = chart(count).results.prefix(count).enumerated().map { place, line in
            WaitingResult(patient: patient, result: line, version: 1, since: now.instant, why: WaitingReason.allCases[place % 3])
        }
        return OpenLoops(
            overdue: orders(count).orders.map { OverdueOrder(patient: patient, order: $0) }, results: results, asOf: now.instant)
    }

    /// The longest page of each list there is, at once.
    func fullWorklist(_ language: Language = .english) -> HTML {
        let place = PageOfList(page: 2, pages: 16, total: 312)
        var loops = self.loops(20)
        (loops.overduePage, loops.resultsPage) = (place, place)
        let findings = (0..<3).map { SafetyFinding(entry: ID(), name: "Penicillin V \($0)", text: ["en": "More bleeding", "es": "Más sangrado"]) }
        let checks = SafetyCheck.Kind.allCases.map { SafetyCheck(kind: $0, state: .warning, findings: findings, table: "2026-10", isSample: true) }
        let renewals = (0..<15).map { place in
            RenewalLine(
                patient: patient, request: ID(), medicine: "lisinopril 10 MG Oral Tablet \(place)", dosage: "1 tablet by mouth, 2 times a day",
                words: String(repeating: "Three left. ", count: 20), asked: now.instant, report: SafetyReport(checks: checks))
        }
        return worklistPage(
            WorklistView(
                renewals: .here(Renewals(waiting: renewals, page: place)), notes: .here(UnsignedNotes(notes: [])), documents: .missing,
                loops: .here(loops), mayDecide: true, at: WorklistPages(results: 2, overdue: 2, renewals: 2), now: now), in: frame(language))
    }

    @Test func aLongWorklistSaysHowMuchThereIsAndLeadsToTheRest() {
        for (language, of) in [(Language.english, "20 of 312"), (.spanish, "20 de 312")] {
            let page = fullWorklist(language).markup
            #expect(page.utf8.count <= 100_000, "\(page.utf8.count)")
            #expect(page.components(separatedBy: of).count == 3 && page.contains(of.replacing("20", with: "15")))
            for list in ["results", "overdue", "renewals"] {
                for number in [1, 3] { #expect(page.contains("href=\"/worklist?\(list)=\(number)#\(list)\"")) }
            }
            // The answer comes back to the page it was given on: 20 results and 15 renewals.
            #expect(page.components(separatedBy: "name=\"page\" value=\"2\"").count == 36)
        }
    }

    func resultPages(_ chart: Chart, _ names: ClinicNames, _ frame: Frame) -> [HTML] {
        let order = orders(2).orders[1]
        return [
            orderPage(OrderView(chart: chart, order: order, mayOrder: true, refusal: .illegal(status: "revoked"), names: names, now: now), in: frame),
            enterResultPage(
                EnterResultView(
                    chart: chart, order: order, form: ResultForm(today: now.day, answering: order),
                    refusal: .invalid(problems: [EntryProblem("high-1", .notPossible)]), now: now), in: frame),
        ]
            + chart.results.prefix(1).map { line in
                let versions = (1...3).map { number in
                    ResultVersion(
                        version: number, at: now.instant, source: .clinic, practitioner: clinicians[0].id, status: "corrected", value: "<Alvarez>",
                        reason: "<Alvarez>")
                }
                let detail = ResultDetail(
                    line: line, version: 3, reading: ResultReading("140", unit: "mg/dL"), order: order.order, versions: versions,
                    acknowledgements: [ResultAcknowledgement(version: 1, at: now.instant)], waits: true)
                let view = ResultVersionsView(
                    chart: chart, result: detail, form: ResultForm(detail.reading, status: "corrected"), names: names, now: now)
                return resultVersionsPage(view, in: frame)
            }
    }

    @Test func aResultThatIsHeldBackCanBeCommentedOnAlsoOnceItWasSeen() {
        let chart = self.chart(1)
        func page(waits: Bool, heldSince: Date?) -> String {
            let detail = ResultDetail(line: chart.results[0], version: 2, versions: [], waits: waits, heldSince: heldSince)
            let view = ResultVersionsView(
                chart: chart, result: detail, form: ResultForm(detail.reading, status: "corrected"), names: ClinicNames(nil), now: now)
            return resultVersionsPage(view, in: frame()).markup
        }
        for (waits, held, isAsked) in [(true, true, true), (false, true, true), (true, false, true), (false, false, false)] {
            let form = "action=\"/worklist/results/\(chart.results[0].id)\""
            #expect(page(waits: waits, heldSince: held ? now.instant : nil).contains(form) == isAsked, "\(waits) \(held)")
        }
    }

    func changes(_ size: Int) -> ChangesView {
        let name = Detail.name(given: "Maria", family: "<Alvarez>")
        let lines = (0..<min(size, 50)).map { place in
            let request = DetailRequest(
                request: ID(), before: place % 2 == 0 ? nil : name, after: .birthDate(day: "1961-03-14"), asked: now.instant, status: "requested")
            return DemographicRequests.Line(patient: patient, request: request, now: place % 3 == 0 ? nil : name)
        }
        var view = ChangesView(found: DemographicRequests(waiting: lines, total: size), isDone: size == 0, now: now)
        view.refusal = lines.first.map { ($0.request.request, .wordsMissing, "<Alvarez>") }
        return view
    }

    func amendments(_ size: Int) -> OpenAmendmentsView {
        let lines = (0..<min(size, 20)).map { place in
            let amendment = Amendment(
                request: ID(), entry: RecordLine(type: "Condition", id: ID(), title: "Torn <Alvarez>", details: ["Knee"]), wrong: "<Alvarez>",
                right: "Other", asked: now.instant, due: now.instant.addingTimeInterval(Double(place - 1) * 86_400), status: "requested")
            return OpenAmendments.Line(patient: patient, amendment: amendment)
        }
        var view = OpenAmendmentsView(found: OpenAmendments(waiting: lines, total: size), isDone: size == 0, mayDecide: size > 1, now: now)
        view.refusal = lines.first.map { ($0.amendment.request, .wordsMissing, "<Alvarez>") }
        return view
    }

    func settings(_ size: Int, _ frame: Frame) -> [HTML] {
        let words = String(repeating: "<Alvarez> ", count: size)
        let text = NoteText(history: words, findings: words, assessment: words, plan: words, instructions: words)
        let content = NoteTemplateContent(title: "<Alvarez>", reason: "<Alvarez>", text: text, retired: size == 1)
        let changes = (0..<size).map { SettingChange(version: size - $0, at: now.instant, account: ID()) }
        let history = NoteTemplateHistory(
            changes: changes, total: size, shown: size, before: NoteTemplateContent(title: "<Alvarez>s", text: NoteText()), after: content)
        let lines = (0..<size).map { _ in NoteTemplateLine(template: ID(), version: 1, title: "<Alvarez>", reason: "<Alvarez>", retired: size == 1) }
        let view = NoteTemplatePageView(
            template: size == 0 ? nil : ID(), version: size, content: content, history: size == 0 ? nil : history,
            people: changes.first?.account.map { [$0: "<Alvarez>"] } ?? [:],
            refusal: size == 0 ? .invalid(problems: [EntryProblem("history", .missing)]) : size == 1 ? .changedMeanwhile(version: 2) : nil, now: now)
        let type = VisitService(code: "office-visit", name: ["en": "<Alvarez>", "es": "<Alvarez>"], minutes: 20)
        let hours = Hours(
            zone: "America/Chicago", services: ["office-visit"], weekly: [WeeklyHours(weekday: 1, from: "09:00", until: "12:00")], from: "2026-11-23",
            until: "2027-11-23")
        let outside = OutsideVisit(start: ZonedTime(now.instant, local: "2026-11-24T10:41", zone: "America/Chicago"), service: "office-visit")
        let places = Directory(practitioners: clinicians, locations: [DirectoryLocation(id: ID(), name: "<Alvarez>", zone: "America/Chicago")])
        let schedule = [
            visitTypesPage(VisitTypes(types: (0..<size).map { _ in VisitTypeLine(type: type, version: 1) }), wasKept: size == 0, in: frame),
            visitTypePage(
                VisitTypeView(
                    code: size == 0 ? nil : type.code, form: VisitTypeForm(type),
                    history: VisitTypeHistory(changes: changes, total: size, shown: size, after: type),
                    refusal: .invalid(problems: [EntryProblem("minutes", .notPossible), EntryProblem("en", .missing)]), now: now), in: frame),
            hoursListPage(
                HoursListView(
                    found: HoursOfAll(
                        hours: (0..<size).map { _ in HoursLine(practitioner: ID(), location: ID(), version: 1, hours: hours) }, services: [type]),
                    directory: places, wasKept: size == 0, now: now), in: frame),
            hoursPage(
                HoursView(
                    practitioner: clinicians[0].id, location: ID(), version: size, form: HoursForm(hours, today: now.day, zone: "UTC"),
                    services: [type], history: size == 0 ? nil : HoursHistory(changes: changes, total: size, shown: 1, after: hours), people: [:],
                    problems: size == 0 ? ["day-1", "service", "notice", "from"] : [],
                    refusal: size == 1 ? .visitsOutside(count: 3, first: [outside]) : nil, names: ClinicNames(places, services: [type]), now: now),
                in: frame),
        ]
        return schedule + [
            settingsPage(in: frame), noteTemplatesPage(NoteTemplates(templates: lines), wasKept: size == 0, in: frame),
            noteTemplatePage(view, in: frame),
        ]
    }

    func visitPages(_ size: Int, _ names: ClinicNames, _ frame: Frame) -> [HTML] {
        let line = visits(1)[0]
        let opening = Opening(practitioner: line.practitioner, location: line.location, service: line.service, start: line.start, end: line.end)
        let services = [VisitService(code: "office-visit", name: ["en": "<Alvarez>"], minutes: 20)]
        var times = PatientTimesView(
            patient: patient.id, summary: size == 0 ? nil : patient, services: services, clinicians: clinicians, names: names,
            service: "office-visit", moving: size == 1 ? line : nil, openings: size == 0 ? [] : [opening],
            nextDay: "2026-12-01", problem: size == 1 ? .taken([opening]) : nil, now: now)
        if size > 1 { times.problem = .patientBusy(ID()) }
        var noshow = line
        noshow.status = "noshow"
        let refusals: [MarkRefusal] = [.reasonMissing, .illegal(status: "booked"), .notYours, .notNow, .timeTaken, .changedMeanwhile(version: 2)]
        let pages = refusals.map { refusal in
            patientVisitPage(
                PatientVisitView(
                    patient: patient.id, summary: patient, visit: size == 0 ? line : noshow, names: names, mayBook: true, role: .frontDesk,
                    done: size == 0 ? .booked : nil, problem: size == 1 ? .tooLate : nil, notMarked: size == 1 ? nil : refusal, now: now), in: frame)
        }
        let places = Directory(practitioners: clinicians, locations: [DirectoryLocation(id: ID(), name: "<Alvarez>", zone: "America/Chicago")])
        let collisions = [Collision.Kind.visit, .leave, .holiday, .hours].map { Collision(kind: $0, start: line.start, service: line.service) }
        let over = OverView(
            patient: patient.id, summary: patient, services: times.services, directory: places, names: names, form: OverForm(service: nil),
            refusal: size == 0 ? nil : size == 1 ? .collides(collisions) : .invalid(problems: [EntryProblem("start", .notPossible)]), now: now)
        let leave = AbsenceLine(
            id: UUID(), what: .leave(practitioner: line.practitioner, from: "2026-11-24T00:00", until: "2026-11-26T00:00", zone: "America/Chicago"),
            note: "<Alvarez>", affected: size)
        let absences = (0..<size).map { _ in leave }
        let left = visits(size)
        let offers = left.enumerated().filter { $0.offset % 4 != 3 }.map { place, visit in
            OtherTime(
                visit: visit.appointment, start: place % 4 == 0 ? visit.start : nil, until: place % 4 == 0 ? now.instant : nil, declined: place % 4,
                isOpen: place % 4 != 2)
        }
        let affected = AffectedVisits(absence: leave, appointments: left, services: [], asOf: now.instant, offers: offers)
        return pages + [
            patientTimesPage(times, in: frame), board(size, frame), waiting(size, frame), month(size, frame), calendarPage(calendar(size), in: frame),
            phonePage(phone(times, size), in: frame), overPage(over, in: frame),
            absencesPage(AbsencesView(found: Absences(absences: absences, total: size), names: names, isEnded: size == 0), in: frame),
            newAbsencePage(
                NewAbsenceView(
                    form: AbsenceForm(size == 0 ? .holiday : .leave, today: now.day), directory: places,
                    problems: size == 0 ? [] : [EntryProblem("day", .notPossible), EntryProblem("note", .missing)], isKnown: size == 1), in: frame),
            affectedPage(
                AffectedView(
                    found: affected, patients: [patient.id: patient], names: names, isNew: size == 1, isSought: size > 1, now: now), in: frame),
            resourcesPage(resources(size), in: frame),
        ]
    }

    func resources(_ size: Int) -> ResourcesView {
        let lines = (0..<size).map { place in
            ResourceLine(
                resource: PlaceResource(
                    id: UUID(), location: ID(), kind: place % 2 == 0 ? .room : .device, sort: "treatment-room", name: "<Room \(place)>",
                    isRetired: place % 3 == 0), version: 1)
        }
        let problems = [EntryProblem("sort", .notPossible), EntryProblem("name", .missing)]
        return ResourcesView(
            lines: lines, directory: Directory(practitioners: [], locations: [DirectoryLocation(id: ID(), name: "<Main>")]), names: ClinicNames(nil),
            typed: nil, refusal: size == 0 ? nil : size == 1 ? .invalid(problems: problems) : .changedMeanwhile(version: 2), wasKept: size == 0)
    }

    func board(_ size: Int, _ frame: Frame) -> HTML {
        let lines = visits(size)
        let people = size == 1 ? [:] : [patient.id: patient]
        return boardPage(
            BoardView(
                day: DayOfAppointments(day: "2026-11-24", appointments: lines, services: [], asOf: now.instant), patients: people,
                names: ClinicNames(nil), role: .frontDesk, refusal: size == 1 ? .notNow : nil, now: now), in: frame)
    }

    func month(_ size: Int, _ frame: Frame) -> HTML {
        let found = ScheduleMonth(
            overrides: visits(size).map { Override(visit: $0, reason: "Fever <since> yesterday") }, total: size, services: [],
            offers: OfferOutcomes(taken: size, declined: 0, lapsed: size / 2))
        return scheduleMonthPage(ScheduleMonthView(month: now.day.firstOfMonth, found: found, names: ClinicNames(nil)), in: frame)
    }

    func waiting(_ size: Int, _ frame: Frame) -> HTML {
        let start = ZonedTime(now.instant, local: "2026-11-24T10:41", zone: "America/Chicago")
        let lines = (0..<size).map { place in
            WaitingLine(
                waiting: ID(), kind: WaitingKind.allCases[place % 3], patient: patient.id, service: place % 4 == 2 ? nil : "office-visit",
                practitioner: clinicians[place % 12].id,
                wishes: VisitWishes(from: "2026-11-24", until: "2026-12-24", weekdays: [1, 3], part: .morning), since: now.instant,
                offer: place % 6 == 0 ? WaitingOffer(
                    offer: ID(), practitioner: clinicians[0].id, location: ID(), start: start, end: start, until: now.instant) : nil,
                promised: place % 3 == 2 ? start : nil)
        }
        return waitingListPage(
            WaitingListView(
                found: Waitings(lines: lines, total: size, services: [], asOf: now.instant), patients: size == 1 ? [:] : [patient.id: patient],
                names: ClinicNames(Directory(practitioners: clinicians, locations: [])), mayBook: true, isDone: size == 0,
                refusal: size == 1 ? .over : nil, now: now), in: frame)
    }

    func calendar(_ count: Int, beside: Int = 12) -> CalendarView {
        let day = Day("2026-11-24") ?? now.day
        let lines = (0..<count).map { place in
            let minutes = 8 * 60 + place / beside * 20
            let local = "2026-11-24T\(minutes / 60 < 10 ? "0" : "")\(minutes / 60):\(minutes % 60 == 0 ? "00" : "\(minutes % 60)")"
            let start = ZonedTime(now.instant.addingTimeInterval(Double(minutes) * 60), local: local, zone: "America/Chicago")
            let end = ZonedTime(start.instant.addingTimeInterval(1_200), local: local, zone: "America/Chicago")
            return AppointmentLine(
                appointment: ID(), version: 1, status: ["booked", "arrived", "fulfilled", "noshow"][place % 4], patient: patient.id,
                practitioner: clinicians[place % beside % 12].id, location: ID(), service: "office-visit", start: start, end: end,
                isOverride: place % 5 == 0 ? true : nil)
        }
        let hours: [CalendarHour] = count == 0 ? [] : clinicians.flatMap { clinician in
            (8..<17).map { CalendarHour(practitioner: clinician.id, day: "2026-11-24", hour: $0, minutes: 60, free: $0 % 3 * 20) }
        }
        return CalendarView(
            day: day, first: day, found: CalendarDays(appointments: lines, hours: hours, services: [], asOf: now.instant),
            patients: [patient.id: patient], clinicians: clinicians, places: [],
            names: ClinicNames(Directory(practitioners: clinicians, locations: [])), mayBook: true, now: now)
    }

    /// A full day of twelve clinicians, 27 visits each.
    @Test func aFullDayOfTwelveCliniciansIsOnePage() {
        let page = calendarPage(calendar(324), in: frame()).markup
        #expect(page.utf8.count <= 100_000, "\(page.utf8.count)")
        #expect(page.components(separatedBy: "class=\"slot-box").count == 325)
        #expect(page.components(separatedBy: "scope=\"row\"").count == 10)
        // What is booked can be dragged, to hours that say how much of them is free.
        #expect(page.components(separatedBy: " data-m=\"20\"").count == 82 && page.contains("data-free=\"40\""))
        #expect(page.contains("data-to=\"with=Practitioner/\(clinicians[0].id)&amp;from=2026-11-24\""))
        var seen = calendar(324)
        seen.mayBook = false
        #expect(!calendarPage(seen, in: frame()).markup.contains("data-m="))
    }

    func phone(_ times: PatientTimesView, _ size: Int) -> PhoneView {
        let line = WaitingLine(waiting: ID(), kind: .call, patient: patient.id, service: "office-visit", since: now.instant)
        return PhoneView(
            times: times, coming: visits(min(size, 9)),
            waiting: Waitings(lines: size == 0 ? [] : [line], total: min(size, 1), services: [], asOf: now.instant))
    }

    @Test func threeHundredArrivalsAreOnePageAndThereAtOnce() {
        var lines = visits(300)
        for place in lines.indices { lines[place].patient = ID() }
        let view = BoardView(
            day: DayOfAppointments(day: "2026-11-24", appointments: lines, services: [], asOf: now.instant),
            patients: Dictionary(uniqueKeysWithValues: lines.map { ($0.patient, patient) }), names: ClinicNames(nil), role: .frontDesk, now: now)
        let started = ContinuousClock.now
        let page = boardPage(view, in: frame()).markup
        #expect(.now - started < .milliseconds(200))
        #expect(page.utf8.count <= 100_000, "\(page.utf8.count)")
        #expect(page.components(separatedBy: "<form").count <= 5)
    }

    func pages(_ frame: Frame, size: Int) -> [HTML] {
        let chart = chart(size)
        let series = ResultSeries(patient: patient, code: "2089-1", display: "LDL cholesterol", points: chart.results, asOf: now.instant)
        let names = ClinicNames(Directory(practitioners: clinicians, locations: []))
        let coming: Available<Appointments> =
            size == 0 ? .missing : .here(Appointments(coming: visits(3), past: [], services: [], asOf: now.instant))
        let day: Available<DayOfAppointments> =
            size == 0 ? .missing : .here(DayOfAppointments(day: "2026-11-24", appointments: visits(size * 4), services: [], asOf: now.instant))
        let invite = InviteView(patient: patient, portalAddress: "https://portal.example.org", now: now)
        var invited = invite
        invited.outcome = .invited(code: "K7QF-M2XP-9RTD", until: now)
        let state: ProxyState = size == 1 ? .granted : .withdrawn
        let lines = (0..<min(size, 20)).map { _ in
            ProxyLine(
                proxy: ID(), name: "Leo <Alvarez>", email: "leo@example.org", relationship: "parent", level: .full, state: state,
                granted: now.instant, ofChild: true, ends: now.instant, reason: size == 1 ? nil : "custody")
        }
        var child = patient
        child.birthDate = "2016-03-14"
        let proxies = ProxiesView(
            patient: size == 0 ? patient : child, proxies: lines, now: now, refusal: size == 1 ? .limitedAtMost : nil,
            reasonMissing: size == 1 ? lines.first?.proxy : nil, done: size == 0 ? .invited : nil)
        let found = FoundPatients(patients: (0..<min(size, 20)).map { _ in patient }, total: size)
        var pictured = patient
        (pictured.photo, pictured.language, pictured.alsoSpeaks, pictured.interpreter) = (true, "vi", ["en"], true)
        let pages = [
            staffSignInPage(StaffSignInView(username: "rosa", problem: .throttled(minutes: 3)), in: frame),
            staffActivatePage(StaffActivateView(problems: [.codeNotGood]), in: frame),
            findPatientPage(FindPatientView(text: "\"<alv", found: found, today: now.day), in: frame),
            chartPage(
                ChartView(
                    chart: chart, visits: coming, names: names, trends: [series], mayInvite: true, mayPrescribe: true, orders: .here(orders(size)),
                    now: now), in: frame),
            ordersPage(OrdersView(chart: chart, orders: orders(size), mayOrder: true, now: now), in: frame),
            newOrderPage(
                NewOrderView(
                    chart: chart, form: OrderForm(today: now.day), refusal: .invalid(problems: [EntryProblem("what", .missing)]), now: now),
                in: frame),
            worklistPage(
                WorklistView(
                    renewals: .missing, notes: .here(UnsignedNotes(notes: [])), documents: .missing,
                    loops: size == 0 ? .missing : .here(loops(min(size * 2, 50))), mayDecide: true, changed: true, now: now), in: frame),
            chartResultsPage(ChartResultsView(chart: chart, now: now), in: frame),
            dayPage(
                DayView(
                    day: now.day, appointments: day, patients: [patient.id: patient], names: names,
                    steps: FirstStepsView(steps: FirstStep.of(.nurse), done: [FindPatients.name], practice: patient, isAway: size == 1), now: now),
                in: frame),
            invitePage(invite, in: frame), invitePage(invited, in: frame), proxiesPage(proxies, in: frame),
            deskPage(DeskView(patient: patient, visits: coming, names: names, mayBook: true, now: now), in: frame),
            photoPage(PhotoView(patient: pictured, problem: size == 0 ? nil : .tooLarge, wasKept: size == 0, now: now), in: frame),
            findPatientPage(FindPatientView(text: "x", found: FoundPatients(patients: [pictured], total: 1), today: now.day), in: frame),
            breakGlassPage(BreakGlassView(patient: patient, today: now.day, words: "<Alvarez>", problems: [.reason, .words]), in: frame),
            changesPage(changes(size), in: frame), openAmendmentsPage(amendments(size), in: frame),
            brokenGlassesPage(
                BrokenGlassesView(
                    read: BrokenGlasses(glasses: glasses(size), open: size), patients: [patient.id: patient], names: names, now: now), in: frame),
        ]
        return pages + resultPages(chart, names, frame) + settings(size, frame) + visitPages(size, names, frame)
            + chart.results.prefix(1).map { chartResultPage(ChartResultView(chart: chart, newest: $0, series: series, now: now), in: frame) }
    }

    @Test(arguments: Language.allCases, [0, 1, 60])
    func pagesAreSmallWholeAndEscaped(_ language: Language, _ size: Int) {
        for page in pages(frame(language), size: size).map(\.markup) {
            #expect(page.utf8.count <= 100_000)
            #expect(page.hasPrefix("<!doctype html>") && page.hasSuffix("</html>\n"))
            #expect(page.components(separatedBy: "<h1").count == 2)
            #expect(!page.contains("⟨") && !page.contains("{") && !page.contains("<Alvarez>") && !page.contains("\"<alv"))
            #expect(!page.contains(" style=") && !page.contains("<script"))
            let ids = page.matches(of: /\sid="([^"]+)"/).map { String($0.1) }
            #expect(Set(ids).count == ids.count, "an id is used twice")
        }
    }

    @Test func firstStepsAreFiveAtMostAndTickedByWhatWasDone() {
        for role in Role.allCases {
            let steps = FirstStep.of(role)
            #expect(steps.count <= 5 && steps.isEmpty == !role.isStaff)
            #expect(Set(steps.map(\.action)).count == steps.count, "one act would tick two steps")
        }
        #expect(Set(Role.allCases.flatMap(FirstStep.of)) == Set(FirstStep.allCases))
        var view = FirstStepsView(steps: FirstStep.of(.clinician), practice: patient)
        func page() -> String { firstSteps(view, in: frame()).markup }
        #expect(page().contains("0 of 5 done") && page().contains("href=\"/patients/\(patient.id)/orders/new\""))
        #expect(page().components(separatedBy: "class=\"now\"").count == 2)
        view.done = [FindPatients.name, SignNote.name, InviteStaff.name]
        #expect(page().contains("2 of 5 done") && page().components(separatedBy: ">Done<").count == 3)
        view.done = Set(view.steps.map(\.action))
        #expect(page().contains("You have done all of these") && !page().contains("class=\"now\""))
        view.isAway = true
        #expect(!page().contains("<section") && page().contains("Show first steps"))
    }

    @Test func aPracticePatientIsSaidToBeOneAndCountsAsNoBooking() {
        var nobody = patient
        nobody.practice = true
        let says = "Practice patient – not a real person"
        #expect(
            !findPatientPage(FindPatientView(found: FoundPatients(patients: [patient], total: 1), today: now.day), in: frame()).markup.contains(says))
        #expect(
            findPatientPage(FindPatientView(found: FoundPatients(patients: [nobody], total: 1), today: now.day), in: frame()).markup.contains(says))
        let spanish = patientStrip(nobody, asOf: now, now, texts.wording(in: .spanish)).html.markup
        #expect(spanish.contains("Paciente de práctica – no es una persona real"))
        #expect(patientStrip(nobody, asOf: now, now, texts.wording(in: .english)).html.markup.contains(says))
        let day = DayOfAppointments(day: "2026-11-24", appointments: visits(3), services: [], asOf: now.instant)
        func page(_ whose: PatientSummary) -> String {
            let view = DayView(day: now.day, appointments: .here(day), patients: [whose.id: whose], names: ClinicNames(nil), now: now)
            return dayPage(view, in: frame()).markup
        }
        #expect(page(patient).contains("3 bookings") && !page(patient).contains(says))
        #expect(page(nobody).contains("0 bookings") && page(nobody).contains(says))
    }

    @Test func theDaySaysThatClocksDiffer() {
        var view = DayView(day: now.day, appointments: .missing, patients: [:], names: ClinicNames(nil), now: now)
        #expect(!dayPage(view, in: frame()).markup.contains("do not agree on what time it is"))
        view.clocksDiffer = true
        #expect(dayPage(view, in: frame()).markup.contains("do not agree on what time it is"))
    }

    @Test func noAllergyRecordedIsNotTheSameAsNone() {
        let view = ChartView(chart: chart(0), visits: .missing, names: ClinicNames(nil), mayInvite: false, orders: .missing, now: now)
        let page = chartPage(view, in: frame()).markup
        #expect(page.contains("NOT ASKED"))
        #expect(page.contains("Interaction check NOT DONE"))
    }

    @Test func aTemplateTakesNothingAwayAndComesOnce() {
        let template = NoteText(history: "Since when?", plan: "Rest", instructions: "Drink enough")
        let written = NoteText(history: "A cough", findings: "Clear", plan: "Rest\nand tea")
        let note = written.with(template)
        #expect(note == NoteText(history: "A cough\n\nSince when?", findings: "Clear", plan: "Rest\nand tea", instructions: "Drink enough"))
        #expect(note.with(template) == note)
        #expect(NoteText().with(template) == template && written.with(NoteText()) == written)
    }

    @Test func hoursAreReadAsTheyAreTyped() throws {
        func form(_ monday: String, from: String = "2026-11-23") throws -> HoursForm {
            let fields = ["day-1": monday, "zone": "America/Chicago", "service": "office-visit", "from": from, "until": "2027-01-31", "notice": "60"]
            let body = fields.map { "\($0)=\($1.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")" }.joined(separator: "&")
            return HoursForm(try FormData(Array(body.utf8)))
        }
        let hours = try form(" 9:00 - 12:30, 13:00–24:00 ").hours
        #expect(
            hours?.weekly == [
                WeeklyHours(weekday: 1, from: "09:00", until: "12:30"), WeeklyHours(weekday: 1, from: "13:00", until: "24:00"),
            ])
        for wrong in ["9", "9:00", "12:00-9:00", "09:00-25:00", "09:00-12:00, 11:00-13:00", "09:60-10:00", "٠٩:00-10:00"] {
            #expect(try form(wrong).problems == ["day-1"], "\(wrong)")
        }
        #expect(try form("", from: "soon").problems == ["from"] && form("").hours?.weekly == [])
    }

    @Test func aTemplateForTheReasonIsChosenFirst() {
        let lines = [
            NoteTemplateLine(template: ID(), version: 1, title: "Any"), NoteTemplateLine(template: ID(), version: 1, title: "Cough", reason: "Cough"),
            NoteTemplateLine(template: ID(), version: 1, title: "Old", reason: "dry", retired: true),
        ]
        let choice = templateChoice(lines, reason: "A dry cough", path: "/p", [], texts.wording(in: .english))?.markup ?? ""
        #expect(choice.contains("value=\"\(lines[1].template)\" selected") && !choice.contains("Old"))
        #expect(templateChoice([lines[2]], reason: "dry", path: "/p", [], texts.wording(in: .english)) == nil)
    }

    @Test func aSearchPostsSoThatNamesStayOutOfAddresses() {
        let page = findPatientPage(FindPatientView(text: "alvarez", found: nil, today: now.day), in: frame()).markup
        #expect(page.components(separatedBy: "method=\"post\"").count - 1 == page.components(separatedBy: "<form").count - 1)
    }
}
