import Contracts
import Foundation
import Testing
import Web
@testable import Portal

/// Every page of the portal, filled and empty, in each language.
@Suite struct PagesTests {
    static let zone = Zone("America/Chicago")
    let now: Moment
    let texts: Texts
    let patient = PatientSummary(
        id: ID(), name: "Maria <Alvarez>", family: "<Alvarez>", given: "Maria", birthDate: "1961-03-14", gender: "female", mrn: "RF-204817")
    let clinician = DirectoryPractitioner(id: ID(), name: "Dr. Ngozi Okafor")
    let location = DirectoryLocation(id: ID(), name: "Main building", address: "18 Mill Street", zone: "America/Chicago")
    let services = [VisitService(code: "office-visit", name: ["en": "Office visit", "es": "Consulta"], minutes: 20)]

    init() throws {
        now = Moment(try Date("2026-11-24T16:41:00Z", strategy: .iso8601), in: try #require(Self.zone))
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        texts = try Texts(
            folders: ["Localizable", "Education/Localizable"].map { root.appending(path: "Services/Portal/\($0)") })
    }

    var names: ClinicNames { ClinicNames(Directory(practitioners: [clinician], locations: [location]), services: services) }

    func frame(_ language: Language = .english) -> Frame {
        let site = Site(name: "Riverside", phone: "555-0142", zone: now.zone, isDemo: true)
        let t = texts.wording(in: language)
        return Frame(t, site: site, workplace: .portal, stylePath: "/assets/chartline.css", path: "/", formKey: "key")
            .signedIn(at: .home, as: patient.name, WhoBanner(name: patient.name, born: Day("1961-03-14"), asOf: now, t))
    }

    func time(hours: Double) -> ZonedTime {
        ZonedTime(now.instant.addingTimeInterval(hours * 3_600), local: "2026-11-25T09:00", zone: "America/Chicago")
    }

    func visit(_ status: String, hours: Double, held minutes: Double? = nil) -> AppointmentLine {
        AppointmentLine(
            appointment: ID(), version: 1, status: status, patient: patient.id, practitioner: clinician.id, location: location.id,
            service: "office-visit", start: time(hours: hours), end: time(hours: hours + 0.3),
            holdUntil: minutes.map { now.instant.addingTimeInterval($0 * 60) })
    }

    func result(_ value: String, days: Double, was: String? = nil) -> ResultLine {
        ResultLine(
            id: ID(), code: "2089-1", display: "LDL cholesterol", status: "final", category: "laboratory",
            at: now.instant.addingTimeInterval(-days * 86_400), value: value, unit: "mg/dL", number: Double(value), high: 130,
            corrected: was != nil, previousValue: was)
    }

    func chart(_ size: Int) -> Chart {
        Chart(
            patient: patient,
            conditions: (0..<size).map { ConditionLine(id: ID(), display: "Condition \($0)", clinicalStatus: "active", onset: "2014-05") },
            allergies: (0..<min(size, 5)).map { AllergyLine(id: ID(), substance: "Substance \($0)", criticality: "high", reactions: ["Rash"]) },
            medications: (0..<size).map { MedicationLine(id: ID(), name: "lisinopril 10 MG Oral Tablet \($0)", status: "active") },
            immunizations: (0..<size).map { _ in ImmunizationLine(id: ID(), vaccine: "Influenza, seasonal", date: "2025-10-04") },
            results: (0..<size * 2).map { result("14\($0 % 10)", days: Double($0)) },
            encounters: (0..<min(size, 20)).map { EncounterLine(id: ID(), display: "Visit \($0)", start: "2026-05-04T09:00:00-05:00") },
            encounterCount: size * 3, asOf: now.instant)
    }

    func booking(_ problem: BookingView.Problem? = nil) -> BookingView {
        let openings = [3.0, 4, 27, 28].map { hours in
            Opening(
                practitioner: clinician.id, location: location.id, service: "office-visit", start: time(hours: hours), end: time(hours: hours + 0.3))
        }
        return BookingView(
            services: services, clinicians: [clinician], names: names, service: "office-visit", openings: openings, problem: problem, now: now)
    }

    func moving(_ view: BookingView) -> BookingView {
        var view = view
        view.moving = visit("booked", hours: 20)
        return view
    }

    func access(_ size: Int) -> AccessView {
        let lines = (0..<min(size, 50)).map { place in
            ConsentLine(
                permits: place % 2 == 0, practitioner: place % 3 == 0 ? clinician.id : nil, role: place % 3 == 1 ? "nurse" : nil,
                kind: place % 2 == 0 ? "BH" : nil, from: "2026-11-01", until: place == 0 ? nil : "2027-01-\(10 + place % 20)")
        }
        let readers = (0..<size).map { place in
            RecordReader(
                practitioner: clinician.id, why: ["team", "visit", "permitted"][place % 3], seesRecord: place % 2 == 0, withheld: ["HIV", "SUD"],
                wouldSeeRecord: true, wouldBeWithheld: [])
        }
        let consent = ConsentView(patient: patient, version: size, lines: lines, readers: readers, asOf: now.instant)
        var view = AccessView(consent: consent, lines: lines, clinicians: [clinician], names: names, now: now)
        if size > 0 { view.proxies = .here(Proxies(proxies: proxies(size))) }
        if size == 1 { (view.newProxy.name, view.proxyRefusal, view.proxyDone) = ("<Alvarez>", .unknownRelationship, .withdrawn) }
        if size == 1 { (view.problems, view.changedMeanwhile, view.isSaved) = ([.nobodyChosen, .fromUnreadable, .wrongOrder], true, true) }
        return view
    }

    func proxies(_ size: Int) -> [ProxyLine] {
        (0..<min(size, 20)).map { place in
            let state: ProxyState = [.granted, .invited, .expired, .withdrawn][place % 4]
            return ProxyLine(
                proxy: ID(), name: "Leo <Alvarez>", email: "leo\"@example.org", relationship: NewProxy.relationships[place % 8], level: .limited,
                state: state, granted: now.instant, ofChild: place % 3 == 0, ends: place % 2 == 0 ? now.instant : nil,
                ended: state.hasEnded ? now.instant : nil, reason: state == .withdrawn ? "court-order" : nil)
        }
    }

    /// Whoever acts for somebody is told on every page whose record it is, and where to choose another.
    @Test func aPageOfSomebodyElsesRecordSaysSo() {
        let t = frame().t
        let whole = WhoBanner(actingFor: patient.name, born: Day("2016-03-14"), isPart: false, account: "rosa@example.org", others: "/people", t)
        let part = WhoBanner(actingFor: nil, born: nil, isPart: true, account: "rosa@example.org", others: "/people", t)
        let full = frame().signedIn(at: .home, as: patient.name, whole).page(title: "", "").markup
        let limited = frame().signedIn(at: .home, as: patient.name, part, seesAll: false).page(title: "", "").markup
        for page in [full, limited] {
            #expect(page.contains("class=\"who acting\"") && page.contains("href=\"/people\"") && page.contains("rosa@example.org"))
        }
        #expect(full.contains("You are looking at the record of") && full.contains("href=\"/looked\""))
        #expect(limited.contains("You see a part of it") && !limited.contains("href=\"/looked\""))
        // Nobody is let in by whoever acts, nor for a child.
        var view = access(1)
        #expect(accessPage(view, in: frame()).markup.contains("action=\"/record/access/proxies\""))
        view.isOwn = false
        #expect(!accessPage(view, in: frame()).markup.contains("/record/access/proxies"))
    }

    func waitings(_ size: Int) -> Waitings {
        let lines = (0..<size).map { place in
            let offer = WaitingOffer(
                offer: ID(), practitioner: clinician.id, location: location.id, start: time(hours: 30), end: time(hours: 31),
                until: now.instant.addingTimeInterval(600))
            return WaitingLine(
                waiting: ID(), kind: WaitingKind.allCases[place % 3], patient: patient.id, service: place % 4 == 2 ? nil : "office-visit",
                practitioner: place % 2 == 0 ? clinician.id : nil, visit: place % 2 == 0 ? ID() : nil,
                wishes: VisitWishes(from: "2026-11-24", until: "2026-12-24", weekdays: [1, 3], part: DayPart.allCases[place % 3]), since: now.instant,
                offer: place % 6 == 0 ? offer : nil, promised: place % 2 == 0 ? time(hours: 2) : nil,
                answer: place % 3 == 1 ? WaitingAnswer.allCases[place % 4] : nil, isInsteadOfVisit: place % 4 == 0 ? true : nil)
        }
        return Waitings(lines: lines, total: size, services: services, asOf: now.instant)
    }

    /// What is kept for them comes first, and says that what they have stays until they take it.
    @Test func anOfferSaysThatTheVisitStays() {
        let page = waitingPage(WaitingView(found: waitings(7), names: names, now: now), in: frame()).markup
        let (take, leave) = (page.range(of: "/visits/waiting/take"), page.range(of: "/visits/waiting/leave"))
        #expect(take.map { take in leave.map { take.lowerBound < $0.lowerBound } ?? false } == true)
        #expect(page.contains("Your visit stays as it is until you take this time."))
        #expect(page.components(separatedBy: "/visits/waiting/take").count == 3)
    }

    @Test func aLineOfConsentIsReadBackAsItWasWritten() {
        for line in access(50).lines { #expect(ConsentLine(form: line.form) == line) }
        for wrong in ["", "deny", "maybe|everybody|||", "deny|everybody|||||"] { #expect(ConsentLine(form: wrong) == nil) }
    }

    private static let all: [Detail] = [
        .phone(number: "+13125550142"), .address(line: "12 <Alvarez>", city: "Chicago", state: "IL", postalCode: "60608"), .language(tag: "es"),
        .email(address: "maria@example.org"), .name(given: "Maria", family: "<Alvarez>"), .birthDate(day: "1961-03-14"),
    ]

    func details(_ size: Int) -> DetailsView {
        let states = ["requested", "completed", "rejected"]
        let requests = (0..<min(size, 20)).map { place in
            DetailRequest(
                request: ID(), before: place % 2 == 0 ? nil : Self.all[4], after: Self.all[4], asked: now.instant, status: states[place % 3],
                decided: place % 3 == 0 ? nil : now.instant, words: place % 3 == 2 ? "Bring <Alvarez>" : nil)
        }
        let found = Details(patient: patient, details: size == 0 ? [] : Self.all, requests: requests, asOf: now.instant)
        return DetailsView(details: found, done: size == 1 ? .waits : nil, now: now)
    }

    func amendments(_ size: Int) -> AmendmentsView {
        let states = ["requested", "completed", "rejected"]
        let found = (0..<min(size, 20)).map { place in
            Amendment(
                request: ID(), entry: RecordLine(type: "Condition", id: ID(), title: "Torn <Alvarez>"), wrong: "Knee <Alvarez>", right: "Other",
                asked: now.instant, due: now.instant.addingTimeInterval(Double(place - 1) * 86_400), status: states[place % 3],
                decided: place % 3 == 0 ? nil : now.instant, words: "Because <Alvarez>")
        }
        return AmendmentsView(found: Amendments(patient: patient, amendments: found, total: size, asOf: now.instant), isAsked: size == 1, now: now)
    }

    /// Each field, and what may be wrong with it.
    func detailForms(_ frame: Frame) -> [HTML] {
        DetailField.allCases.flatMap { field in
            let problems = field.members.flatMap { [EntryProblem($0, .missing), EntryProblem($0, .notPossible)] }
            let before = Self.all.first { $0.field == field }
            return [
                DetailFormView(field: field, before: before, typed: before, problems: problems),
                DetailFormView(field: field, before: nil, typed: before, isChangedMeanwhile: true),
            ].map { detailFormPage($0, in: frame) }
        }
    }

    func amendmentForms(_ frame: Frame) -> [HTML] {
        let entry = RecordLine(type: "Condition", id: ID(), title: "Torn <Alvarez>")
        return [
            AmendmentFormView(entry: entry, problems: [EntryProblem("wrong", .missing), EntryProblem("right", .tooLong)], now: now),
            AmendmentFormView(entry: entry, wrong: "<Alvarez>", isWaiting: true, now: now),
        ].map { amendmentFormPage($0, in: frame) }
    }

    func readingForms(_ frame: Frame) -> [HTML] {
        HomeMeasure.allCases.map { measure in
            let problems = ["value", "second", "unit", "local"].flatMap { [EntryProblem($0, .missing), EntryProblem($0, .notPossible)] }
            let view = ReadingFormView(measure: measure, form: ReadingForm(measure, at: now), now: now, problems: problems)
            return readingFormPage(view, in: frame)
        }
    }

    func readings(_ size: Int) -> HomeReadings {
        let lines = (0..<min(size, 50)).map { place in
            var line = result("12\(place)", days: Double(place))
            (line.code, line.category, line.fromPatient) = (["8867-4", "29463-7", "x"][place % 3], "vital-signs", true)
            return line
        }
        return HomeReadings(patient: patient, zone: "America/Chicago", readings: lines, total: size, asOf: now.instant)
    }

    /// Pages that do not grow with the record.
    func forms(_ frame: Frame) -> [HTML] {
        let days = [("", ""), ("2024-05-12", "2024-05-13"), ("2024-05-12", ""), ("", "2024-05-12"), ("x", "x")]
        let downloads = days.flatMap { from, through in
            [true, false].map { downloadPage(DownloadView(days: DownloadDays(from: from[...], through: through[...]), offersPDF: $0), in: frame) }
        }
        let topics = EducationTopic.allCases.map { aboutPage($0, in: frame) }
        return detailForms(frame) + amendmentForms(frame) + readingForms(frame) + downloads + topics
    }

    @Test(arguments: [
        ("7:40", 460), ("19:40", 1180), ("7:40 pm", 1180), ("12:05 am", 5), ("12:05 p.m.", 725), ("24:00", nil), ("13:00 pm", nil), ("7.40", nil),
        ("", nil),
    ])
    func timesAreReadAsPeopleTypeThem(_ typed: String, _ minutes: Int?) {
        #expect(ReadingForm.minutes(typed) == minutes)
    }

    @Test func whoLeftACallIsShownTheWayBack() {
        var view = VisitView(visit: visit("booked", hours: 0), patient: patient, names: names, now: now)
        #expect(!visitPage(view, in: frame()).markup.contains("/call\""))
        for (state, words) in [(CallState.scheduled, "Go to the video visit"), (.waiting, "Return to the video visit"), (.live, "Return to")] {
            view.call = state
            #expect(visitPage(view, in: frame()).markup.contains(words), "\(state)")
        }
    }

    /// A button pressed twice sends the same form, and with it what their browser is known by.
    @Test func aGuestsFormHoldsWhatTheirBrowserIsKnownBy() {
        let invitation = GuestInvitation(
            patient: patient.id, appointment: ID(), guest: ID(), name: "Rosa Lind", practitioner: clinician.id, start: time(hours: 1),
            opens: time(hours: -1))
        let view = GuestInvitationView(invitation: invitation, link: "link", clinician: "Dr. Okafor", now: now.instant)
        let page = invitationPage(view, in: frame()).markup
        #expect(page.contains("name=\"secret\" value=\"\(view.secret)\"") && BrowserSecret.digest(view.secret) != nil)
    }

    func pages(_ frame: Frame, size: Int) -> [HTML] {
        let visits: Available<Appointments> =
            size == 0
            ? .missing
            : .here(
                Appointments(
                    coming: [visit("pending", hours: 40, held: 10), visit("booked", hours: 20)], past: [visit("fulfilled", hours: -900)],
                    services: services, asOf: now.instant))
        let series = ResultSeries(
            patient: patient, code: "2089-1", display: "LDL cholesterol",
            points: (0..<size * 5).map { result("14\($0 % 10)", days: Double(1_000 - $0), was: $0 == 3 ? "162" : nil) }, asOf: now.instant)
        let one = VisitView(visit: visit("booked", hours: 20), patient: patient, names: names, now: now, isNew: true)
        let held = VisitView(visit: visit("pending", hours: 20, held: 9), patient: patient, names: names, now: now)
        let alternatives = Array(booking().openings.prefix(3))
        return [
            signInPage(SignInView(username: "maria\"@example.org", problem: .failed), in: frame),
            activatePage(ActivateView(problems: [.codeNotGood, .passwordTooShort(minimum: 12)]), in: frame),
            homePage(HomeView(patient: patient, chart: size == 0 ? .missing : .here(chart(size)), visits: visits, names: names, now: now), in: frame),
            recordPage(RecordView(chart: chart(size), now: now), in: frame),
            detailsPage(details(size), in: frame), amendmentsPage(amendments(size), in: frame),
            readingsPage(ReadingsView(readings: readings(size), zone: now.zone, isSaved: size == 1), in: frame),
            resultsPage(ResultsView(results: chart(size).results, now: now), in: frame),
            resultsPage(
                ResultsView(
                    results: chart(size).results,
                    release: .here(ReleaseView(choice: ReleaseChoice(afterComment: true), waiting: size, latest: now.instant)), now: now), in: frame),
            newsPage(NewsView(news: news(size), now: now), in: frame),
            resultPage(ResultView(newest: result("148.0", days: 1, was: "162"), series: series, zone: now.zone), in: frame),
            visitsPage(VisitsView(visits: visits, names: names, now: now), in: frame), chooseVisitPage(booking(), in: frame),
            chooseNewTimePage(moving(booking(.notOffered(alternatives: alternatives))), moving: visit("booked", hours: 20), in: frame),
            chooseTimePage(booking(.oneIsOpen(ID())), in: frame), chooseTimePage(booking(.byClinicOnly), in: frame),
            chooseTimePage(booking(), in: frame), chooseTimePage(booking(.taken(time(hours: 3), alternatives: alternatives)), in: frame),
            waitingPage(WaitingView(found: waitings(size), names: names, done: size == 0 ? .left : nil, now: now), in: frame),
            waitingPage(WaitingView(found: waitings(size), names: names, refusal: .patientBusy(with: ID()), now: now), in: frame),
            joinWaitingPage(
                JoinWaitingView(
                    form: WaitingForm(
                        service: "office-visit", with: size == 0 ? "" : "\(clinician.id)", visit: size == 1 ? "\(ID<Appointment>())" : ""),
                    service: services[0], names: names,
                    refusal: size == 0 ? .invalid(problems: [EntryProblem("until", .notPossible)]) : nil), in: frame),
            callPage(service: "office-visit", patient: size == 0 ? nil : patient, in: frame),
            peoplePage(
                PeopleView(
                    summaries: size == 1 ? [] : [patient], own: size == 0 ? nil : patient.id,
                    acting: (0..<min(size, 49)).map { _ in ActingFor(proxy: ID(), patient: patient.id, level: .full, until: now.instant) },
                    now: now), in: frame), endedProxyPage(in: frame),
            accessPage(access(size), in: frame), accessCheckPage(access(size), in: frame),
            confirmVisitPage(held, in: frame), visitPage(one, in: frame), cancelVisitPage(one, in: frame), visitCancelledPage(one, in: frame),
        ]
    }

    @Test(arguments: Language.allCases, [0, 1, 60])
    func pagesAreSmallWholeAndEscaped(_ language: Language, _ size: Int) {
        for page in (pages(frame(language), size: size) + forms(frame(language))).map(\.markup) {
            #expect(page.utf8.count <= 100_000)
            #expect(page.hasPrefix("<!doctype html>") && page.hasSuffix("</html>\n"))
            #expect(page.components(separatedBy: "<h1").count == 2)
            #expect(!page.contains("⟨") && !page.contains("{") && !page.contains("<Alvarez>"))
            #expect(!page.contains(" style=") && !page.contains("<script"))
            let ids = page.matches(of: /\sid="([^"]+)"/).map { String($0.1) }
            #expect(Set(ids).count == ids.count, "an id is used twice")
        }
    }

    private func news(_ size: Int) -> RecordNews {
        let lines = (0..<min(size, 50)).map { number in
            NewsLine(line: RecordLine(type: "Condition", id: ID(), title: "<Finding> \(number)", date: "2026-11-01"), at: now.instant, changed: false)
        }
        return RecordNews(patient: patient, since: size == 0 ? nil : now.instant, lines: lines, total: size, asOf: now.instant)
    }

    @Test func homeHasAtMostFiveCardsAndSaysHowManyThereAre() {
        let results = (0..<8).map { _ in result("248.0", days: 1, was: "162") }
        var chart = chart(1)
        chart.results = results
        let view = HomeView(patient: patient, chart: .here(chart), visits: .missing, news: .here(news(3)), names: names, now: now)
        let page = homePage(view, in: frame()).markup
        #expect(view.tasks.count == 9 && page.contains("5 of 9 shown") && page.contains("3 things are new in your record"))
        #expect(page.components(separatedBy: "was corrected").count == 5, "four results after what is new")
        let nothing = HomeView(patient: patient, chart: .missing, visits: .missing, news: .here(news(0)), names: names, now: now)
        #expect(!homePage(nothing, in: frame()).markup.contains("are new in your record"))
    }

    @Test func beforeAVisitByVideoCameraAndSoundAreToBeTested() {
        let (video, other) = (visit("booked", hours: 20), visit("booked", hours: 24))
        let visits = Appointments(coming: [video, other], past: [], services: [], asOf: now.instant)
        var view = HomeView(patient: patient, chart: .here(chart(0)), visits: .here(visits), names: names, now: now)
        #expect(!homePage(view, in: frame()).markup.contains("/call/test"))
        view.byVideo = video.appointment
        let page = homePage(view, in: frame()).markup
        #expect(page.contains("href=\"/visits/\(video.appointment)/call/test\">Test camera and sound"))
        #expect(!page.contains("href=\"/visits/\(other.appointment)/call/test\""))
    }

    @Test func theWayBackToAVisitByVideoComesFirst() {
        let (booked, results) = (visit("booked", hours: 0.1), chart(1))
        let visits = Appointments(coming: [visit("pending", hours: 40, held: 10), booked], past: [], services: [], asOf: now.instant)
        var view = HomeView(patient: patient, chart: .here(results), visits: .here(visits), names: names, now: now)
        let before = view.tasks.count
        view.call = HomeView.Call(visit: booked, goesOn: true)
        guard case .joinCall? = view.tasks.first else {
            Issue.record("something else comes first")
            return
        }
        // It is not asked for twice.
        #expect(view.tasks.count == before)
        #expect(homePage(view, in: frame()).markup.contains("href=\"/visits/\(booked.appointment)/call\">Return to the video visit"))
        view.call?.goesOn = false
        #expect(!homePage(view, in: frame()).markup.contains("Return to the video visit"))
    }

    @Test func theHomePageSaysThatClocksDiffer() {
        var view = HomeView(patient: patient, chart: .here(chart(1)), visits: .missing, names: names, now: now)
        #expect(!homePage(view, in: frame()).markup.contains("do not agree on what time it is"))
        view.clocksDiffer = true
        #expect(homePage(view, in: frame()).markup.contains("do not agree on what time it is"))
    }

    @Test func aFailedSignInKeepsTheNameAndTakesTheFocus() {
        let page = signInPage(SignInView(username: "maria@example.org", problem: .failed), in: frame()).markup
        #expect(page.contains("<title>Error: "))
        #expect(page.contains("value=\"maria@example.org\""))
        #expect(page.contains("role=\"alert\" tabindex=\"-1\" autofocus"))
        #expect(page.firstMatch(of: /<input type="password"[^>]*value=/) == nil)
    }

    @Test func aLostRaceOffersThreeTimesAndWithWhom() {
        let page = chooseTimePage(booking(.taken(time(hours: 3), alternatives: Array(booking().openings.prefix(3)))), in: frame()).markup
        #expect(page.components(separatedBy: "type=\"radio\"").count == 4)
        #expect(page.components(separatedBy: "<small>Dr. Ngozi Okafor</small>").count == 4)
    }

    @Test func aChosenTimeIsReadBackAsItWasWritten() throws {
        let opening = try #require(booking().openings.first)
        let chosen = try #require(ChosenSlot(slotValue(opening)))
        #expect(chosen.practitioner == opening.practitioner && chosen.location == opening.location)
        #expect(chosen.service == opening.service && chosen.start == opening.start.instant)
        for wrong in ["", "|||", "a|b|c|1", slotValue(opening) + "|x", slotValue(opening).dropLast(11) + "|-1"] {
            #expect(ChosenSlot(String(wrong)) == nil)
        }
    }

    @Test(arguments: [
        ("1961-03-14", "1961-03-14"), ("14 3 1961", "1961-03-14"), ("14/03/1961", "1961-03-14"), ("3/14/1961", "1961-03-14"),
        ("14.3.1961", "1961-03-14"), ("31 2 1961", nil), ("14 3 61", nil), ("March 14", nil), ("", nil), ("1 2 3 4", nil),
    ])
    func birthDatesAreReadAsPeopleTypeThem(_ typed: String, _ iso: String?) {
        #expect(Day(typed: typed)?.iso == iso)
    }
}
