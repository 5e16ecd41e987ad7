internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import ServiceHost

/// Sends e-mails and text messages about visits, each once, keeps why each was sent or not, and sends identity's letters about accounts.
@main enum NotificationsService {
    static func main() async throws {
        try await ServiceHost.run("notifications", migrations: Bundle.module.bundleURL.appending(path: "Migrations")) { service in
            service.workBesideDatabase()
            let outgoing = OutgoingSettings(service.settings)
            let planning = Planning(sealer: service.sealer, off: outgoing.off)
            let refresher = ContactRefresher(database: service, bus: service.bus, sealer: service.sealer)
            let senders = try outgoing.senders(service)

            answers(service.registry, planning)
            service.work("refresh-contacts") { try await refresher.run() }
            service.work("send-letters") { try await senders.letters.run() }
            for sender in senders.visits { service.work("send-\(sender.channel.rawValue)") { try await sender.run() } }
        }
    }

    static func answers(_ service: Registry, _ planning: Planning) {
        service.seals([SealedColumn("contact", "body", row: "patient")])
        service.answer(ReadNotices.self, to: .staff(.frontDesk, .administrator, of: .nobody), with: readNotices)

        service.on(AppointmentBooked.self, "plan-on-appointment-booked", do: planning.planOnAppointmentBooked)
        service.on(AppointmentRescheduled.self, "supersede-on-appointment-rescheduled", do: planning.supersedeOnAppointmentRescheduled)
        service.on(AppointmentCancelled.self, "supersede-on-appointment-cancelled", do: planning.supersedeOnAppointmentCancelled)
        service.on(ContactChanged.self, "refresh-on-contact-changed", do: refreshOnContactChanged)
        service.on(PatientRegistered.self, "refresh-on-patient-registered", do: refreshOnPatientRegistered)
        service.on(LetterWritten.self, "send-on-letter-written", do: sendOnLetterWritten)
        service.on(ResultAmended.self, "write-on-result-amended", do: writeOnResultAmended)
    }
}
