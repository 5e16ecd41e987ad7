internal import Contracts
internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

/// Asks records where patients with something planned live, keeps the answer sealed, and moves their reminders to the clocks of that place.
struct ContactRefresher: Sendable {
    private static let batch = 20
    /// Between two rounds that found nothing, and after records did not answer.
    private static let pause = Duration.seconds(1)

    let database: any WorkerTransactions
    let bus: any Bus
    let sealer: Sealer
    let numbers: Numbers
    let now: @Sendable () -> Date

    init(database: any WorkerTransactions, bus: any Bus, sealer: Sealer, numbers: Numbers, now: @escaping @Sendable () -> Date = { Date() }) {
        (self.database, self.bus, self.sealer, self.numbers, self.now) = (database, bus, sealer, numbers, now)
    }

    func run() async throws {
        while !Task.isCancelled {
            if try await round() < Self.batch { try await Task.sleep(for: Self.pause * Double.random(in: 0.8...1.2)) }
        }
    }

    /// - Returns: how many patients were asked about.
    @discardableResult
    func round() async throws -> Int {
        let waiting = try await database.transaction { tx in
            // Taken by pushing them on: another instance sees them as not due, and a crash only delays them.
            try await tx.all(
                """
                UPDATE contact SET ask_at = now() + interval '30 s'
                WHERE patient IN (SELECT patient FROM contact WHERE ask_at <= now() ORDER BY ask_at LIMIT \(Self.batch) FOR UPDATE SKIP LOCKED)
                RETURNING patient
                """, as: UUID.self)
        }
        for patient in waiting { try await refresh(ID(patient)) }
        return waiting.count
    }

    private func refresh(_ patient: ID<Patient>) async throws {
        let contact: Contact?
        switch try? await bus.request(ReadContact(patient: patient)) {
        case .done(let answer): contact = answer
        case .refused: contact = nil
        case nil: return  // not now; its turn comes again
        }
        let body = contact.flatMap { try? ContactCopy(zone: $0.zone, practice: $0.practice).sealed(of: patient, sealer) }
        let version = contact?.version ?? 0
        let zone = contact?.zone.flatMap { TimeZone(identifier: $0) }
        let email = contact?.email.flatMap { $0.isEmpty ? nil : numbers.mark(email: $0) }
        let phone = contact?.phone.flatMap { $0.isEmpty ? nil : numbers.mark($0) }
        try await database.transaction { tx in
            // An answer older than what has been announced meanwhile is not kept: the question stays open.
            tx.queue(
                """
                UPDATE contact SET body = \(body), version = \(version), ask_at = NULL, email = \(email), phone = \(phone)
                WHERE patient = \(patient.uuid) AND (\(contact == nil) OR coalesce(announced, 0) <= \(version))
                """)
            if contact?.practice == true, !Fault.practiceIsReal.isOn { return suppressPlans(of: patient, in: tx) }
            if let zone { try await moveReminders(of: patient, to: zone, in: tx) }
        }
    }

    /// Nobody is there to be written to. What was planned before that was known is not left looking as if it were to come.
    private func suppressPlans(of patient: ID<Patient>, in tx: Transaction) {
        tx.queue(
            """
            UPDATE intent SET state = 'suppressed', reason = \(Reason.practice), next_at = NULL
            WHERE patient = \(patient.uuid) AND state = 'scheduled' AND attempts = 0
            """)
    }

    /// Reminders are planned anew by the clock where the patient lives.
    private func moveReminders(of patient: ID<Patient>, to zone: TimeZone, in tx: Transaction) async throws {
        let now = now()
        let reminders = try await tx.all(
            """
            SELECT id, starts_at, rule, planned_at FROM intent
            WHERE patient = \(patient.uuid) AND kind = 'reminder' AND due_zone <> \(zone.identifier) AND starts_at > \(now) AND attempts = 0
                AND (state = 'scheduled' OR state = 'suppressed' AND reason IN ('too-soon', 'outside-hours'))
            FOR UPDATE
            """, as: UUID.self, Date.self, Timing.self, Date.self)
        for (id, start, timing, booked) in reminders {
            let plan = ReminderPlan(timing, startsAt: start, patientZone: zone, now: now, booked: booked)
            let state = plan.suppressed == nil ? "scheduled" : "suppressed"
            let next = plan.suppressed == nil ? plan.due.instant : nil
            tx.queue(
                """
                UPDATE intent SET due_at = \(plan.due.instant), due_local = \(plan.due.local), due_zone = \(plan.due.zone),
                    state = \(state), reason = \(plan.suppressed), next_at = \(next)
                WHERE id = \(id)
                """)
        }
    }
}
