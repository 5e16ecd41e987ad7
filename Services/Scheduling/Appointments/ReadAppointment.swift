internal import Access
internal import Contracts
internal import Postgres

/// One appointment as it is now.
@Sendable func readAppointment(_ query: ReadAppointment, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadAppointment> {
    guard let line = try await AppointmentLine.read(query.appointment, in: tx) else { return .refused(.notFound) }
    return .done(line)
}
