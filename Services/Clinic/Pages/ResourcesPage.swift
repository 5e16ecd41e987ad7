import Contracts
import Web

struct ResourcesView: Sendable {
    var lines: [ResourceLine]
    var directory: Directory
    var names: ClinicNames
    /// What was typed, where it was not kept.
    var typed: FormData?
    var refusal: ResourceRefusal?
    var wasKept: Bool
}

/// `GET /settings/resources`: the rooms and devices that kinds of visit need, place by place.
func resourcesPage(_ view: ResourcesView, in frame: Frame) -> HTML {
    let t = frame.t
    let errors = fieldErrors(view.refusal, t)
    let summary: HTML? =
        if case .changedMeanwhile? = view.refusal {
            ErrorSummary(title: t("settings.changed-meanwhile"), text: t("resources.look-again")).html
        } else { errors.isEmpty ? nil : ErrorSummary(errors, t).html }
    let lines: HTML = """
        <ul class="rows panel">\(each: view.lines, { line in
            let resource = line.resource
            return """
                <li><div class="cluster apart"><p class="strong" translate="no">\(resource.name)</p>\
                \(when: resource.isRetired, Tag(.warn, t("resources.retired")).html)</div>\
                <p class="plain"><span translate="no">\(resource.sort)</span> · \(kind(resource.kind, t)) · \
                <span translate="no">\(view.names.place(resource.location, t))</span></p>\(change(line, frame))</li>
                """
        })</ul>
        """
    let places = view.directory.locations.map { (value: "Location/\($0.id)", label: HTML(text: $0.name)) }
    let kinds = PlaceResource.Kind.allCases.map { (value: $0.rawValue, label: kind($0, t)) }
    let sort = Field(
        "sort", t("resources.sort"), hint: t("resources.sort-hint"), value: view.typed?.trimmed("sort") ?? "", autocomplete: "off", width: .middle,
        maximumLength: 64)
    let name = Field("name", t("resources.name"), value: view.typed?.trimmed("name") ?? "", autocomplete: "off", width: .middle, maximumLength: 100)
    return frame.page(
        title: t("resources.title"), hasErrors: view.refusal != nil,
        """
        <div class="form-page stack"><p><a class="crumb" href="/settings">\(t("settings.title"))</a></p>\
        <h1>\(t("resources.title")) \(ShownOf(view.lines.count, of: view.lines.count, t))</h1>\(summary)\
        \(when: view.wasKept, Note(.ok, announcement: .status, "<p>\(t("resources.kept"))</p>").html)\
        \(view.lines.isEmpty ? Empty(t("resources.none"), t("resources.none-help")).html : lines)\
        \(Form(to: "/settings/resources", formKey: frame.formKey, style: "card stack", """
            <h2>\(t("resources.new"))</h2>\(Select("place", t("hours.place"), places, chosen: view.typed?.trimmed("place") ?? ""))\
            \(Select("kind", t("resources.kind"), kinds, chosen: view.typed?.trimmed("kind") ?? ""))\
            \(sort.marked(errors, t))\(name.marked(errors, t))<p><button class="btn">\(t("resources.add"))</button></p>
            """))</div>
        """)
}

/// Retires one, or takes it back.
private func change(_ line: ResourceLine, _ frame: Frame) -> Form {
    let (resource, t) = (line.resource, frame.t)
    let words = resource.isRetired ? t("resources.return") : t("resources.retire")
    return Form(to: "/settings/resources/\(resource.id.text)", formKey: frame.formKey, style: "", """
        <input type="hidden" name="version" value="\(line.version)"><input type="hidden" name="retired" value="\(resource.isRetired ? "no" : "yes")">\
        <button class="btn btn-link">\(words)<span class="hide">: <span translate="no">\(resource.name)</span></span></button>
        """)
}

private func kind(_ kind: PlaceResource.Kind, _ t: Wording) -> HTML {
    switch kind {
    case .room: t("resources.room")
    case .device: t("resources.device")
    }
}

private func fieldErrors(_ refusal: ResourceRefusal?, _ t: Wording) -> [FieldError] {
    switch refusal {
    case nil, .changedMeanwhile?, .notFound?: []
    case .tooMany?: [FieldError("name", t("resources.too-many"))]
    case .invalid(let problems)?:
        problems.map { FieldError($0.field, $0.field == "sort" && $0.fault == .notPossible ? t("resources.sort-wrong") : $0.fault.words(t)) }
    }
}
