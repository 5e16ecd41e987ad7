internal import CLinux
internal import Glibc
internal import Synchronization

/// One thread that owns C connections: it sleeps in epoll, runs what is handed to it in order, and fires timers.
///
/// libpq and librabbitmq connections may be touched by one thread only and may block for a moment. Keeping them here leaves Swift's
/// cooperative pool to code that never blocks. A `PollLoop` is also a serial executor, so an actor can live on it.
///
/// The thread keeps the loop alive; `stop()` ends it.
public final class PollLoop: SerialExecutor, @unchecked Sendable {  // loop-only state is touched by the loop's thread alone
    public struct Readiness: OptionSet, Sendable {
        public let rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }
        public static let read = Readiness(rawValue: UInt32(EPOLLIN.rawValue))
        public static let write = Readiness(rawValue: UInt32(EPOLLOUT.rawValue))
        /// The peer is gone or the socket failed. Reported whether asked for or not.
        public static let hangUp = Readiness(rawValue: UInt32(EPOLLHUP.rawValue) | UInt32(EPOLLERR.rawValue))
    }

    /// A timer that has not fired yet; hand it to `cancel`.
    public struct Timer: Hashable, Sendable {
        fileprivate let id: UInt64
        fileprivate let due: UInt64
    }

    fileprivate enum Work {
        case job(UnownedJob)
        case task(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    /// What is handed to the loop from other threads.
    fileprivate final class Inbox: Sendable {
        struct State: ~Copyable {
            var work: [Work] = []
            /// True while the thread sleeps or is about to: the next `push` must wake it.
            var armed = false
            var stopping = false
            /// The thread is gone: what is handed in now is dropped.
            var isOver = false
        }

        let state = Mutex(State())
        let wakeUp = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))

        func push(_ work: Work) {
            let sleeping = state.withLock { state in
                guard !state.isOver else { return false }
                state.work.append(work)
                defer { state.armed = false }
                return state.armed
            }
            if sleeping { wake() }
        }

        func wake() {
            var one: UInt64 = 1
            _ = write(wakeUp, &one, 8)
        }

        // Not at the end of the loop: another thread may be about to wake it.
        deinit { close(wakeUp) }
    }

    /// Runs tasks on the loop's thread, between its turns: `Task(executorPreference: loop.tasks)`. What such a task asks of the loop's connections,
    /// and the answer, cross no thread. It must not block, and what it computes the loop's connections wait for.
    public final class Tasks: TaskExecutor {
        private let inbox: Inbox
        fileprivate init(_ inbox: Inbox) { self.inbox = inbox }
        public func enqueue(_ job: consuming ExecutorJob) { inbox.push(.task(UnownedJob(job))) }
    }

    public let name: String
    public let tasks: Tasks
    private let inbox = Inbox()
    private let epoll: Int32

    // Touched by the loop's thread only.
    private var watchers: [Int32: (Readiness) -> Void] = [:]
    private var timers: [Timer: () -> Void] = [:]
    private var order: [Timer] = []  // a binary heap by due time; cancelled timers stay in it until they come up
    private var nextTimer: UInt64 = 0

    /// Starts the thread. - Parameter name: shown by `top -H`, cut to 15 bytes.
    public init(name: String) {
        self.name = name
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        tasks = Tasks(inbox)
        precondition(epoll >= 0 && inbox.wakeUp >= 0, "the process has no file descriptors left")
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data(fd: inbox.wakeUp))
        epoll_ctl(epoll, EPOLL_CTL_ADD, inbox.wakeUp, &event)
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        let failed = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<PollLoop>.fromOpaque(context).takeRetainedValue().loop()
                return nil
            }, context)
        precondition(failed == 0, "the process may start no more threads")
        _ = pthread_setname_np(thread, String(name.prefix(15)))
        pthread_detach(thread)
    }

    /// Ends the thread after the work handed in so far. Watchers and timers are dropped.
    public func stop() {
        inbox.state.withLock { $0.stopping = true }
        inbox.wake()
    }

    // MARK: From any thread

    public func enqueue(_ job: consuming ExecutorJob) { inbox.push(.job(UnownedJob(job))) }

    /// Runs `work` on the loop's thread, after everything handed in before it.
    public func run(_ work: @escaping @Sendable () -> Void) { inbox.push(.closure(work)) }

    // MARK: From the loop's thread only

    /// Calls `handler` whenever `fd` is ready. One watcher a descriptor.
    public func watch(_ fd: Int32, for interest: Readiness, _ handler: @escaping (Readiness) -> Void) {
        watchers[fd] = handler
        var event = epoll_event(events: interest.rawValue, data: epoll_data(fd: fd))
        if epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0 { epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event) }
    }

    public func change(_ fd: Int32, to interest: Readiness) {
        var event = epoll_event(events: interest.rawValue, data: epoll_data(fd: fd))
        epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event)
    }

    /// Call before the descriptor is closed.
    public func unwatch(_ fd: Int32) {
        watchers[fd] = nil
        var event = epoll_event()
        epoll_ctl(epoll, EPOLL_CTL_DEL, fd, &event)
    }

    /// Fires once, `delay` from now on the monotonic clock: a wall clock that jumps moves no timer.
    @discardableResult
    public func after(_ delay: Duration, _ action: @escaping () -> Void) -> Timer {
        nextTimer += 1
        let timer = Timer(id: nextTimer, due: Self.now() + UInt64(max(0, delay / .nanoseconds(1))))
        timers[timer] = action
        order.append(timer)
        var child = order.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard order[child].due < order[parent].due else { break }
            order.swapAt(child, parent)
            child = parent
        }
        return timer
    }

    public func cancel(_ timer: Timer) { timers[timer] = nil }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private func popTimer() {
        order.swapAt(0, order.count - 1)
        order.removeLast()
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < order.count else { return }
            let right = left + 1
            let child = right < order.count && order[right].due < order[left].due ? right : left
            guard order[child].due < order[parent].due else { return }
            order.swapAt(parent, child)
            parent = child
        }
    }

    /// Fires what is due. - Returns: milliseconds until the next timer, -1 when there is none.
    private func fireTimers() -> Int32 {
        let now = Self.now()
        while let next = order.first {
            guard timers[next] != nil else {
                popTimer()
                continue
            }
            guard next.due <= now else { return Int32(clamping: (next.due - now) / 1_000_000 + 1) }
            popTimer()
            timers.removeValue(forKey: next)?()
        }
        return -1
    }

    private func loop() {
        var batch: [Work] = []
        var events = [epoll_event](repeating: epoll_event(), count: 64)
        while true {
            batch.removeAll(keepingCapacity: true)
            let stopping = inbox.state.withLock { state in
                swap(&batch, &state.work)
                state.armed = batch.isEmpty
                state.isOver = state.stopping && batch.isEmpty
                return state.isOver
            }
            if stopping { break }
            for work in batch {
                switch work {
                case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
                case .task(let job): job.runSynchronously(on: tasks.asUnownedTaskExecutor())
                case .closure(let closure): closure()
                }
            }
            let timeout = fireTimers()
            let count = epoll_wait(epoll, &events, Int32(events.count), batch.isEmpty ? timeout : 0)
            inbox.state.withLock { $0.armed = false }
            for index in 0..<Int(max(0, count)) {
                let event = events[index]
                if event.data.fd == inbox.wakeUp {
                    var value: UInt64 = 0
                    _ = read(inbox.wakeUp, &value, 8)
                } else {
                    watchers[event.data.fd]?(Readiness(rawValue: event.events))
                }
            }
        }
        watchers = [:]
        timers = [:]
    }

    deinit { close(epoll) }
}
