internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Whom a new bill is issued to; nothing of it where that is the patient.
struct Payer: Sendable {
    let guarantor: UUID
    /// Their own record; nil for somebody without one.
    let person: UUID?

    /// What bills and statements are kept under: their record, or what was said of them.
    var billedTo: UUID { person ?? guarantor }

    /// Who pays what is issued now, by the clinic's day: of what was said for the same day the later holds.
    static func later(of patient: ID<Patient>, in tx: Transaction) -> Later {
        tx.later(
            """
            SELECT id, person, relationship FROM guarantor
            WHERE patient = \(patient.uuid) AND valid_from <= \(Self.today) ORDER BY valid_from DESC, made_at DESC, id DESC LIMIT 1
            """)
    }

    /// - Parameter rows: what `later` asked for.
    static func current(_ rows: Later) throws -> Payer? {
        guard let (id, person, relationship) = try rows.first(as: UUID.self, UUID?.self, String.self), relationship != "patient" else { return nil }
        return Payer(guarantor: id, person: person)
    }

    /// The clinic's clocks, once it is known which those are.
    static let zone: SQL = "coalesce((SELECT zone FROM clinic), 'UTC')"

    /// The clinic's day.
    static let today: SQL = "(now() AT TIME ZONE \(zone))::date"

    /// To whom what was issued: what decisions about bills of others go by.
    static let bills: SQL = """
        SELECT i.patient, i.id AS bill, i.billed_to AS payer FROM invoice i WHERE i.billed_to IS NOT NULL
        UNION ALL SELECT p.patient, p.id, i.billed_to FROM payment p JOIN invoice i ON i.id = p.invoice WHERE i.billed_to IS NOT NULL
        UNION ALL SELECT s.patient, s.id, s.billed_to FROM statement s WHERE s.billed_to IS NOT NULL
        """
}

extension BilledTo {
    /// Of `g`, what was said of who pays.
    static let columns: SQL = "g.name, g.person, g.address, g.patient_name"

    /// - Parameter row: of `columns`; all nil where the patient pays.
    init?(_ row: (String?, UUID?, String?, String?)) {
        guard let name = row.0, let patientName = row.3 else { return nil }
        self.init(name: name, person: row.1.map { ID($0) }, address: row.2, patientName: patientName)
    }
}

extension String {
    /// A day that there is, as `2026-12-24`: the 30th of February is none.
    var isDay: Bool {
        let style = Date.ISO8601FormatStyle().year().month().day()
        return (try? style.parse(self)).map { $0.formatted(style) == self } ?? false
    }
}

/// Who pays, and what of others they may open for it.
func answerGuarantors(_ service: Registry) {
    service.billing(by: Payer.bills)
    service.answer(SetGuarantor.self, to: .office, with: setGuarantor, refusing: refusalOfGuarantor)
    service.answer(ReadGuarantors.self, to: .office, with: readGuarantors)
    service.answer(FindBilledPatient.self, to: .ownWishes, with: findBilledPatient)
}
