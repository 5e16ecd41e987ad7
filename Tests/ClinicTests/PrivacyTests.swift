import Contracts
import Foundation
import Testing
import Web

@testable import Clinic

/// The privacy officer's pages.
@Suite struct PrivacyTests {
    private let now: Moment
    private let texts: Texts

    init() throws {
        now = Moment(try Date("2026-11-24T16:41:00Z", strategy: .iso8601), in: try #require(Zone("America/Chicago")))
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        texts = try Texts(folders: [root.appending(path: "Services/Clinic/Localizable")])
    }

    private func frame(_ language: Language = .english) -> Frame {
        let site = Site(name: "Riverside", phone: nil, zone: now.zone, isDemo: true)
        return Frame(texts.wording(in: language), site: site, workplace: .clinic, stylePath: "/assets/chartline.css", path: "/", formKey: "key")
            .signedIn(at: .privacy, as: "Ruth Adeyemi", reviews: true)
    }

    private func entry(_ role: String = "nurse", patients: Int = 1) -> TrailEntry {
        TrailEntry(
            place: TrailPlace(service: "records", position: 7), id: UUID(), at: now.instant, issuer: "identity", role: role, account: ID(),
            name: role == "worker" ? nil : "<Byrne>", purpose: "treatment", basis: "care-team", action: "records.read-chart.v1",
            patients: (0..<patients).map { _ in ID() }, outcome: "done")
    }

    @Test func theReport() throws {
        var view = PrivacyReportView(
            first: try #require(Day("2026-11-18")), last: try #require(Day("2026-11-24")), sort: .role, descending: false, page: 2,
            entries: [entry(), entry("worker"), entry(patients: 7)], total: 120, now: now)
        view.patients = [view.entries[0].patients[0]: "<Alvarez>, Maria"]
        for language in Language.offered {
            let markup = privacyReportPage(view, in: frame(language)).markup
            #expect(markup.contains("&lt;Byrne&gt;") && markup.contains("&lt;Alvarez&gt;, Maria") && !markup.contains("⟨"))
            // The column it is sorted by is sorted the other way by its link, every other column its own way.
            #expect(markup.contains("aria-sort=\"ascending\""))
            for link in ["sort=role&amp;order=down", "sort=at&amp;order=down", "sort=person&amp;order=up"] { #expect(markup.contains(link)) }
        }
        #expect(privacyReportPage(view, in: frame()).markup.contains("Page 2 of 3"))
        (view.entries, view.total) = ([], 0)
        #expect(privacyReportPage(view, in: frame()).markup.contains("Nothing in this period"))
        view.isWrong = true
        #expect(privacyReportPage(view, in: frame()).markup.contains("role=\"alert\""))
    }

    @Test func theQuestions() {
        let access = RecordAccess(
            place: TrailPlace(service: "records", position: 7), at: now.instant, name: "Dana", role: "nurse", purpose: "treatment",
            action: "records.read-chart.v1", outcome: "done")
        let open = AccessQuestion(id: ID(), patient: ID(), access: access, text: "<Why>?", asked: now.instant)
        let closed = AccessQuestion(
            id: ID(), patient: open.patient, access: access, text: "And?", asked: now.instant, answer: "<So>", answered: now.instant)
        var view = AccessQuestionsView(questions: [open, closed], open: 1, patients: [open.patient: "Alvarez, Maria"], now: now)
        for language in Language.offered {
            let markup = accessQuestionsPage(view, in: frame(language)).markup
            #expect(markup.contains("&lt;Why&gt;?") && markup.contains("&lt;So&gt;") && !markup.contains("⟨"))
            #expect(markup.matches(of: /<textarea/).count == 1)
        }
        view.refused = (open.id, .tooLong, "typed")
        let markup = accessQuestionsPage(view, in: frame()).markup
        #expect(markup.contains("role=\"alert\"") && markup.contains("typed"))
        view = AccessQuestionsView(questions: [], open: 0, patients: [:], now: now)
        #expect(accessQuestionsPage(view, in: frame()).markup.contains("No question waits"))
    }
}
