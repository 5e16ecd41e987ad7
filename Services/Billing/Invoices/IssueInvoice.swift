internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// What a page has room for, with a few payments of each line.
let linesOfABill = 40
private let daysToPay = 30

/// Writes a bill: what is charged is owed from now on.
@Sendable func issueInvoice(_ command: IssueInvoice, _ actor: Actor, _ tx: Transaction) async throws -> Answer<IssueInvoice> {
    let wanted = command.charges.map(\.uuid)
    guard (1...linesOfABill).contains(wanted.count), Set(wanted).count == wanted.count else { return .refused(.invalid) }
    tx.lockBills(of: command.patient)
    let guarantor = Payer.later(of: command.patient, in: tx)
    let charges = try await tx.all(
        """
        SELECT c.id, c.amount, c.currency, EXISTS (SELECT FROM invoice_line l WHERE l.charge = c.id) FROM charge c
        WHERE c.id = ANY (\(wanted)) AND c.patient = \(command.patient.uuid) AND NOT EXISTS (SELECT FROM charge_void v WHERE v.charge = c.id)
        ORDER BY c.served_at, c.id
        """, as: UUID.self, Int.self, String.self, Bool.self)
    guard charges.count == wanted.count, let currency = charges.first?.2 else { return .refused(.notFound) }
    guard charges.allSatisfy({ $0.2 == currency }) else { return .refused(.severalCurrencies) }
    guard !charges.contains(where: \.3) else { return .refused(.alreadyBilled) }
    let (invoice, patient, payer) = (command.invoice.uuid, command.patient, try Payer.current(guarantor))
    tx.queue(
        """
        INSERT INTO invoice (id, patient, currency, due_on, issued_by, guarantor, billed_to)
        VALUES (\(invoice), \(patient.uuid), \(currency), \(Payer.today) + \(daysToPay)::int, \(actor.account?.uuid), \(payer?.guarantor),
            \(payer?.billedTo))
        """)
    for (place, charge) in charges.enumerated() {
        tx.queue("INSERT INTO invoice_line (invoice, charge, patient, place) VALUES (\(invoice), \(charge.0), \(patient.uuid), \(place))")
    }
    let lines = charges.map { LinePart(charge: $0.0, amount: $0.1) }
    Entry(
        kind: .invoice, patient: patient, invoice: invoice, currency: currency, about: invoice, by: actor.account,
        postings: lines.debits + [Posting(account: .revenue, amount: -lines.total)]
    ).write(in: tx)
    try tx.emit(
        InvoiceIssued(
            invoice: command.invoice, patient: patient, at: Date(), payer: payer?.person.map { ID($0) },
            byPost: payer.map { $0.person == nil }))
    return .done(Done())
}

@Sendable func refusalOfInvoice(_ command: IssueInvoice, _ constraint: String, _ actor: Actor, _ tx: Transaction) async throws -> IssueRefusal? {
    switch constraint {
    case "invoice_once": .idInUse
    case "invoice_line_once": .alreadyBilled
    default: nil
    }
}
