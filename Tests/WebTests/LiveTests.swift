import Access
import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import MessageBus
import Testing

@testable import Web

/// What open pages are told, and until when.
@Suite struct LiveTests {
    let feed = LiveFeed()
    let thread = ID<MessageThread>()
    let patient = ID<Patient>()

    private func person(expires: TimeInterval = 600) -> Person {
        let view = SessionView(
            session: ID(), account: ID(), username: "maria@example.org", role: Role.patient.rawValue, patients: [patient], actorToken: "token",
            expires: Date().addingTimeInterval(expires))
        return Person(view: view, token: ActorToken("token"), role: .patient)
    }

    private func changed(_ version: Int, in thread: ID<MessageThread>? = nil, of patient: ID<Patient>? = nil) -> TaskChanged {
        TaskChanged(thread: thread ?? self.thread, version: version, patient: patient ?? self.patient, state: .waiting, level: 0)
    }

    struct Collector: ResponseBodyWriter {
        let into: AsyncStream<String>.Continuation
        mutating func write(_ buffer: ByteBuffer) async throws { into.yield(String(buffer: buffer)) }
        consuming func finish(_ trailingHeaders: HTTPFields?) async throws { into.finish() }
    }

    /// Everything that is written, part by part, while `act` goes on; it ends with the stream.
    private func written(_ response: Response, while act: @escaping @Sendable (Int) -> Void) async throws -> [String] {
        let (parts, into) = AsyncStream.makeStream(of: String.self)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await response.body.write(Collector(into: into)) }
            var all: [String] = []
            for await part in parts {
                all.append(part)
                act(all.count)
            }
            try await group.waitForAll()
            return all
        }
    }

    private let start = "retry: 1000\n\n"

    @Test func whatChangesIsToldAndWhatIsOthersIsNot() async throws {
        let me = person()
        let response = feed.response(.thread(thread), of: me, told: feed.told, now: nil) { nil }
        #expect(response.headers[.contentType] == "text/event-stream")
        let parts = try await written(response) { [self] count in
            switch count {
            case 1:
                feed.tell(changed(4, in: .init()))
                feed.tell(changed(4))
            case 2: feed.beat()
            default: feed.end(me.view.session)
            }
        }
        #expect(parts == [start, "id: 12\ndata: changed\n\n", ":\n\n"])
        #expect(feed.hasRoom(for: me.view.session))
    }

    @Test func allOfAPatientAndTheInboxAreToldOfEachThread() async throws {
        for topic in [LiveFeed.Topic.patient(patient), .inbox] {
            let me = person()
            let parts = try await written(feed.response(topic, of: me, told: feed.told, now: nil) { nil }) { [self] count in
                if count == 1 { feed.tell(changed(9, in: .init())) } else { feed.end(me.view.account) }
            }
            #expect(parts == [start, "data: changed\n\n"])
        }
    }

    /// Who comes back finds what happened meanwhile, and what happened while they were asked about it.
    @Test func whoComesBackIsToldWhatTheyMissed() async throws {
        let missed = try await written(feed.response(.thread(thread), of: person(), told: feed.told, now: 7) { nil }) { [feed] count in
            if count == 2 { feed.endAll() }
        }
        #expect(missed == [start, "id: 7\ndata: changed\n\n"])
        let before = feed.told
        feed.tell(changed(8))
        let between = try await written(feed.response(.thread(thread), of: person(), told: before, now: nil) { nil }) { [feed] count in
            if count == 2 { feed.endAll() }
        }
        #expect(between == [start, "data: changed\n\n"])
    }

    /// A session that has run out is asked about, and ends the stream; one that was used elsewhere goes on.
    @Test func theStreamEndsWithTheSession() async throws {
        let me = person(expires: -1)
        let over = try await written(feed.response(.inbox, of: me, told: feed.told, now: nil) { nil }) { [feed] _ in feed.beat() }
        #expect(over == [start])
        let later = Date().addingTimeInterval(600)
        let used = try await written(feed.response(.inbox, of: me, told: feed.told, now: nil) { later }) { [feed] count in
            if count == 1 { feed.beat() } else { feed.endAll() }
        }
        #expect(used == [start, ":\n\n"])
    }

    @Test func aSessionHasRoomForSoManyAndNoMore() throws {
        let me = person()
        let open = (0..<4).map { _ in feed.open(.inbox, session: me.view.session, account: me.view.account) }
        #expect(!open.contains { $0 == nil } && !feed.hasRoom(for: me.view.session))
        #expect(feed.open(.inbox, session: me.view.session, account: me.view.account) == nil)
        feed.close(try #require(open.first ?? nil))
        #expect(feed.hasRoom(for: me.view.session))
    }
}
