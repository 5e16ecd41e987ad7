import Contracts
import Web

/// "Yearly check-up with Dr. Okafor, 18 Mill Street".
func visitLine(_ visit: AppointmentLine, _ names: ClinicNames, _ t: Wording) -> HTML {
    t("visit.line", [
        "service": names.service(visit.service, t), "clinician": names.clinician(visit.practitioner, t), "place": names.place(visit.location, t),
    ])
}

/// "tomorrow, 9:20 am Chicago time". A zone unknown here shows the wall time as it was agreed, with the zone's own name.
func visitTime(_ visit: AppointmentLine, from now: Moment, _ t: Wording) -> HTML {
    Moment(visit.start).map { t.nearDateAndTime($0, from: now) } ?? agreedTime(visit.start)
}

/// "Wednesday 25 November 2026, 9:20 am Chicago time": what must not be mistaken.
func fullTime(_ start: ZonedTime, _ t: Wording) -> HTML {
    Moment(start).map { t.dateAndTime($0, .full) } ?? agreedTime(start)
}

private func agreedTime(_ start: ZonedTime) -> HTML { "\(start.local.replacing("T", with: " ")) \(start.zone)" }
