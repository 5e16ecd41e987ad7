internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

private let nameAtMost = 200
private let addressAtMost = 500

@Sendable func setGuarantor(_ command: SetGuarantor, _ actor: Actor, _ tx: Transaction) async throws -> Answer<SetGuarantor> {
    let paysThemselves = command.relationship == .patient
    guard paysThemselves == (command.payerName == nil), !paysThemselves || command.person == nil && command.address == nil else {
        return .refused(.nobody)
    }
    guard command.person != command.patient else { return .refused(.themselves) }
    let (name, address) = (command.payerName ?? command.patientName, command.address.flatMap { $0.isEmpty ? nil : $0 })
    // Where nobody looks in the portal a bill goes by post.
    let isReached = paysThemselves || command.person != nil || address != nil
    guard !name.isEmpty, name.count <= nameAtMost, command.patientName.count <= nameAtMost, isReached, address?.count ?? 0 <= addressAtMost else {
        return .refused(.invalidName)
    }
    tx.lockBills(of: command.patient)
    guard command.from.isDay, try await tx.first("SELECT \(command.from)::text::date >= \(Payer.today)", as: Bool.self) == true else {
        return .refused(.invalidDay)
    }
    try await tx.run(
        """
        INSERT INTO guarantor (id, patient, patient_name, relationship, person, name, address, reason, valid_from, made_by)
        VALUES (\(command.guarantor.uuid), \(command.patient.uuid), \(command.patientName), \(command.relationship.rawValue),
            \(command.person?.uuid), \(command.payerName), \(address), \(command.reason.rawValue),
            \(command.from)::text::date, \(actor.account?.uuid))
        """)
    return .done(Done())
}

@Sendable func refusalOfGuarantor(
    _ command: SetGuarantor, _ constraint: String, _ actor: Actor, _ tx: Transaction
) async throws -> GuarantorRefusal? {
    constraint == "guarantor_once" ? .idInUse : nil
}
