import Contracts
import Foundation
import Web

/// With whom a document is shared, and with whom it may be.
func sharing(_ view: DocumentView, _ errors: [FieldError], _ frame: Frame) -> HTML? {
    let t = frame.t
    guard view.line.contentType != nil else { return nil }
    let shares: HTML = """
        <h3 id="shared-with">\(t("document.shared-with"))</h3>\
        <ul class="rows" aria-labelledby="shared-with">\(each: view.shares, { "<li>\(share($0, view, frame))</li>" })</ul>
        """
    return """
        <section class="card stack" aria-labelledby="share"><h2 id="share">\(t("document.share"))</h2>\
        <p class="plain">\(t("document.share-help"))</p>\(when: !view.shares.isEmpty, shares)\(form(view, errors, frame))</section>
        """
}

private func share(_ line: ShareLine, _ view: DocumentView, _ frame: Frame) -> HTML {
    let t = frame.t
    let who = line.practitioner.map { view.names.clinician($0, t) } ?? line.location.map { view.names.place($0, t) } ?? HTML()
    return Form(
        to: "\(view.path)/unshare", formKey: frame.formKey, style: "cluster apart",
        """
        <span><span translate="no">\(who)</span>, \(t("document.shared-until", ["date": lastDay(of: line.until, view.now, t)]))</span>\
        <input type="hidden" name="share" value="\(line.share)"><button class="btn btn-plain">\(t("document.unshare"))</button>
        """
    ).html
}

private func form(_ view: DocumentView, _ errors: [FieldError], _ frame: Frame) -> HTML {
    let t = frame.t
    let choose: [(value: String, label: HTML)] = [("", t("document.share-choose"))]
    let people: [(value: String, label: HTML)] = (view.people?.practitioners ?? []).map { person in
        (value: "Practitioner/\(person.id)", label: HTML(text: person.name))
    }
    let places: [(value: String, label: HTML)] = (view.people?.locations ?? []).map { place in
        (value: "Location/\(place.id)", label: t("document.share-place", ["place": HTML(text: place.name)]))
    }
    let month = Day(daysSince1970: (view.now.day.daysSince1970 ?? 0) + 30).iso
    let until = Field(
        "until", t("document.share-until"), hint: t("document.share-until-hint"), value: view.typed["until"] ?? month, autocomplete: "off",
        width: .short, maximumLength: 10)
    let with = Select("with", t("document.share-with"), choose + people + places, chosen: view.typed.trimmed("with"))
    return Form(
        to: "\(view.path)/share", formKey: frame.formKey, style: "stack-s",
        """
        \(with.marked(errors, t))\(until.marked(errors, t))<p><button class="btn btn-plain">\(t("document.share-button"))</button></p>
        """
    ).html
}

extension DocumentShareRefusal {
    func errors(_ t: Wording) -> [FieldError] {
        switch self {
        case .invalid(let problems):
            problems.map { problem in
                switch (problem.field, problem.fault) {
                case ("until", _): FieldError("until", t("document.share-day-wrong"))
                case ("with", .notPossible): FieldError("with", t("document.share-oneself"))
                default: FieldError("with", EntryProblem.Fault.unknownCode.words(t))
                }
            }
        case .keptBack: [FieldError("with", t("document.share-kept-back"))]
        case .idInUse, .notFound: [FieldError("", t("entry.changed-meanwhile"))]
        }
    }
}
