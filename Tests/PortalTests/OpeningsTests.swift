import Contracts
import Foundation
import Testing
import Web

@testable import Portal

/// Who looked at my chart: what belongs together stands together, in the clinic's time.
@Suite struct OpeningsTests {
    private let pages: PagesTests
    private let now: Date

    init() throws {
        pages = try PagesTests()
        now = pages.now.instant
    }

    private func access(
        _ name: String? = "Dana Byrne", _ action: String = "records.read-chart.v1", minutes: Double, basis: String? = nil, outcome: String = "done"
    ) -> RecordAccess {
        RecordAccess(
            place: TrailPlace(service: "records", position: Int(10_000 - minutes)), at: now.addingTimeInterval(-minutes * 60), name: name,
            role: name == nil ? "worker" : "nurse", purpose: name == nil ? "operations" : "treatment", basis: basis, action: action, outcome: outcome)
    }

    private func page(_ accesses: [RecordAccess], questions: [AccessQuestion] = [], _ language: Language = .english) -> String {
        let found = Accesses(accesses: accesses, total: accesses.count, questions: questions)
        return openingsPage(OpeningsView(accesses: found, now: pages.now), in: pages.frame(language)).markup
    }

    @Test func whatOnePersonDidAtAStretchIsOneLine() {
        let markup = page([
            access("Dana Byrne", "scheduling.read-appointments.v1", minutes: 1), access("Ruth Adeyemi", minutes: 2), access(minutes: 3),
            access(minutes: 12), access(minutes: 120), access(minutes: 121, basis: "break-glass"),
        ])
        #expect(markup.matches(of: /\/looked\/ask\?place=/).count == 4)
        #expect(markup.contains("Visits, Chart"))
        #expect(markup.contains("Emergency access"))
        // 10:40 in Chicago.
        #expect(markup.contains("10:40 am"))
    }

    @Test func aRefusalIsSaidAndAQuestionIsShown() throws {
        let refused = access("<b>Eve</b>", minutes: 5, outcome: "denied")
        let question = AccessQuestion(id: ID(), patient: ID(), access: refused, text: "Who is <i>this</i>?", asked: now)
        for language in Language.offered {
            let markup = page([refused], questions: [question], language)
            #expect(markup.contains("&lt;b&gt;Eve&lt;/b&gt;") && markup.contains("Who is &lt;i&gt;this&lt;/i&gt;?"))
            #expect(!markup.contains("⟨"))
        }
        #expect(page([refused]).contains("Refused"))
        #expect(page([]).contains("Nobody else has opened your record"))
    }

    @Test func whatLeftTheClinicIsSaid() {
        #expect(page([]).contains("Nothing has left the clinic"))
        let left = Disclosure(export: ID(), at: now, what: "audit-trail", recipient: "<b>Court</b>", purpose: "")
        for language in Language.offered {
            var view = OpeningsView(accesses: Accesses(accesses: [], total: 0, questions: []), now: pages.now)
            view.disclosures = ReadDisclosures.Reply(disclosures: [left], total: 1)
            let markup = openingsPage(view, in: pages.frame(language)).markup
            #expect(markup.contains("&lt;b&gt;Court&lt;/b&gt;") && !markup.contains("⟨"))
        }
    }

    @Test func asking() {
        for refusal in [nil, QuestionRefusal.empty, .tooLong, .tooMany] {
            var view = AskAboutAccessView(access: access(nil, "records.read-contact.v1", minutes: 4), now: pages.now)
            (view.refusal, view.text) = (refusal, "typed")
            let markup = askAboutAccessPage(view, in: pages.frame()).markup
            #expect(markup.contains("role=\"alert\"") == (refusal != nil))
            #expect(markup.contains("typed") && markup.contains("Automatic") && !markup.contains("⟨"))
        }
    }
}
