import Contracts
import Web

struct DeskView: Sendable {
    var patient: PatientSummary
    var visits: Available<Appointments>
    var names: ClinicNames
    var mayBook: Bool
    var now: Moment
}

/// `GET /patients/{id}` for those who see who a patient is and when they come, and nothing of the record.
func deskPage(_ view: DeskView, in frame: Frame) -> HTML {
    let t = frame.t
    let patient = view.patient
    return frame.with(banner: patientStrip(patient, asOf: view.now, view.now, t)).page(title: "\(patient.family), \(patient.given)", """
        <div class="chart-cols"><div>\(visitsPanel(
            view.visits, of: patient.id, view.names, mayBook: view.mayBook, showsMessages: true, view.now, t))</div>\
        <div><section class="panel" aria-labelledby="reach"><header><h2 id="reach">\(t("desk.reach"))</h2></header>\
        \(Facts([(t("patient.phone"), patient.phone.map { HTML(text: $0) } ?? t("patient.not-known"))]))</section>\
        \(portalPanel(patient.id, t))</div><div>\(Note(.plain, "<p>\(t("desk.no-record"))</p>"))</div></div>
        """)
}
