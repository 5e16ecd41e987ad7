internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Writes down who waits, and for what. Kinds of visit that are asked for wait for the clinic, all others for a time that is free.
@Sendable func joinWaitingList(_ command: JoinWaitingList, _ actor: Actor, _ tx: Transaction) async throws -> Answer<JoinWaitingList> {
    Bookings.wait(for: command.patient, tx)
    let problems = command.wishes.problems
    guard problems.isEmpty else { return .refused(.invalid(problems: problems)) }
    let service = tx.later("SELECT mode, by_request FROM visit_service WHERE code = \(command.service)")
    let visit = tx.later(
        """
        SELECT day::text FROM appointment WHERE id = \(command.visit?.uuid) AND patient = \(command.patient.uuid) AND service = \(command.service)
            AND status = 'booked' AND start_at > now()
        """)
    try await tx.flush()
    guard let (mode, isByRequest) = try service.first(as: String.self, Bool.self) else {
        return .refused(.invalid(problems: [EntryProblem("service", .notPossible)]))
    }
    guard actor.role != .patient || mode == "direct" || isByRequest && mode == "view" else { return .refused(.byClinicOnly) }
    let day = try visit.first(as: String.self)
    guard command.visit == nil || day != nil else { return .refused(.visitGone) }
    let kind: WaitingKind = isByRequest && command.visit == nil ? .request : .list
    let wishes = command.wishes
    try await tx.run(
        """
        INSERT INTO waiting (id, patient, kind, service, practitioner, location, visit, first_day, last_day, weekdays, part, made_by)
        VALUES (\(command.waiting.uuid), \(command.patient.uuid), \(kind.rawValue), \(command.service), \(command.practitioner?.uuid),
            \(command.location?.uuid), \(command.visit?.uuid), coalesce(\(wishes.from)::date, current_date - 1),
            coalesce(\(wishes.until ?? day)::date, current_date + 90), \(wishes.weekdays), \(wishes.part.rawValue), \(actor.account?.uuid))
        """)
    return .done(Done())
}

/// Of two forms that are sent at once, as of one that is sent again.
@Sendable func refusalOfJoining(_ command: JoinWaitingList, _ constraint: String, _ actor: Actor, _ tx: Transaction) async throws -> JoinRefusal? {
    ["waiting_one_open", "waiting_once"].contains(constraint) ? .waitsAlready : nil
}

extension VisitWishes {
    fileprivate var problems: [EntryProblem] {
        var problems: [EntryProblem] = []
        let (first, last) = (from.map(LocalDay.init), until.map(LocalDay.init))
        if case .some(nil) = first { problems.append(EntryProblem("from", .notPossible)) }
        if case .some(nil) = last { problems.append(EntryProblem("until", .notPossible)) }
        if let first = first ?? nil, let last = last ?? nil, last < first { problems.append(EntryProblem("until", .beforeTheFirst)) }
        if weekdays.count > 7 || !weekdays.allSatisfy({ (1...7).contains($0) }) { problems.append(EntryProblem("weekdays", .notPossible)) }
        return problems
    }
}
