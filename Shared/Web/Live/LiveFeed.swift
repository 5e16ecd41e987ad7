public import Contracts
import Foundation
import Synchronization

/// Tells the open pages of this process that what they show has changed, and nothing of it: each is asked for again by whoever looks at it.
public final class LiveFeed: Sendable {
    /// What a page shows.
    public enum Topic: Hashable, Sendable {
        case thread(ID<MessageThread>)
        /// All of a patient's threads.
        case patient(ID<Patient>)
        /// Whatever waits for anybody.
        case inbox
    }

    enum Signal: Sendable {
        /// Where it stands, as its owner counts; nil where that says nothing of the page.
        case changed(Int?)
        case beat
    }

    struct Stream: Sendable {
        let id: UUID
        let signals: AsyncStream<Signal>
    }

    private struct Open {
        let topic: Topic
        let session: ID<Session>
        let account: ID<Account>
        let feed: AsyncStream<Signal>.Continuation

        func send(_ signal: Signal) { if case .dropped = feed.yield(signal) { feed.finish() } }
    }

    /// A browser has six connections for a site of HTTP/1.1, and pages want some of them.
    private static let mostOfSession = 4
    /// Of one stream not taken yet: a browser so far behind begins anew.
    private static let mostWaiting = 16

    private let state = Mutex<(open: [UUID: Open], told: Int)>(([:], 0))

    public init() {}

    /// How many changes were told so far: what was asked before and is watched after has missed none if it is the same.
    var told: Int { state.withLock { $0.told } }

    func hasRoom(for session: ID<Session>) -> Bool { state.withLock { Self.count(of: session, $0.open) < Self.mostOfSession } }

    /// - Returns: nil where the session has too many open.
    func open(_ topic: Topic, session: ID<Session>, account: ID<Account>) -> Stream? {
        let (signals, feed) = AsyncStream.makeStream(of: Signal.self, bufferingPolicy: .bufferingOldest(Self.mostWaiting))
        let id = UUID()
        return state.withLock { state in
            guard Self.count(of: session, state.open) < Self.mostOfSession else { return nil }
            state.open[id] = Open(topic: topic, session: session, account: account, feed: feed)
            return Stream(id: id, signals: signals)
        }
    }

    func close(_ stream: Stream) { end { id, _ in id == stream.id } }

    /// Something changed in a thread.
    public func tell(_ event: TaskChanged) {
        let told = state.withLock { state in
            state.told += 1
            return state.open.values.filter { $0.topic.isChanged(by: event) }
        }
        for stream in told { stream.send(.changed(stream.topic.position(after: event))) }
    }

    /// Says that it is still there, which is also how a browser that has gone is found out.
    func beat() {
        for stream in state.withLock({ Array($0.open.values) }) { stream.send(.beat) }
    }

    /// A session has ended, and with it what it has open.
    public func end(_ session: ID<Session>) { end { $1.session == session } }

    /// Somebody may act for more or fewer people than before.
    public func end(_ account: ID<Account>) { end { $1.account == account } }

    /// For when news may have been missed: browsers come back at once, and are told where things stand.
    public func endAll() { end { _, _ in true } }

    private func end(_ which: (UUID, Open) -> Bool) {
        let ended = state.withLock { state in
            let ended = state.open.filter { which($0.key, $0.value) }
            for id in ended.keys { state.open[id] = nil }
            return ended.values
        }
        for stream in ended { stream.feed.finish() }
    }

    private static func count(of session: ID<Session>, _ open: [UUID: Open]) -> Int { open.values.count { $0.session == session } }
}

extension LiveFeed.Topic {
    fileprivate func isChanged(by event: TaskChanged) -> Bool {
        switch self {
        case .thread(let thread): thread == event.thread
        case .patient(let patient): patient == event.patient
        case .inbox: true
        }
    }

    fileprivate func position(after event: TaskChanged) -> Int? { if case .thread = self { event.position } else { nil } }
}
