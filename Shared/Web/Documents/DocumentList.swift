public import Contracts

/// Documents, newest first.
public struct DocumentList: Part {
    public let html: HTML

    /// - Parameters:
    ///   - isOwn: the reader is the patient.
    ///   - path: where a document leads; nil: nowhere.
    public init(_ lines: [DocumentLine], isOwn: Bool, _ names: ClinicNames, path: (DocumentLine) -> String?, _ t: Wording) {
        guard !lines.isEmpty else {
            html = "<p class=\"plain\">\(t("document.none"))</p>"
            return
        }
        html = """
            <ul class="rows">\(each: lines, { line in
                let title = path(line).map { "<a class=\"target\" href=\"\($0)\">\(line.heading(t))</a>" as HTML } ?? line.heading(t)
                return """
                <li data-fhir="DocumentReference/\(line.document)"><div class="cluster apart"><span class="strong">\(title)</span>\
                \(line.tag(isOwn: isOwn, t))</div><p class="plain">\(line.facts(isOwn: isOwn, names, t))</p></li>
                """
            })</ul>
            """
    }
}

extension DocumentLine {
    /// What a note is called, in people's words; anything else by its own title.
    public func heading(_ t: Wording) -> HTML {
        switch type {
        case "11506-3"? where contentType == nil && title == "Progress note": t("document.progress-note")
        case "69730-0"? where contentType == nil && title == "Instructions": t("document.instructions")
        default: title.isEmpty ? t.resourceType("DocumentReference") : HTML(text: title)
        }
    }

    /// Only where there is something to say.
    public func tag(isOwn: Bool, _ t: Wording) -> Tag? {
        if !isReviewed, status == "current" { return Tag(.warn, isOwn ? t("document.own-unreviewed") : t("document.unreviewed")) }
        return status == "current" ? nil : Tag(.plain, t.recordStatus(status))
    }

    /// In a line: what it is, of when, from whom, how large.
    public func facts(isOwn: Bool, _ names: ClinicNames, _ t: Wording) -> HTML {
        let day = date.flatMap { Day(dateTime: $0) }.map { t.date($0, .short) } ?? date.map { HTML(text: $0) }
        let kind = type.map { t.documentType($0) }.flatMap { $0.isEmpty ? nil : $0 }
        let parts = [kind, day, from(isOwn: isOwn, names, t), size.map { t.size($0) }].compactMap { $0 }
        return parts.dropFirst().reduce(parts.first ?? "") { "\($0) · \($1)" }
    }

    /// Who it is from.
    public func from(isOwn: Bool, _ names: ClinicNames, _ t: Wording) -> HTML {
        switch source {
        case .patient: isOwn ? t("document.from-you") : t("document.from-patient")
        case .clinic: practitioner.map { names.clinician($0, t) } ?? t("document.from-clinic")
        case .imported: t("document.from-elsewhere")
        }
    }
}

extension Wording {
    /// LOINC; empty for what we have no word for.
    public func documentType(_ code: String) -> HTML {
        switch code {
        case "72170-4": self("document.type-photo")
        case "51852-2": self("document.type-letter")
        case "34133-9": self("document.type-summary")
        case "18842-5": self("document.type-discharge")
        case "11488-4": self("document.type-consult")
        case "57133-1": self("document.type-referral")
        case "11502-2": self("document.type-laboratory")
        case "18748-4": self("document.type-imaging")
        case "64290-0": self("document.type-insurance")
        case "59284-0": self("document.type-consent")
        case "42348-3": self("document.type-directive")
        case "34109-9": self("document.type-note")
        case "11506-3": self("document.progress-note")
        case "69730-0": self("document.instructions")
        default: ""
        }
    }

    /// Bytes, as people say it.
    public func size(_ bytes: Int) -> HTML {
        bytes < 1_000_000
            ? self("document.kilobytes", ["size": (bytes + 999) / 1_000]) : self("document.megabytes", ["size": (bytes + 500_000) / 1_000_000])
    }
}
