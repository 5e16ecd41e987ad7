internal import Access
internal import Contracts
internal import Postgres

/// A new picture takes the place of one that cannot be read, as long as nobody has decided; the document stays in the record.
@Sendable func keepCardPicture(_ command: KeepCardPicture, _ actor: Actor, _ tx: Transaction) async throws -> Answer<KeepCardPicture> {
    let (coverage, patient) = (command.coverage.uuid, command.patient.uuid)
    let state = try await tx.first("SELECT state FROM coverage WHERE id = \(coverage) AND patient = \(patient)", as: String.self)
    guard let state else { return .refused(.notFound) }
    let kept = try await tx.run(
        """
        UPDATE coverage SET front = CASE WHEN \(command.isBack) THEN front ELSE \(command.document.uuid) END,
            back = CASE WHEN \(command.isBack) THEN \(command.document.uuid) ELSE back END
        WHERE id = \(coverage) AND patient = \(patient) AND state = 'stated'
        """)
    return state == "stated" && kept == 1 ? .done(Done()) : .refused(.notOpen)
}
