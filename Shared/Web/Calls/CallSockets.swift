import Access
import Contracts
import Foundation
import Logging
import MessageBus
import NIOCore
import NIOHTTP1
import NIOWebSocket
import ServiceLifecycle
import Synchronization

/// A browser's window of a call, let in with a ticket.
struct CallSocket: Sendable {
    let patient: ID<Patient>
    let appointment: ID<Appointment>
    let window: ID<CallWindow>
    let opening: UUID
    let who: Who
    /// The last signal that the window has heard, by a socket before this one: an old offer heard again would undo what came after it.
    let heard: Int
    let nudges = Nudges()
    let unsent = UnsentSignals()

    var readsChat: Bool { if case .member = who { true } else { false } }

    enum Who: Sendable {
        /// With the session's cookie, asked about again and again: whoever signs out is cut off.
        case member(cookie: String, isPatient: Bool)
        case guest(GuestPass)
    }
}

/// What a socket is to tell its browser next; the same twice is told once.
final class Nudges: Sendable {
    enum What: Sendable { case state, signals, chat, ping }

    private let waiting = Mutex<(what: Set<What>, pongs: [ByteBuffer])>(([], []))
    let stream: AsyncStream<Void>
    private let feed: AsyncStream<Void>.Continuation

    init() { (stream, feed) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1)) }

    func add(_ what: What) {
        waiting.withLock { _ = $0.what.insert(what) }
        feed.yield()
    }

    /// A browser that asks without end is answered to its last few questions.
    func pong(_ data: ByteBuffer) {
        waiting.withLock { $0.pongs = $0.pongs.suffix(3) + [data] }
        feed.yield()
    }

    func take() -> (what: Set<What>, pongs: [ByteBuffer]) {
        waiting.withLock { waiting in
            defer { waiting = ([], []) }
            return waiting
        }
    }

    func finish() { feed.finish() }
}

/// The sockets this process holds. What they are told is telemedicine's; here nothing is kept.
public final class CallSockets: Sendable {
    /// Messages a second that a browser may send over ten seconds.
    private static let (messages, seconds) = (500, 10.0)
    private static let pause = Duration.seconds(10)
    /// Pauses after which it is told the state again: what lets it in at the TURN server is not to grow old.
    private static let pausesPerState = 24

    private let bus: any Bus
    private let sessions: SessionReader
    private let session: HostCookie
    private let publicURL: String
    private let logger: Logger
    private let open = Mutex<[UUID: CallSocket]>([:])

    init(_ bus: any Bus, _ sessions: SessionReader, session: HostCookie, publicURL: String, logger: Logger) {
        (self.bus, self.sessions, self.session, self.publicURL, self.logger) = (bus, sessions, session, publicURL, logger)
    }

    /// Something happened to a call.
    func changed(_ appointment: ID<Appointment>) { nudge(.state) { $0.appointment == appointment } }
    /// Something waits for a window.
    func waits(_ window: ID<CallWindow>) { nudge(.signals) { $0.window == window } }

    /// Something was written beside a call; guests have no part in that.
    func wrote(_ thread: ID<MessageThread>) { nudge(.chat) { $0.readsChat && ID(of: $0.appointment) == thread } }

    /// Events may have been missed.
    func askAnew() {
        nudge(.state) { _ in true }
        nudge(.chat) { $0.readsChat }
        nudge(.signals) { _ in true }
    }

    private func nudge(_ what: Nudges.What, _ isMeant: (CallSocket) -> Bool) {
        for socket in open.withLock({ Array($0.values) }) where isMeant(socket) { socket.nudges.add(what) }
    }

    /// A ticket, from a page of ours, of whoever is signed in or has used a guest's link. - Returns: nil where anything of it is missing.
    func admit(_ head: HTTPRequestHead) async -> CallSocket? {
        let query = (URLComponents(string: head.uri)?.queryItems ?? []).reduce(into: [String: String]()) { $0[$1.name] = $1.value }
        guard head.headers["origin"] == [publicURL], let ticket = query["ticket"].flatMap(BrowserSecret.digest),
            let window = query["window"].flatMap({ ID<CallWindow>($0) })
        else { return nil }
        let cookies = head.headers["cookie"], heard = query["heard"].flatMap { Int($0) } ?? 0
        guard query["guest"] == nil else { return await admitGuest(cookies, ticket, window, heard) }
        guard let cookie = session.read(cookies), let patient = query["patient"].flatMap({ ID<Patient>($0) }),
            let appointment = query["appointment"].flatMap({ ID<Appointment>($0) }), let person = try? await sessions.read(cookie)
        else { return nil }
        let command = OpenCallWindow(patient: patient, appointment: appointment, digest: ticket, window: window, key: .v7())
        guard case .done? = try? await bus.request(command, as: person.token) else { return nil }
        return CallSocket(
            patient: patient, appointment: appointment, window: window, opening: command.key,
            who: .member(cookie: cookie, isPatient: person.role == .patient), heard: heard)
    }

    /// Which call it is, a guest's page is not told and does not say.
    private func admitGuest(_ cookies: [String], _ ticket: Data, _ window: ID<CallWindow>, _ heard: Int) async -> CallSocket? {
        guard let session = HostCookie.guest.read(cookies).flatMap(BrowserSecret.digest),
            case .done(let call)? = try? await bus.request(ReadGuestCall(session: session))
        else { return nil }
        let command = OpenGuestWindow(pass: call.pass, digest: ticket, window: window, key: .v7())
        guard case .done? = try? await bus.request(command) else { return nil }
        return CallSocket(
            patient: call.pass.patient, appointment: call.pass.appointment, window: window, opening: command.key, who: .guest(call.pass),
            heard: heard)
    }

    /// Until either side ends it.
    func run(_ socket: CallSocket, on channel: CallServer.Socket) async {
        open.withLock { $0[socket.opening] = socket }
        socket.nudges.add(.state)
        socket.nudges.add(.signals)
        // What was written while it was away.
        if socket.heard > 0, socket.readsChat { socket.nudges.add(.chat) }
        do {
            try await channel.executeThenClose { inbound, outbound in
                await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await self.tell(socket, outbound) }
                    group.addTask { try await self.listen(to: inbound, socket) }
                    group.addTask { try await self.pass(socket) }
                    group.addTask {
                        while true {
                            for _ in 0..<Self.pausesPerState {
                                try await Task.sleep(for: Self.pause)
                                socket.nudges.add(.ping)
                            }
                            socket.nudges.add(.state)
                        }
                    }
                    // The process stops: the page comes back to whoever answers then.
                    group.addTask { try await gracefulShutdown() }
                    // Whichever ends first ends the others.
                    do { try await group.next() } catch { self.logger.debug("a call's socket ended", metadata: ["reason": "\(type(of: error))"]) }
                    socket.nudges.finish()
                    group.cancelAll()
                }
            }
        } catch { logger.debug("a call's socket ended", metadata: ["reason": "\(type(of: error))"]) }
        _ = open.withLock { $0.removeValue(forKey: socket.opening) }
        await close(socket)
    }

    private func close(_ socket: CallSocket) async {
        switch socket.who {
        case .guest(let pass):
            _ = try? await bus.request(CloseGuestWindow(pass: pass, window: socket.window, opening: socket.opening, key: .v7()))
        case .member(let cookie, _):
            guard let person = try? await sessions.read(cookie) else { return }
            let command = CloseCallWindow(
                patient: socket.patient, appointment: socket.appointment, window: socket.window, opening: socket.opening, key: .v7())
            _ = try? await bus.request(command, as: person.token)
        }
    }
}

extension CallSockets {
    /// To the browser: `{"type": "state", …}`, `{"type": "signal", "from": "…", "body": "…", "position": 7}`, `{"type": "replaced"}`,
    /// `{"type": "chat"}`: something was written.
    private struct State: Encodable {
        let type = "state"
        /// The call's; for a guest who was not let in, or was sent away, theirs.
        let state: String
        let others: [Other]
        /// Whether the patient is kept waiting.
        let isLate: Bool
        /// Who was asked in, and how far each is: where it is another than before, the page shows them anew.
        let guests: String?
        /// As a browser's list of ICE servers has it.
        let relay: CallRelay?
    }

    /// Somebody else who may be there.
    private struct Other: Encodable {
        /// `patient`, `clinician`, or a guest's id.
        let id: String
        let window: String?
        var name: String?
        var kind: String?

        init(_ id: String, _ window: ID<CallWindow>?) { (self.id, self.window) = (id, window?.description) }

        init(_ guest: CallGuest) {
            self.init(guest.guest.description, guest.window)
            (name, kind) = (guest.name, guest.kind.rawValue)
        }
    }

    private struct Told: Encodable {
        let type: String
        var from: String?
        var body: String?
        var position: Int?
    }

    /// From the browser: `{"to": "…", "body": "…"}`, to one window; without one to the other side's.
    private struct Said: Decodable {
        let to: ID<CallWindow>?
        let body: String
    }

    private struct SignedOut: Error {}

    /// Of who has signed in; guests come with what their browser was given.
    private func token(_ cookie: String) async throws -> ActorToken {
        guard let person = try await sessions.read(cookie) else { throw SignedOut() }
        return person.token
    }

    private func askWhetherSignedIn(_ socket: CallSocket) async throws {
        if case .member(let cookie, _) = socket.who { _ = try await token(cookie) }
    }

    private func tell(_ socket: CallSocket, _ out: NIOAsyncChannelOutboundWriter<WebSocketFrame>) async throws {
        func write(_ value: some Encodable) async throws {
            try await out.write(WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(bytes: try JSONEncoder().encode(value))))
        }
        var position = socket.heard
        for await _ in socket.nudges.stream {
            let (what, pongs) = socket.nudges.take()
            for data in pongs { try await out.write(WebSocketFrame(fin: true, opcode: .pong, data: data)) }
            if what.contains(.ping) {
                try await out.write(WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer()))
                try await askWhetherSignedIn(socket)
            }
            if what.contains(.chat) { try await write(Told(type: "chat")) }
            do {
                if what.contains(.state), let state = try await state(socket) {
                    guard state.isOurs else {
                        try await write(Told(type: "replaced"))
                        return try await out.write(WebSocketFrame(fin: true, opcode: .connectionClose, data: Self.goodbye))
                    }
                    try await write(state.words)
                }
                while what.contains(.signals), let signals = try await signals(socket, after: position), let last = signals.last {
                    for signal in signals {
                        try await write(Told(type: "signal", from: signal.from?.description, body: signal.body, position: signal.position))
                    }
                    position = last.position
                }
            } catch is BusError {
                // Telemedicine is away: who speaks goes on speaking, and it is asked again.
                try await Task.sleep(for: .milliseconds(500))
                for one in what where one != .chat { socket.nudges.add(one) }
            }
        }
    }

    /// 1000: it ends as it should.
    private static var goodbye: ByteBuffer { ByteBuffer(integer: UInt16(1_000)) }

    private func state(_ socket: CallSocket) async throws -> (isOurs: Bool, words: State)? {
        switch socket.who {
        case .member(let cookie, let isPatient):
            let query = ReadCall(patient: socket.patient, appointment: socket.appointment)
            guard case .done(let view) = try await bus.request(query, as: token(cookie)) else { return nil }
            let ours = isPatient ? view.patientWindow : view.clinicianWindow
            let other = isPatient ? Other("clinician", view.clinicianWindow) : Other("patient", view.patientWindow)
            let guests = view.guests ?? []
            let there = guests.filter { $0.state == .admitted }.map { Other($0) }
            let words = State(
                state: view.state.rawValue, others: [other] + there, isLate: view.isLate,
                guests: guests.map { "\($0.guest) \($0.state.rawValue)" }.joined(separator: "\n"), relay: view.relay)
            return (ours == nil || ours == socket.window, words)
        case .guest(let pass):
            guard case .done(let call) = try await bus.request(ReadGuestCall(session: pass.session)) else { return nil }
            let isIn = call.state == .admitted
            let state = call.state == .removed ? "removed" : isIn || call.call.isOver ? call.call.rawValue : "waiting"
            let members = [Other("clinician", call.clinicianWindow), Other("patient", call.patientWindow)]
            let words = State(
                state: state, others: isIn ? members + call.guests.map { Other($0) } : [], isLate: false, guests: nil, relay: call.relay)
            return (call.window == nil || call.window == socket.window, words)
        }
    }

    private func signals(_ socket: CallSocket, after position: Int) async throws -> [Signals.Signal]? {
        switch socket.who {
        case .member(let cookie, _):
            let query = ReadSignals(patient: socket.patient, appointment: socket.appointment, window: socket.window, after: position)
            guard case .done(let found) = try await bus.request(query, as: token(cookie)) else { return nil }
            return found.signals
        case .guest(let pass):
            let query = ReadGuestSignals(pass: pass, window: socket.window, after: position)
            guard case .done(let found) = try await bus.request(query) else { return nil }
            return found.signals
        }
    }

    private func listen(to inbound: NIOAsyncChannelInboundStream<WebSocketFrame>, _ socket: CallSocket) async throws {
        var (count, since) = (0, ContinuousClock.now)
        for try await frame in inbound {
            if ContinuousClock.now - since > .seconds(Self.seconds) { (count, since) = (0, .now) }
            count += 1
            guard count <= Self.messages else { throw TooMuchSaid() }
            switch frame.opcode {
            case .text:
                guard let said = try? JSONDecoder().decode(Said.self, from: Data(frame.unmaskedData.readableBytesView)) else { throw TooMuchSaid() }
                try socket.unsent.add(said.body, to: said.to)
            case .ping: socket.nudges.pong(frame.unmaskedData)
            case .pong: break
            case .connectionClose: return
            default: throw TooMuchSaid()
            }
        }
    }

    /// What a browser says while the last was under way goes together: a connection takes a dozen signals, most of them at once.
    private func pass(_ socket: CallSocket) async throws {
        for await _ in socket.unsent.stream {
            while let (to, bodies) = socket.unsent.take() { try await pass(bodies, to: to, socket) }
        }
    }

    private func pass(_ bodies: [String], to: ID<CallWindow>?, _ socket: CallSocket) async throws {
        let key = UUID.v7()
        // While telemedicine is away the same is sent again, with the same key; what cannot be passed on the browsers find out by themselves.
        for _ in 0..<10 {
            do {
                if try await !isPassed(bodies, to: to, socket, key: key) { socket.nudges.add(.state) }
                return
            } catch BusError.unavailable, BusError.timeout { try await Task.sleep(for: .milliseconds(500)) }
        }
    }

    private func isPassed(_ bodies: [String], to: ID<CallWindow>?, _ socket: CallSocket, key: UUID) async throws -> Bool {
        switch socket.who {
        case .member(let cookie, _):
            let command = SendSignals(
                patient: socket.patient, appointment: socket.appointment, window: socket.window, to: to, bodies: bodies, key: key)
            if case .done = try await bus.request(command, as: token(cookie)) { return true }
        case .guest(let pass):
            guard let to else { return false }
            let command = SendGuestSignals(pass: pass, window: socket.window, to: to, bodies: bodies, key: key)
            if case .done = try await bus.request(command) { return true }
        }
        return false
    }
}
