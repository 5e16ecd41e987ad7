internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// What providers tell of texts: answers of people, and what became of messages.
struct Hooks: Sendable {
    let wishes: Wishes
    /// Nil where this installation sends no texts: then nothing is believed.
    let signature: HookSignature?

    init(wishes: Wishes, portal: String) {
        self.wishes = wishes
        signature = wishes.text.map { HookSignature(token: $0.token, address: portal) }
    }

    /// STOP, START and HELP, and whether somebody comes, from the moment this is committed: senders look at it again before they hand anything over.
    @Sendable func receiveText(_ command: ReceiveText, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReceiveText> {
        let hook = command.hook
        guard signature?.isGood(hook) == true else { return .refused(.notSigned) }
        guard hook["AccountSid"] == wishes.text?.account, let sid = hook["MessageSid"], (1...64).contains(sid.utf8.count),
            let from = hook["From"], Texter.isNumber(from), let body = hook["Body"]
        else { return .refused(.unreadable) }
        let isNew = try await tx.run("INSERT INTO heard_text (sid) VALUES (\(sid)) ON CONFLICT DO NOTHING")
        guard isNew == 1 else { return .refused(.replayed) }

        let number = wishes.numbers.mark(from)
        let known = try await tx.all(
            "SELECT patient, language FROM texted WHERE number = \(number) ORDER BY at DESC LIMIT 50", as: UUID.self, String.self)
        // The provider may know the word by itself, and have answered it.
        let word = ReplyWord(hook["OptOutType"] ?? body)
        let language = ReplyWord.language(of: body) ?? Language(tag: known.first?.1)
        let messages = word == .accept || word == .decline ? try await lastText(to: number, in: tx) : []
        let message = messages.first
        let answer = messages.count > 1 ? word == .accept ? .acceptedAll : .several : answer(to: word, about: message)
        if answer != .several { for told in messages where told.state.takesAnswers { told.answer(word == .accept, by: "text", in: tx) } }
        if word == .stop || word == .start {
            tx.queue(
                """
                INSERT INTO number_wish (number, stopped) VALUES (\(number), \(word == .stop))
                ON CONFLICT (number) DO UPDATE SET stopped = excluded.stopped, at = excluded.at
                """)
            for (patient, _) in known { tx.queue(consent(of: patient, word, body)) }
        }
        return .done(TextHeard(answer: hook["OptOutType"] == nil ? answer : nil, start: message?.start, language: language.rawValue))
    }

    /// What the last text to a number told of that can still be answered; of one visit alone also what cannot.
    private func lastText(to number: [UInt8], in tx: Transaction) async throws -> [AnsweredMessage] {
        // Of those whose texts go to this number still: who had it before them has no say.
        let reached: SQL = """
            i.channel = 'sms' AND i.patient IN (SELECT t.patient FROM texted t WHERE t.number = \(number)
                AND NOT EXISTS (SELECT FROM texted n WHERE n.patient = t.patient AND n.at > t.at))
            """
        guard let message = try await AnsweredMessage.find(reached, in: tx) else { return [] }
        guard let leader = message.leader else { return [message] }
        let all = try await AnsweredMessage.all("i.leader = \(leader) AND \(reached)", atMost: IntentLedger.mostTogether, in: tx)
        let open = all.filter(\.state.takesAnswers)
        return open.isEmpty ? [message] : open
    }

    /// - Parameter message: the one that went to the number last, where the word answers one.
    private func answer(to word: ReplyWord, about message: AnsweredMessage?) -> TextAnswer {
        switch word {
        case .stop: return .stopped
        case .start: return .started
        case .help: return .help
        case .other: return .notUnderstood
        case .accept, .decline: break
        }
        switch message?.state {
        case nil: return .notUnderstood
        case .open, .accepted: return word == .accept ? .accepted : .declined
        case .declined: return .declined
        case .cancelled: return .cancelled
        case .moved: return .moved
        case .past, .refused: return .past
        }
    }

    private func consent(of patient: UUID, _ word: ReplyWord, _ body: String) -> SQL {
        let id = UUID.v7()
        let words = wishes.sealed(String(body.prefix(500)), of: patient, consent: id)
        return """
            INSERT INTO consent (id, patient, means, texts, words)
            VALUES (\(id), \(patient), 'text', \(word == .stop ? "stopped" : "started"), \(words))
            """
    }
}
