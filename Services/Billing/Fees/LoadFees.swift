internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

private let feesAtMost = 1_000
private let highestFee = 1_000_000_000

/// Replaces the list: codes that are not in it are charged no more.
@Sendable func loadFees(_ command: LoadFees, _ actor: Actor, _ tx: Transaction) async throws -> Answer<LoadFees> {
    if let line = command.fees.firstInvalid { return .refused(.invalid(line: line)) }
    tx.queue("UPDATE fee SET retired_at = now() WHERE retired_at IS NULL")
    for fee in command.fees {
        tx.queue(
            """
            INSERT INTO fee (code, name_en, name_es, amount, currency, visit)
            VALUES (\(fee.code), \(fee.name["en"] ?? ""), \(fee.name["es"] ?? ""), \(fee.price.amount), \(fee.price.currency), \(fee.visit))
            ON CONFLICT (code) DO UPDATE SET name_en = excluded.name_en, name_es = excluded.name_es, amount = excluded.amount,
                currency = excluded.currency, visit = excluded.visit, loaded_at = now(), retired_at = NULL
            """)
    }
    return .done(Done())
}

extension [Fee] {
    /// The first line that is wrong, from 1.
    fileprivate var firstInvalid: Int? {
        var (codes, visits) = (Set<String>(), Set<String>())
        guard !isEmpty, count <= feesAtMost else { return Swift.min(count, feesAtMost) + 1 }
        return enumerated().first { _, fee in
            let isCurrency = fee.price.currency.wholeMatch(of: /[A-Z]{3}/) != nil
            let named = ["en", "es"].allSatisfy { (1...200).contains((fee.name[$0] ?? "").count) }
            let isNew = codes.insert(fee.code).inserted && (fee.visit.map { visits.insert($0).inserted } ?? true)
            return !(isCurrency && named && isNew && (1...40).contains(fee.code.count) && (1...highestFee).contains(fee.price.amount))
        }.map { $0.offset + 1 }
    }
}
