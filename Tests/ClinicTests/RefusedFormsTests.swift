import Contracts
import Foundation
import Testing
import Web
@testable import Clinic

/// A form that was refused comes back as it was posted: the next press does the same, put right.
extension PagesTests {
    func posted(_ body: String) throws -> FormData { try FormData(Array(body.utf8)) }

    @Test func stoppingWithoutAReasonIsStillStopping() {
        let medicine = MedicineLine(line: MedicationLine(id: ID(), name: "lisinopril", status: "active"), version: 1, renewal: .possible)
        var view = PrescriptionView(chart: chart(0), medicine: medicine, offersPDF: false, names: ClinicNames(nil), now: now)
        #expect(prescriptionPage(view, in: frame()).markup.contains("value=\"on-hold\" selected"))
        view.refusal = .invalid(problems: [EntryProblem("reason", .missing)])
        view.typed = ("stopped", "<Rash>")
        let page = prescriptionPage(view, in: frame()).markup
        #expect(page.contains("value=\"stopped\" selected") && !page.contains("value=\"on-hold\" selected"))
        #expect(page.contains("\n&lt;Rash&gt;</textarea>") && page.contains("id=\"reason-error\""))
    }

    @Test func revokingWithoutAReasonIsStillRevoking() {
        var view = OrderView(chart: chart(0), order: orders(2).orders[1], mayOrder: true, names: ClinicNames(nil), now: now)
        #expect(orderPage(view, in: frame()).markup.contains("value=\"on-hold\" selected"))
        view.refusal = .invalid(problems: [EntryProblem("reason", .missing)])
        view.typed = ("revoked", "<Twice>")
        let page = orderPage(view, in: frame()).markup
        #expect(page.contains("value=\"revoked\" selected") && !page.contains("value=\"on-hold\" selected"))
        #expect(page.contains("\n&lt;Twice&gt;</textarea>"))
    }

    func bill() -> PatientBillView {
        let invoice = ID<Invoice>()
        let summary = InvoiceSummary(
            invoice: invoice, number: "2026-7", patient: patient.id, issued: now.instant, dueOn: "2026-12-24", total: Money(12_000, "USD"),
            due: 12_000)
        let payment = PaymentLine(
            payment: ID(), patient: patient.id, invoice: invoice, method: "cash", state: "captured", amount: Money(5_000, "USD"), refunded: 0,
            started: now.instant)
        let bill = InvoiceView(summary: summary, lines: [], payments: [payment], takesCards: false, asOf: now.instant)
        return PatientBillView(patient: patient, bill: bill, mayAdjust: true, now: now)
    }

    @Test func aWriteOffOfTooMuchIsStillAWriteOff() throws {
        var view = bill()
        #expect(patientBillPage(view, in: frame()).markup.contains("value=\"credit\" checked"))
        view.refusal = .payment(.tooMuch(due: 12_000))
        view.typed = (.adjust, try posted("kind=write-off&off=150&reason=hardship"))
        let page = patientBillPage(view, in: frame()).markup
        #expect(page.contains("value=\"write-off\" checked") && !page.contains("value=\"credit\" checked"))
        #expect(page.contains("value=\"150\"") && page.contains("value=\"hardship\" selected"))
        #expect(page.contains("id=\"off-error\"") && page.contains("href=\"#off\"") && !page.contains("id=\"cash-error\""))
        // The other forms stay as they are.
        #expect(page.contains("value=\"120.00\"") && page.contains("value=\"courtesy\" selected") && !page.contains(" open>"))
    }

    @Test func aRefundIsTheSameOneAgain() throws {
        var view = bill()
        let payment = view.bill.payments[0].payment
        #expect(patientBillPage(view, in: frame()).markup.contains("name=\"off\" value=\"yes\" checked"))
        view.refusal = .refund(.tooMuch(left: 5_000))
        view.typed = (.refund(payment), try posted("payment=\(payment)&amount-\(payment)=60&reason-\(payment)=duplicate"))
        let page = patientBillPage(view, in: frame()).markup
        #expect(page.contains("<details class=\"no-print\" open>") && page.components(separatedBy: " open>").count == 2)
        #expect(page.contains("value=\"60\"") && page.contains("value=\"duplicate\" selected"))
        #expect(!page.contains("name=\"off\" value=\"yes\" checked") && page.contains("href=\"#amount-\(payment)\""))
        // Given back meanwhile: there is no field to point at.
        view.bill.payments[0].state = "failed"
        #expect(!patientBillPage(view, in: frame()).markup.contains("href=\"#amount-"))
    }

    @Test func aPlanIsTheSameOneAgain() throws {
        var view = bill()
        view.refusal = .plan(.invalidCount(most: 12))
        view.typed = (.plan, try posted("due=12000&count=99&first=2027-01-15"))
        let page = patientBillPage(view, in: frame()).markup
        #expect(page.contains("<details class=\"card no-print\" open>") && page.components(separatedBy: " open>").count == 2)
        #expect(page.contains("value=\"99\"") && page.contains("value=\"2027-01-15\"") && page.contains("id=\"count-error\""))
    }

    @Test func oneWrongQuantityLeavesTheOthers() throws {
        let fees = ["L01", "L02"].map { Fee(code: $0, name: ["en": "Blood"], price: Money(2_000, "USD")) }
        let view = ChargesView(
            patient: patient, encounter: ID(), fees: fees, refusal: .invalidQuantity, typed: try posted("of-L01=2&of-L02=x&nothing=courtesy"),
            now: now)
        let page = chargesPage(view, in: frame()).markup
        #expect(page.contains("autocomplete=\"off\" value=\"2\"") && page.contains("autocomplete=\"off\" value=\"x\""))
        #expect(page.contains("value=\"courtesy\" selected"))
    }

    @Test func aSeriesIsStillOneAtItsTime() throws {
        let visits = visits(2)
        let openings = visits.map {
            Opening(practitioner: $0.practitioner, location: $0.location, service: $0.service, start: $0.start, end: $0.end)
        }
        var view = PatientTimesView(
            patient: patient.id, services: [], clinicians: clinicians, names: ClinicNames(nil), service: "office-visit", clinician: clinicians[0].id,
            openings: openings, now: now)
        func page() -> String { patientTimesPage(view, in: frame()).markup }
        func isChosen(_ place: Int) -> Bool { page().contains("value=\"\(slotValue(openings[place]))\" required checked") }
        #expect(isChosen(0) && page().contains("value=\"0\" selected") && page().contains("value=\"6\""))
        view.problem = .seriesWrong
        view.posted = try posted("slot=\(slotValue(openings[1]))&weeks=2&count=99")
        #expect(isChosen(1) && !isChosen(0) && page().contains("value=\"2\" selected"))
        #expect(page().contains("value=\"99\"") && page().contains("id=\"count-error\""))
        #expect(view.postedDay(after: 14) == nil)

        view.problem = .patientBusy(ID())
        view.moving = visits[0]
        view.moving?.series = UUID()
        #expect(page().contains("value=\"one\" checked"))
        view.posted = try posted("slot=\(slotValue(openings[1]))&scope=later")
        #expect(isChosen(1) && page().contains("value=\"later\" checked") && !page().contains("value=\"one\" checked"))

        // One that is not offered any more, of a later page.
        var gone = openings[1]
        gone.start = ZonedTime(now.instant.addingTimeInterval(20 * 86_400), local: "2026-12-14T10:41", zone: "America/Chicago")
        view.posted = try posted("slot=\(slotValue(gone))&scope=later")
        #expect(isChosen(0) && view.postedDay(after: 14) == Day("2026-12-14"))
    }

    @Test func aCorrectionStaysOne() {
        let note = SignedNote(document: ID(), version: 1, parts: [NotePart(.history, "A cough")], digest: "0a", signed: now.instant)
        let encounter = EncounterView(
            patient: patient, encounter: ID(), status: "finished", note: note, vitals: [], entries: [], asOf: now.instant)
        var view = EncounterPageView(
            chart: chart(0), encounter: encounter, maySign: true, offersPDF: false, names: ClinicNames(nil), now: now)
        #expect(!encounterPage(view, in: frame()).markup.contains("name=\"corrects\" value=\"yes\" checked"))
        view.refusal = .note(.invalid(problems: [EntryProblem("text", .missing)]))
        view.corrects = true
        #expect(encounterPage(view, in: frame()).markup.contains("name=\"corrects\" value=\"yes\" checked"))
    }

    @Test func anAnswerToARenewalKeepsItsWordsAndSaysWhatIsMissing() {
        let report = SafetyReport(checks: [SafetyCheck(kind: .allergies, state: .warning, findings: [], table: "2026-10", isSample: true)])
        let lines = (0..<2).map { RenewalLine(patient: patient, request: ID(), medicine: "Medicine \($0)", asked: now.instant, report: report) }
        var view = WorklistView(
            renewals: .here(Renewals(waiting: lines)), notes: .missing, documents: .missing, loops: .missing, mayDecide: true, now: now)
        let (asked, other) = (lines[0].request, lines[1].request)
        view.refusal = (asked, .reasonNeeded(report: report))
        view.typed = ("At <night>", "")
        var page = worklistPage(view, in: frame()).markup
        #expect(page.contains("href=\"#override-\(asked)\"") && page.contains("id=\"override-\(asked)-error\""))
        #expect(page.components(separatedBy: "value=\"At &lt;night&gt;\"").count == 2 && !page.contains("id=\"override-\(other)-error\""))

        view.refusal = (asked, .wordsMissing)
        view.typed = ("", "Tolerated")
        page = worklistPage(view, in: frame()).markup
        #expect(page.contains("href=\"#words-\(asked)\"") && page.contains("id=\"words-\(asked)-error\"") && page.contains("value=\"Tolerated\""))

        // Somebody else has answered: it is not on the page.
        view.refusal = (asked, .alreadyDecided)
        #expect(!worklistPage(view, in: frame()).markup.contains("href=\"#words-"))
    }
}
