public import Contracts

/// The parts of a record there is something in, with how much: the way from one to the other.
public struct RecordParts: Part {
    public let html: HTML

    /// - Parameters:
    ///   - counts: `Timeline.counts`.
    ///   - path: of the page that shows everything.
    public init(_ counts: [String: Int], at here: RecordSection?, path: String, _ t: Wording) {
        func link(_ label: HTML, _ count: Int, _ query: String, _ isHere: Bool) -> HTML {
            let shown: HTML = isHere ? "<strong>\(label)</strong>" : label
            return "<a class=\"target\" href=\"\(path)\(query)\"\(when: isHere, " aria-current=\"page\"")>\(shown) \(count)</a>"
        }
        let there = RecordSection.allCases.compactMap { section in counts[section.rawValue].map { (section, $0) } }
        html = """
            <nav class="pages" aria-label="\(t("timeline.parts"))">\(link(t("timeline.everything"), counts.values.reduce(0, +), "", here == nil))\
            \(each: there, { link($0.0.words(t), $0.1, "?section=\($0.0.rawValue)", here == $0.0) })</nav>
            """
    }
}

/// Lines of a record, newest first.
public struct RecordLines: Part {
    public let html: HTML

    /// - Parameter path: where a line leads; nil: nowhere.
    public init(_ lines: [RecordLine], path: (RecordLine) -> String?, _ t: Wording) {
        html = """
            <ol class="line">\(each: lines, { line in
                let day = line.date.flatMap { Day(dateTime: $0) }.map { t.date($0, .short) }
                let when = day ?? line.date.map { HTML(text: $0) } ?? t("timeline.no-date")
                let title = path(line).map { "<a class=\"target\" href=\"\($0)\">\(line.heading(t))</a>" as HTML } ?? line.heading(t)
                return """
                <li data-fhir="\(line.type)/\(line.id)"><p class="when">\(when)</p>\
                <p class="cluster">\(title)\(line.status.map { Tag(.plain, t.recordStatus($0)) })</p>\
                \(line.dosage.map { "<p class=\"plain\">\(t.dosage($0))</p>" as HTML })\
                \(when: !line.details.isEmpty, "<p class=\"plain\">\(line.details.joined(separator: " · "))</p>")</li>
                """
            })</ol>
            """
    }
}

extension RecordSection {
    public func words(_ t: Wording) -> HTML {
        switch self {
        case .problems: t("section.problems")
        case .allergies: t("section.allergies")
        case .medications: t("section.medications")
        case .immunizations: t("section.immunizations")
        case .procedures: t("section.procedures")
        case .family: t("section.family")
        case .social: t("section.social")
        case .results: t("section.results")
        case .vitals: t("section.vitals")
        case .visits: t("section.visits")
        case .documents: t("section.documents")
        case .plans: t("section.plans")
        case .orders: t("section.orders")
        case .claims: t("section.claims")
        case .other: t("section.other")
        }
    }
}

extension RecordLine {
    /// A relative is written down by a code.
    public func heading(_ t: Wording) -> HTML {
        switch type {
        case "FamilyMemberHistory": t.relationship(title)
        case "Encounter": t.encounterKind(title)
        case "DocumentReference" where title == "Progress note": t("document.progress-note")
        case "DocumentReference" where title == "Instructions": t("document.instructions")
        case "Task" where title == "Renewal of a prescription": t("task.renewal")
        case "Task" where title == "Amendment of the record": t("task.amendment")
        case "Task" where title == "Change of details": t("task.details")
        case "Task" where title == "Review of a document": t("task.review")
        // It has no name of its own.
        case title: t.resourceType(type)
        default: HTML(text: title)
        }
    }
}
