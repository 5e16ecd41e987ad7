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
            let clock = DatabaseClock()
            let now: @Sendable () -> Date = { clock.now() }
            let planning = Planning(sealer: service.sealer, off: outgoing.off, now: now)
            let wishes = Wishes(key: service.derivedKey("numbers"), sealer: service.sealer, text: outgoing.text)
            let refresher = ContactRefresher(database: service, bus: service.bus, sealer: service.sealer, numbers: wishes.numbers, now: now)
            let links = VisitLinks(key: service.derivedKey("visit-links"))
            let carrier = AnswerCarrier(database: service, bus: service.bus)

            answers(service.registry, planning, Hooks(wishes: wishes, portal: outgoing.portal), links)
            service.work("read-clock") { try await clock.run(with: service) }
            service.work("carry-answers") { try await carrier.run() }
            if let reader = outgoing.bounceReader(service) { service.work("read-bounces") { try await reader.run() } }
            service.work("refresh-contacts") { try await refresher.run() }
            for (name, run) in try outgoing.senders(service, wishes, links, now) { service.work("send-\(name)") { try await clock.whenRead(run) } }
        }
    }

    static func answers(_ service: Registry, _ planning: Planning, _ hooks: Hooks, _ links: VisitLinks) {
        service.seals([SealedColumn("contact", "body", row: "patient"), SealedColumn("consent", "words")])
        service.answer(ReadNotices.self, to: .notices, with: readNotices)
        service.answer(ReadUnreached.self, to: .unreached, with: readUnreached)
        service.answer(CloseUnreached.self, to: .calling, with: closeUnreached)
        service.answer(ReadReminderRules.self, to: .rules, with: readReminderRules)
        service.answer(ReadReminderRuleHistory.self, to: .rules, with: readReminderRuleHistory)
        service.answer(KeepReminderRules.self, to: .rules, with: keepReminderRules, refusing: refusalOfReminderRules)
        service.answer(ReadPreferences.self, to: .wishes, with: hooks.wishes.readPreferences)
        service.answer(ChangePreferences.self, to: .wishes, with: hooks.wishes.changePreferences)
        service.answer(ReceiveText.self, to: .gateways("portal"), with: hooks.receiveText)
        service.answer(ReadVisitLink.self, to: .gateways("portal"), with: links.readVisitLink)
        service.answer(AnswerVisit.self, to: .gateways("portal"), with: links.answerVisit)
        service.answer(Unsubscribe.self, to: .gateways("portal"), with: links.unsubscribe)
        service.answer(ReceiveReceipt.self, to: .gateways("portal"), with: hooks.receiveReceipt)

        service.on(AppointmentBooked.self, "plan-on-appointment-booked", do: planning.planOnAppointmentBooked)
        service.on(AppointmentRescheduled.self, "supersede-on-appointment-rescheduled", do: planning.supersedeOnAppointmentRescheduled)
        service.on(AppointmentCancelled.self, "supersede-on-appointment-cancelled", do: planning.supersedeOnAppointmentCancelled)
        service.on(AppointmentStatusChanged.self, "supersede-on-appointment-status-changed", do: planning.supersedeOnAppointmentStatusChanged)
        service.on(ContactChanged.self, "refresh-on-contact-changed", do: refreshOnContactChanged)
        service.on(PatientRegistered.self, "refresh-on-patient-registered", do: refreshOnPatientRegistered)
        service.on(LetterWritten.self, "send-on-letter-written", do: sendOnLetterWritten)
        hearLetters(service)
    }
}
