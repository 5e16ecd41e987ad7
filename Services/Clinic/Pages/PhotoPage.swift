import Contracts
import Web

struct PhotoView: Sendable {
    var patient: PatientSummary
    var problem: ImageProblem?
    var wasKept = false
    var now: Moment
}

/// `GET /patients/{id}/photo/change`: what the patient looks like, so that nobody opens another's chart.
func photoPage(_ view: PhotoView, in frame: Frame) -> HTML {
    let (t, patient) = (frame.t, view.patient)
    let errors: [FieldError] =
        switch view.problem {
        case nil: []
        case .tooLarge?: [FieldError("photo", t("texts.logo-too-large"))]
        case .notAnImage?: [FieldError("photo", t("texts.logo-wrong"))]
        case .notThatSize?: [FieldError("photo", t("photo.size"))]
        }
    let choice = FileChoice("photo", t("photo.file"), hint: t("photo.hint"), accepts: ["image/png", "image/jpeg"]).marked(errors, t)
    let form = FileForm(
        to: "/patients/\(patient.id)/photo/change", formKey: frame.formKey, style: "card stack",
        """
        \(choice)<p class="cluster"><button class="btn">\(t("photo.save"))</button>\
        \(Action(t("photo.leave"), to: "/patients/\(patient.id)", .link))</p>
        """)
    let remove = Form(
        to: "/patients/\(patient.id)/photo/remove", formKey: frame.formKey, style: "",
        "<button class=\"btn btn-plain\">\(t("photo.remove"))</button>")
    let framed = frame.with(banner: patientStrip(patient, asOf: view.now, view.now, t))
    return framed.page(title: t("photo.title"), hasErrors: !errors.isEmpty, script: .picture, """
        <div class="wrap-narrow stack"><h2>\(t("photo.title"))</h2>\
        \(when: view.wasKept, Note(.ok, announcement: .status, "<p>\(t("photo.kept"))</p>").html)\
        \(errors.isEmpty ? nil : ErrorSummary(errors, t))<p class="lead">\(t("photo.lead"))</p>\(form)\
        \(when: patient.photo == true, remove.html)</div>
        """)
}
