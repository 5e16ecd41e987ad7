internal import Crypto
internal import Foundation
internal import Postgres

/// How many failures are free, and how the wait grows from then on: twice as long each time.
struct ThrottleRule: Sendable, Equatable {
    let free: Int
    /// Seconds, like those below.
    let firstWait: Double
    let longestWait: Double
    /// Without another failure for so long, all are forgotten.
    let forgottenAfter: Double

    /// One name from one source: somebody guesses, or has forgotten.
    static let nameAtSource = ThrottleRule(free: 5, firstWait: 30, longestWait: 3_600, forgottenAfter: 86_400)
    /// One name from anywhere: at most 50 guesses on the first day, 24 on each day after.
    static let name = ThrottleRule(free: 20, firstWait: 60, longestWait: 3_600, forgottenAfter: 86_400)
    /// One source with any name; an office may share one address.
    static let source = ThrottleRule(free: 50, firstWait: 10, longestWait: 900, forgottenAfter: 3_600)
    /// Letters somebody asks for: never taken back, for none of them is a success.
    static let letter = ThrottleRule(free: 3, firstWait: 300, longestWait: 3_600, forgottenAfter: 86_400)
    /// Letters to one address from wherever they are asked for: a mailbox is not filled, and its owner not held up by three requests of a stranger's.
    static let mailbox = ThrottleRule(free: 20, firstWait: 300, longestWait: 3_600, forgottenAfter: 86_400)
    /// Requests for accounts from one source, whoever they name: each may be somebody's work at the desk.
    static let requests = ThrottleRule(free: 10, firstWait: 60, longestWait: 3_600, forgottenAfter: 86_400)
    static let activation = ThrottleRule(free: 10, firstWait: 30, longestWait: 3_600, forgottenAfter: 86_400)

    func wait(afterFailures failures: Int) -> Double? {
        guard failures >= free else { return nil }
        return min(longestWait, firstWait * pow(2, Double(min(failures - free, 20))))
    }
}

/// Slows guessing down. A try counts as failed before it is looked at, and success takes that back: so a hundred tries at once are no way around it.
struct Throttle: Sendable {
    struct Counter: Sendable {
        let id: UUID
        let rule: ThrottleRule
    }

    /// What a try is counted for.
    struct Counters: Sendable {
        let own: Counter
        /// Counted too, unless `known` has succeeded before: what others try does not lock out who is known.
        let shared: [Counter]
        /// What makes a source known, where that is not `own`.
        var known: Counter?
    }

    enum Claim: Sendable {
        case go(counted: Counters)
        case blocked(until: Date)
    }

    /// A success keeps a source known for so many days.
    static let knownDays = 90.0
    private let key: SymmetricKey

    init(key: SymmetricKey) { self.key = key }

    /// - Parameter device: remembered for this account. It has a counter of its own: what others try there or elsewhere does not hold it up.
    func signIn(_ username: Username, source: String, device: UUID? = nil) -> Counters {
        if let device { return Counters(own: counter("sign-in/device", [device.uuidString], .nameAtSource), shared: []) }
        return Counters(
            own: counter("sign-in", [username.text, source], .nameAtSource),
            shared: [counter("sign-in/name", [username.text], .name), counter("sign-in/source", [source], .source)])
    }

    /// Codes of a second factor: who tries them knows the password.
    func code(of account: UUID, source: String) -> Counters {
        let name = account.uuidString.lowercased()
        return Counters(own: counter("code", [name, source], .nameAtSource), shared: [counter("code/account", [name], .name)])
    }

    /// Answers of a passkey: who gives a wrong one has the passkey, or guesses at what nobody can guess.
    func passkey(_ credential: Data, source: String) -> Counters {
        Counters(
            own: counter("passkey", [credential.base64EncodedString(), source], .nameAtSource),
            shared: [counter("passkey/source", [source], .source)])
    }

    /// Letters to one name that one source asks for, those to the name from anywhere, and those the source asks for. Whoever has signed in from there
    /// is held up by what they ask for themselves and nothing else.
    func reset(_ username: Username, source: String) -> Counters {
        Counters(
            own: counter("reset", [username.text, source], .letter),
            shared: [counter("reset/name", [username.text], .mailbox), counter("reset/source", [source], .source)],
            known: counter("sign-in", [username.text, source], .nameAtSource))
    }

    /// Requests for accounts: for one address from one source, for the address from anywhere, and from the source.
    func request(_ address: Username, source: String) -> Counters {
        Counters(
            own: counter("request", [address.text, source], .letter),
            shared: [counter("request/address", [address.text], .mailbox), counter("request/source", [source], .requests)])
    }

    func activation(source: String) -> Counters { Counters(own: counter("activation", [source], .activation), shared: []) }

    /// Keyed, so that the table names nobody.
    private func counter(_ purpose: String, _ parts: [String], _ rule: ThrottleRule) -> Counter {
        var hmac = HMAC<SHA256>(key: key)
        for part in [purpose] + parts {
            hmac.update(data: Array("\(part.utf8.count)/\(part)".utf8))
        }
        let bytes = Array(hmac.finalize())
        let id = bytes.withUnsafeBytes { $0.loadUnaligned(as: uuid_t.self) }
        return Counter(id: UUID(uuid: id), rule: rule)
    }
}

extension Throttle {
    private struct Row: Sendable {
        let failures: Int
        let lastAt: Date
        let blockedUntil: Date?
        let succeededAt: Date?
        let now: Date

        func next(_ rule: ThrottleRule) -> (failures: Int, blockedUntil: Date?) {
            let failures = (now.timeIntervalSince(lastAt) > rule.forgottenAfter ? 0 : failures) + 1
            return (failures, rule.wait(afterFailures: failures).map(now.addingTimeInterval))
        }
    }

    /// Counts a try, unless too many have failed.
    func claim(_ counters: Counters, in tx: Transaction) async throws -> Claim {
        let known = counters.known ?? counters.own
        let all = [counters.own] + counters.shared + [counters.known].compactMap(\.self)
        let ids = all.map(\.id)
        // Locked in one order everywhere, so that two tries never wait for each other.
        tx.queue("INSERT INTO throttle (key) SELECT k FROM unnest(\(ids)) k ORDER BY k ON CONFLICT DO NOTHING")
        let found = try await tx.all(
            "SELECT key, failures, last_at, blocked_until, succeeded_at, now() FROM throttle WHERE key = ANY(\(ids)) ORDER BY key FOR UPDATE",
            as: UUID.self, Int32.self, Date.self, Date?.self, Date?.self, Date.self)
        let rows = Dictionary(
            uniqueKeysWithValues: found.map {
                ($0.0, Row(failures: Int($0.1), lastAt: $0.2, blockedUntil: $0.3, succeededAt: $0.4, now: $0.5))
            })
        let succeeded = rows[known.id].flatMap { row in row.succeededAt.map { row.now.timeIntervalSince($0) } }
        let isKnown = succeeded.map { $0 < Self.knownDays * 86_400 } ?? false
        let counted = Counters(own: counters.own, shared: isKnown ? [] : counters.shared)
        let mine = [counted.own] + counted.shared
        let until = mine.compactMap { counter in rows[counter.id].flatMap { row in row.blockedUntil.flatMap { $0 > row.now ? $0 : nil } } }.max()
        if let until { return .blocked(until: until) }
        for counter in mine {
            guard let next = rows[counter.id]?.next(counter.rule) else { continue }
            tx.queue(
                """
                UPDATE throttle SET failures = \(Int32(clamping: next.failures)), last_at = now(), blocked_until = \(next.blockedUntil)
                WHERE key = \(counter.id)
                """)
        }
        return .go(counted: counted)
    }

    /// The try was good: takes back that it was counted, and remembers the source.
    func succeed(_ counted: Counters, in tx: Transaction) {
        let shared = counted.shared.map(\.id)
        tx.queue("SELECT FROM throttle WHERE key = ANY(\([counted.own.id] + shared)) ORDER BY key FOR UPDATE")
        tx.queue("UPDATE throttle SET failures = 0, blocked_until = NULL, succeeded_at = now(), last_at = now() WHERE key = \(counted.own.id)")
        guard !shared.isEmpty else { return }
        tx.queue("UPDATE throttle SET failures = greatest(failures - 1, 0), blocked_until = NULL WHERE key = ANY(\(shared))")
    }

    /// Forgets what has no more effect. - Returns: how many rows went.
    func forget(in tx: Transaction) async throws -> Int {
        try await tx.run(
            """
            DELETE FROM throttle WHERE key IN (
                SELECT key FROM throttle WHERE last_at < now() - interval '2 days'
                    AND (succeeded_at IS NULL OR succeeded_at < now() - make_interval(days => \(Int32(Self.knownDays)))) LIMIT 5000)
            """)
    }
}
