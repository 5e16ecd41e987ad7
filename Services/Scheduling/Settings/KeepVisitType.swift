internal import Access
internal import Contracts
internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres

private let typesAtMost = 50

/// Writes the next version, unless somebody else did since.
@Sendable func keepVisitType(_ command: KeepVisitType, _ actor: Actor, _ tx: Transaction) async throws -> Answer<KeepVisitType> {
    let type = command.type
    guard type.problems.isEmpty, type.isValid else {
        return .refused(.invalid(problems: type.problems.isEmpty ? [EntryProblem("code", .notPossible)] : type.problems))
    }
    let known = try await tx.first("SELECT version FROM visit_service WHERE code = \(type.code) FOR UPDATE", as: Int.self)
    guard known != nil || command.version == 0 else { return .refused(.notFound) }
    guard known == nil || command.version != 0 else { return .refused(.codeTaken) }
    let version = known ?? 0
    guard version == command.version || Fault.hoursOverwrite.isOn else { return .refused(.changedMeanwhile(version: version)) }
    if known == nil {
        let count = try await tx.first("SELECT count(*) FROM visit_service", as: Int.self)
        guard (count ?? 0) < typesAtMost else { return .refused(.tooMany) }
    }
    tx.queue(try type.save(by: actor.account))
    let now = try await tx.first("SELECT version FROM visit_service WHERE code = \(type.code)", as: Int.self)
    return .done(SettingKept(version: now ?? 1))
}

/// Of two writers of a new kind at once one is told here.
@Sendable func refusalOfVisitType(
    _ command: KeepVisitType, _ constraint: String, _ actor: Actor, _ tx: Transaction
) async throws -> VisitTypeRefusal? {
    constraint == "visit_service_version_once" ? .codeTaken : nil
}

extension VisitService {
    fileprivate var problems: [EntryProblem] {
        var problems: [EntryProblem] = []
        for language in ["en", "es"] {
            let name = (name[language] ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
            if name.isEmpty { problems.append(EntryProblem(language, .missing)) }
            if name.count > 100 { problems.append(EntryProblem(language, .tooLong)) }
        }
        if !(5...480).contains(minutes) { problems.append(EntryProblem("minutes", .notPossible)) }
        return problems + (rules?.problems ?? [])
    }
}
