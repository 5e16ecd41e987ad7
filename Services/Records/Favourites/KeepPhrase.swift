internal import Access
internal import Contracts
internal import Foundation
internal import Postgres
internal import Sealing

extension RecordStore {
    @Sendable func keepPhrase(_ command: KeepPhrase, actor: Actor, tx: Transaction) async throws -> Answer<KeepPhrase> {
        let (phrase, id) = (command.phrase, UUID.v7())
        guard phrase.problems.isEmpty, let account = actor.account?.uuid else { return .refused(.invalid(problems: phrase.problems)) }
        let others = try await tx.first("SELECT count(*) FROM phrase WHERE account = \(account) AND name <> \(phrase.name)", as: Int.self)
        guard others ?? 0 < Self.favouritesAtMost else { return .refused(.tooMany) }
        let body = try sealed(favourite: phrase, at: Place("phrase", "body", row: id))
        tx.queue(
            """
            INSERT INTO phrase (id, account, name, body) VALUES (\(id), \(account), \(phrase.name), \(body))
            ON CONFLICT ON CONSTRAINT phrase_once DO UPDATE SET id = excluded.id, body = excluded.body
            """)
        return .done(Done())
    }
}

extension Phrase {
    fileprivate var problems: [EntryProblem] {
        var check = EntryCheck()
        check.needed("name", name)
        if !name.isEmpty, name.wholeMatch(of: /[\p{L}\p{Nd}-]{1,20}/) == nil || name != name.lowercased() {
            check.problems.append(EntryProblem("name", name.count > 20 ? .tooLong : .notPossible))
        }
        check.needed("text", text.trimmingCharacters(in: .whitespacesAndNewlines))
        check.text("text", text, atMost: 1_000)
        return check.problems
    }
}
