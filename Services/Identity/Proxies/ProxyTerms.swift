internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// What a patient's age makes of a proxy: full before the twelfth birthday, limited until the eighteenth, and over by itself then. Birthdays begin at
/// the clinic's midnight; who was born on 29 February has theirs on the 28th where there is no other.
struct ProxyTerms: Sendable {
    /// The twelfth birthday.
    let narrows: Date
    /// The eighteenth.
    let ofAge: Date
    /// When the last day that was asked for is over.
    let asked: Date?

    static func of(born birthDate: String, until: String?, in tx: Transaction) async throws -> ProxyTerms {
        let row = try await tx.first(
            """
            SELECT (\(birthDate)::date + interval '12 years') AT TIME ZONE zone, (\(birthDate)::date + interval '18 years') AT TIME ZONE zone,
                (\(until)::date + 1)::timestamp AT TIME ZONE zone
            FROM clinic
            """, as: Date.self, Date.self, Date?.self)
        // Without a clinic there is no zone, and without one no day begins.
        guard let row else { throw TryLater("no-clinic") }
        return ProxyTerms(narrows: row.0, ofAge: row.1, asked: row.2)
    }

    /// - Parameter text: `2016-03-14`
    static func isDay(_ text: String) -> Bool {
        let days = Date.ISO8601FormatStyle().year().month().day()
        return text.utf8.count == 10 && (try? Date(text, strategy: days)).map { $0.formatted(days) == text } == true
    }
}

extension ProxyLevel {
    /// As it is at a time. - Parameter narrows: from when on it is limited at most.
    init?(_ granted: String, narrows: Date?, at now: Date) {
        guard let level = ProxyLevel(rawValue: granted) else { return nil }
        self = narrows.map { $0 <= now } == true ? .limited : level
    }
}
