internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension AccountRequestBook {
    /// What a letter says and to whom, at the moment it is sent. Nothing when it is for nobody, or too late.
    func readLetter(_ query: ReadLetter, by actor: Actor, in tx: Transaction) async throws -> Answer<ReadLetter> {
        let letter = query.letter.uuid
        let row = try await tx.first(
            """
            SELECT l.kind, a.username, a.language, a.role, r.id IS NOT NULL, i.patient, q.id, q.body, i.id IS NOT NULL, p.id,
                p.patient, p.body
            FROM letter l LEFT JOIN account a ON a.id = l.account AND a.state = 'active'
                LEFT JOIN reset r ON r.id = l.id AND r.closed_at IS NULL AND r.expires_at > now()
                LEFT JOIN invitation i ON i.id = l.invitation AND i.closed_at IS NULL AND i.expires_at > now()
                LEFT JOIN account_request q ON q.id = l.request AND q.state = 'open'
                LEFT JOIN proxy p ON p.id = l.proxy
            WHERE l.id = \(letter) AND l.written_at > now() - interval '1 day'
            """, as: String.self, String?.self, String?.self, String?.self, Bool.self, UUID?.self, UUID?.self, [UInt8]?.self,
            Bool.self, UUID?.self, UUID?.self, [UInt8]?.self)
        guard let (kindName, username, language, roleName, isOpen, patient, request, body, isInvited, proxy, whose, person) = row,
            let kind = LetterKind(rawValue: kindName)
        else { return .done(LetterReply()) }
        if let proxy, let whose, let person {
            return .done(LetterReply(letter: proxies.letter(kind, letter, isInvited: isInvited, proxy: proxy, of: whose, person)))
        }
        if let patient {
            let code = codes.code(of: letter)
            return .done(LetterReply(letter: LetterView(to: "", kind: kind.rawValue, audience: .portal, code: code, patient: ID(patient))))
        }
        if let request, let body {
            let details = try opened(body, row: request)
            return .done(
                LetterReply(letter: LetterView(to: details.email, language: details.language, kind: kind.rawValue, audience: .portal)))
        }
        guard let to = username, let audience = roleName.flatMap(Role.init).flatMap({ Audience(of: $0) }), !kind.carriesCode || isOpen else {
            return .done(LetterReply())
        }
        let code = kind.carriesCode ? codes.code(of: letter) : nil
        return .done(LetterReply(letter: LetterView(to: to, language: language, kind: kind.rawValue, audience: audience, code: code)))
    }
}
