internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension OneTimeCodes {
    /// What a letter says and to whom, at the moment it is sent. Nothing when it is for nobody, or too late.
    func readLetter(_ query: ReadLetter, by actor: Actor, in tx: Transaction) async throws -> Answer<ReadLetter> {
        let row = try await tx.first(
            """
            SELECT l.kind, a.username, a.language, a.role, r.id IS NOT NULL
            FROM letter l JOIN account a ON a.id = l.account
                LEFT JOIN reset r ON r.id = l.id AND r.closed_at IS NULL AND r.expires_at > now()
            WHERE l.id = \(query.letter.uuid) AND a.state = 'active' AND l.written_at > now() - interval '1 day'
            """, as: String.self, String.self, String?.self, String.self, Bool.self)
        guard let (kindName, username, language, roleName, isOpen) = row, let kind = LetterKind(rawValue: kindName),
            let audience = Role(rawValue: roleName).flatMap({ Audience(of: $0) }), !kind.carriesCode || isOpen
        else { return .done(LetterReply()) }
        let code = kind.carriesCode ? self.code(of: query.letter.uuid) : nil
        return .done(LetterReply(letter: LetterView(to: username, language: language, kind: kind.rawValue, audience: audience, code: code)))
    }
}
