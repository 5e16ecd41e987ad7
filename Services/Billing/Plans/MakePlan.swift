internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

extension PlanLimits {
    @Sendable func makePlan(_ command: MakePlan, _ actor: Actor, _ tx: Transaction) async throws -> Answer<MakePlan> {
        tx.lockBills(of: command.patient)
        let invoice = command.invoice.uuid
        let underWay = tx.paymentUnderWay(command.invoice)
        let planned = tx.later("SELECT true FROM plan WHERE invoice = \(invoice) AND state = 'active'")
        let disputed = tx.later("SELECT true FROM line_dispute WHERE invoice = \(invoice) AND state = 'open' LIMIT 1")
        let isOffice = actor.role != .patient
        let lastDay = tx.later("SELECT (\(Payer.today) + \(isOffice ? Self.daysOfOffice : Self.daysOfPayer)::int)::text")
        guard let open = try await OpenInvoice.lock(command.invoice, of: command.patient, in: tx) else { return .refused(.notFound) }
        if try planned.first(as: Bool.self) != nil { return .refused(.alreadyPlanned) }
        if let payment = try underWay.first(as: UUID.self) { return .refused(.underWay(payment: ID(payment))) }
        if try disputed.first(as: Bool.self) != nil { return .refused(.disputed) }
        guard open.due == command.due, open.due > 0 else { return .refused(.changed(due: open.due)) }
        guard isOffice || open.due >= from else { return .refused(.tooSmall(from: from)) }
        // Of a few cents there are no more instalments than cents.
        let most = min(isOffice ? Self.mostOfOffice : Self.mostOfPayer, open.due)
        guard command.count >= Self.least, command.count <= most else { return .refused(.invalidCount(most: most)) }
        let last = try lastDay.first(as: String.self) ?? ""
        guard command.first.isDay, try await tx.first(
            "SELECT \(command.first)::text::date BETWEEN \(Payer.today) AND \(last)::text::date", as: Bool.self) == true
        else { return .refused(.invalidDay(last: last)) }
        let (plan, patient) = (command.plan.uuid, command.patient.uuid)
        tx.queue(
            """
            INSERT INTO plan (id, patient, invoice, total, count, made_by, by_office)
            VALUES (\(plan), \(patient), \(invoice), \(open.due), \(command.count)::int, \(actor.account?.uuid), \(isOffice))
            """)
        // Months are counted from the first day, so that a month without the 31st does not move those after it.
        for (place, amount) in Instalment.amounts(of: open.due, count: command.count).enumerated() {
            tx.queue(
                """
                INSERT INTO instalment (plan, number, patient, due_on, amount)
                VALUES (\(plan), \(place + 1)::int, \(patient), (\(command.first)::text::date + make_interval(months => \(place)::int))::date,
                    \(amount))
                """)
        }
        return .done(Done())
    }
}

@Sendable func refusalOfPlan(_ command: MakePlan, _ constraint: String, _ actor: Actor, _ tx: Transaction) async throws -> PlanRefusal? {
    switch constraint {
    case "plan_once": .idInUse
    case "plan_active": .alreadyPlanned
    default: nil
    }
}
