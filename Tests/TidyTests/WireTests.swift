import Foundation
import Testing

/// Names on the wire, and the broker's queues that follow from them.
@Suite struct WireTests {
    private struct Contract {
        let type: String
        let name: String
        let isEvent: Bool
        let path: String
    }

    /// What the broker routes an event by: any service may tell those of every service.
    private func key(of event: String) -> String { event.hasPrefix("every.") ? "*.\(event.dropFirst("every.".count))" : event }

    private struct Subscriber: Hashable {
        let queue: String
        let event: String
    }

    private func contracts() throws -> [Contract] {
        try Tree.files(["Shared/Contracts"], ending: ".swift").flatMap { path in
            try Tree.text(path).matches(of: /struct (\w+): (\w+)[^{\n]*\{\n\s+public static let name = "([^"]*)"/).map {
                Contract(type: String($0.1), name: String($0.3), isEvent: $0.2 == "Event", path: path)
            }
        }
    }

    @Test func wireNamesAreWellFormedUniqueAndTheirOwners() throws {
        let contracts = try contracts()
        #expect(contracts.count > 20)
        let mentioned = try Tree.files(["Shared/Contracts"], ending: ".swift").flatMap { try Tree.text($0).matches(of: /static let name = "/) }
        #expect(contracts.count == mentioned.count, "a message was not understood")
        for contract in contracts {
            #expect(contract.name.wholeMatch(of: /[a-z]+\.[a-z-]+\.v[0-9]+/) != nil, "\(contract.name)")
            // `Records.swift`, `RecordsEntries.swift`
            let file = contract.path.split(separator: "/").last?.prefixMatch(of: /[A-Z][a-z]+/).map { $0.0.lowercased() } ?? ""
            #expect(contract.name.hasPrefix("\(file)."), "\(contract.name) is in \(contract.path)")
        }
        #expect(Set(contracts.map(\.name)).count == contracts.count)
    }

    private struct Definitions: Decodable {
        struct Queue: Decodable {
            let name: String
        }
        struct Binding: Decodable {
            let source: String
            let destination: String
            let routing_key: String
        }
        let queues: [Queue]
        let bindings: [Binding]
    }

    private func definitions() throws -> Definitions {
        try JSONDecoder().decode(Definitions.self, from: Data(Tree.text("deploy/rabbitmq/definitions.json").utf8))
    }

    /// What the services hear: queue and event.
    private func subscribers() throws -> Set<Subscriber> {
        let names = Dictionary(uniqueKeysWithValues: try contracts().map { ($0.type, $0.name) })
        var found: Set<Subscriber> = []
        for path in Tree.files(["Services"], ending: ".swift") {
            guard let service = path.split(separator: "/").dropFirst().first?.lowercased() else { continue }
            for match in try Tree.text(path).matches(of: /\.on(?:Every)?\(\s*(\w+)\.self,\s*"([^"]*)"/) {
                let event = try #require(names[String(match.1)], "\(match.1) is no message")
                found.insert(Subscriber(queue: "\(service).\(match.2)", event: key(of: event)))
            }
        }
        return found
    }

    @Test func theBrokersQueuesAreTheSubscribers() throws {
        let definitions = try definitions()
        let heard = try subscribers()
        let queues = Set(definitions.queues.map(\.name))
        // What nobody hears, on purpose, goes to a queue of its own.
        let expected = heard.map(\.queue) + heard.map { "\($0.queue).dead" }
        let mine = queues.filter { $0 != "events.unheard" }
        #expect(Set(expected).subtracting(mine).sorted() == [], "subscribers without a queue")
        #expect(mine.subtracting(expected).sorted() == [], "queues without a subscriber")
        for subscriber in heard {
            let keys = definitions.bindings.filter { $0.source == "events" && $0.destination == subscriber.queue }.map(\.routing_key)
            #expect(keys == [subscriber.event], "\(subscriber.queue)")
            let dead = definitions.bindings.filter { $0.source == "dead-letters" && $0.destination == "\(subscriber.queue).dead" }.map(\.routing_key)
            #expect(dead == [subscriber.queue])
        }
    }

    /// An event without a binding waits in its outbox for ever.
    @Test func everyEventGoesSomewhere() throws {
        let bound = Set(try definitions().bindings.filter { $0.source == "events" }.map(\.routing_key))
        #expect(try contracts().filter(\.isEvent).map { key(of: $0.name) }.filter { !bound.contains($0) } == [])
    }
}
