import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import Testing
import TestSupport
@testable import Records

/// What clinicians and nurses keep for their own work, over a real database.
@Suite(.serialized) struct FavouriteTests {
    private let mine = ID<Account>()
    private let theirs = ID<Account>()

    private func keep(_ name: String, _ text: String, by account: ID<Account>, in service: ServiceUnderTest) async throws -> Answer<KeepPhrase> {
        let me = try await service.keys.staff(.nurse, account: account)
        return try await service.bus.request(KeepPhrase(phrase: Phrase(name, text), key: .v7()), as: me)
    }

    private func phrases(of account: ID<Account>, in service: ServiceUnderTest) async throws -> [Phrase] {
        try await service.bus.ask(ReadPhrases(), as: service.keys.staff(.nurse, account: account)).phrases
    }

    @Test func aPhraseIsItsWritersAlone() async throws {
        try await withRecords { service in
            _ = try await keep("ros", "No fever", by: mine, in: service)
            _ = try await keep("exam", "Unremarkable", by: mine, in: service)
            _ = try await keep("ros", "No fever, no cough", by: mine, in: service)
            _ = try await keep("ros", "Nothing", by: theirs, in: service)
            #expect(try await phrases(of: mine, in: service) == [Phrase("exam", "Unremarkable"), Phrase("ros", "No fever, no cough")])
            #expect(try await phrases(of: theirs, in: service) == [Phrase("ros", "Nothing")])
            let me = try await service.keys.staff(.nurse, account: mine)
            for _ in 0..<2 { _ = try await service.bus.ask(DropPhrase(phrase: "ros", key: .v7()), as: me) }
            #expect(try await phrases(of: mine, in: service).map(\.name) == ["exam"])
            #expect(try await phrases(of: theirs, in: service).count == 1)
            let pool = service.database.pool(service.database.superuser)
            let bodies = try await pool.all("SELECT body FROM records.phrase", as: [UInt8].self)
            await pool.close()
            #expect(bodies.count == 2 && bodies.allSatisfy { !String(decoding: $0, as: UTF8.self).contains("Unremarkable") })
        }
    }

    @Test func whatIsNoPhraseIsRefusedAndSaysWhy() async throws {
        try await withRecords { service in
            let wrong: [(String, String, EntryProblem)] = [
                ("", "Text", EntryProblem("name", .missing)), ("two words", "Text", EntryProblem("name", .notPossible)),
                ("Ros", "Text", EntryProblem("name", .notPossible)), (String(repeating: "a", count: 21), "Text", EntryProblem("name", .tooLong)),
                ("ros", "  ", EntryProblem("text", .missing)), ("ros", String(repeating: "a", count: 1_001), EntryProblem("text", .tooLong)),
            ]
            for (name, text, problem) in wrong {
                #expect(try await keep(name, text, by: mine, in: service) == .refused(.invalid(problems: [problem])), "\(name)")
            }
            for number in 0..<RecordStore.favouritesAtMost { _ = try await keep("p\(number)", "Text", by: mine, in: service) }
            #expect(try await keep("another", "Text", by: mine, in: service) == .refused(.tooMany))
            #expect(try await keep("p0", "Other text", by: mine, in: service) == .done(Done()))
        }
    }

    @Test func anOrderIsKeptOnceForEachKindAndName() async throws {
        try await withRecords { service in
            let me = try await service.keys.staff(.clinician, account: mine)
            func keep(_ what: String, _ kind: OrderKind, days: Int) async throws -> Answer<KeepFavouriteOrder> {
                let order = FavouriteOrder(kind: kind, what: CodedText(what), priority: .urgent, days: days)
                return try await service.bus.request(KeepFavouriteOrder(order: order, key: .v7()), as: me)
            }
            _ = try await keep("Potassium", .laboratory, days: 7)
            _ = try await keep("potassium", .laboratory, days: 2)
            _ = try await keep("Chest X-ray", .imaging, days: 0)
            #expect(try await keep("", .laboratory, days: 400) == .refused(
                .invalid(problems: [EntryProblem("what", .missing), EntryProblem("days", .notPossible)])))
            let kept = try await service.bus.ask(ReadFavouriteOrders(), as: me).orders
            #expect(kept.map(\.what.text) == ["Chest X-ray", "potassium"] && kept.map(\.days) == [0, 2])
            let other = try await service.keys.staff(.clinician, account: theirs)
            #expect(try await service.bus.ask(ReadFavouriteOrders(), as: other).orders == [])
            let gone = try #require(kept[0].favourite)
            _ = try await service.bus.ask(DropFavouriteOrder(favourite: gone, key: .v7()), as: other)
            #expect(try await service.bus.ask(ReadFavouriteOrders(), as: me).orders.count == 2, "somebody else's was dropped")
            _ = try await service.bus.ask(DropFavouriteOrder(favourite: gone, key: .v7()), as: me)
            #expect(try await service.bus.ask(ReadFavouriteOrders(), as: me).orders.map(\.what.text) == ["potassium"])
        }
    }
}
