internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Writes a leave or a holiday; its times are offered no more from this moment.
@Sendable func keepAbsence(_ command: KeepAbsence, _ actor: Actor, _ tx: Transaction) async throws -> Answer<KeepAbsence> {
    let problems = command.problems
    guard problems.isEmpty else { return .refused(.invalid(problems: problems)) }
    switch command.what {
    case .leave(let practitioner, let from, let until, let zone):
        guard try await isKnown(zone: zone, tx) else { return .refused(.unknownZone) }
        tx.queue(
            """
            INSERT INTO leave (id, practitioner, period, zone, note, account)
            VALUES (\(command.id), \(practitioner.uuid), tstzrange(\(from)::timestamp AT TIME ZONE \(zone), \(until)::timestamp AT TIME ZONE \(zone)),
                \(zone), \(command.note), \(actor.account?.uuid))
            """)
    case .holiday(let location, let day):
        tx.queue(
            """
            INSERT INTO holiday (id, location, day, name, account)
            VALUES (\(command.id), \(location.uuid), \(day)::date, \(command.note), \(actor.account?.uuid))
            """)
    }
    let affected = try await tx.first("SELECT count(*) FROM affected(\(command.id))", as: Int.self)
    if let change = try await LeaveChanged.read(command.id, in: tx) { try tx.emit(change) }
    return .done(AbsenceKept(affected: affected ?? 0))
}

@Sendable func refusalOfAbsence(_ command: KeepAbsence, _ constraint: String, _ actor: Actor, _ tx: Transaction) async throws -> AbsenceRefusal? {
    constraint == "holiday_once" ? .known : nil
}

/// Takes an absence back.
@Sendable func endAbsence(_ command: EndAbsence, _ actor: Actor, _ tx: Transaction) async throws -> Answer<EndAbsence> {
    guard var change = try await LeaveChanged.read(command.id, in: tx) else { return .refused(.notFound) }
    let gone = try await tx.all(
        """
        WITH leaves AS (DELETE FROM leave WHERE id = \(command.id) RETURNING id),
            holidays AS (DELETE FROM holiday WHERE id = \(command.id) RETURNING id)
        SELECT id FROM leaves UNION ALL SELECT id FROM holidays
        """, as: UUID.self)
    guard !gone.isEmpty else { return .refused(.notFound) }
    change.ended = true
    try tx.emit(change)
    return .done(Done())
}

extension KeepAbsence {
    fileprivate var problems: [EntryProblem] {
        var problems: [EntryProblem] = []
        let words = note.trimmingCharacters(in: .whitespacesAndNewlines)
        if note.count > 100 { problems.append(EntryProblem("note", .tooLong)) }
        switch what {
        case .leave(_, let from, let until, _):
            let (first, last) = (Self.moment(from), Self.moment(until))
            if first == nil { problems.append(EntryProblem("from", .notPossible)) }
            if last == nil || first.map({ $0 >= last ?? "" }) == true { problems.append(EntryProblem("until", .notPossible)) }
        case .holiday(_, let day):
            if LocalDay(day) == nil { problems.append(EntryProblem("day", .notPossible)) }
            if words.isEmpty { problems.append(EntryProblem("note", .missing)) }
        }
        return problems
    }

    /// `2026-12-01T08:00` when there is such a time of such a day.
    private static func moment(_ text: String) -> String? {
        let parts = text.split(separator: "T", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, LocalDay(parts[0]) != nil, let time = WallTime(parts[1]), time.minutes < 24 * 60 else { return nil }
        return text
    }
}
