import Contracts
import Web

struct NoticesView: Sendable {
    var patient: PatientSummary
    var visit: AppointmentLine
    var names: ClinicNames
    var notices: Notices
    var now: Moment
}

/// `GET /patients/{id}/visits/{visit}/messages`: whether the patient was reminded, when, and why not.
func noticesPage(_ view: NoticesView, in frame: Frame) -> HTML {
    let t = frame.t
    let (visit, patient) = (view.visit, view.patient)
    let when = Moment(visit.start).map { t.dateAndTime($0, .full) } ?? "\(visit.start.local) \(visit.start.zone)"
    let service = view.names.service(visit.service, t)
    return frame.with(banner: patientStrip(patient, asOf: view.now, view.now, t)).page(
        title: t("notices.title"),
        """
        <div class="stack"><h2>\(t("notices.title"))</h2><p class="lead">\(when)</p>\
        <p class="plain">\(t("chart.visit", ["service": service, "clinician": view.names.clinician(visit.practitioner, t)])) \
        \(t.visitStatus(visit.status))</p>\(NoticeTable(view.notices, now: view.now, t))\
        <p>\(Action(t("chart.back"), to: "/patients/\(patient.id)", .plain))</p></div>
        """)
}
