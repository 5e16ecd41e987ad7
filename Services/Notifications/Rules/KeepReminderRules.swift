internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Writes the next version, unless somebody else did since.
@Sendable func keepReminderRules(
    _ command: KeepReminderRules, _ actor: Actor, _ tx: Transaction
) async throws -> Answer<KeepReminderRules> {
    let rules = ReminderPlan.ladder.filter { command.rules.contains($0.rawValue) }
    let letters = command.service.utf8
    let isCode = (1...60).contains(letters.count) && letters.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
    guard isCode, rules.count == command.rules.count else { return .refused(.invalid) }
    let known = try await tx.first("SELECT max(version) FROM reminder_rule WHERE service = \(command.service)", as: Int?.self) ?? nil
    guard (known ?? 0) == command.version else { return .refused(.changedMeanwhile(version: known ?? 0)) }
    try await tx.run(
        """
        INSERT INTO reminder_rule (service, version, account, rules)
        VALUES (\(command.service), \(command.version + 1), \(actor.account?.uuid), \(rules.map(\.rawValue)))
        """)
    return .done(SettingKept(version: command.version + 1))
}

/// Of two writers at once one is told here.
@Sendable func refusalOfReminderRules(
    _ command: KeepReminderRules, _ constraint: String, _ actor: Actor, _ tx: Transaction
) async throws -> ReminderRulesRefusal? {
    constraint == "reminder_rule_once" ? .changedMeanwhile(version: command.version + 1) : nil
}
