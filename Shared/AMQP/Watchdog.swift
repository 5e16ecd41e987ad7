internal import CRabbitMQ
internal import Foundation
internal import PollLoop
internal import Synchronization

/// Ends a connection whose owner thread hangs inside librabbitmq: its sends wait without limit when the broker stops reading.
///
/// It shuts down a duplicate of the socket's descriptor, so it can never hit a descriptor that was closed and given to something else.
final class Watchdog: Sendable {
    private static let loop = PollLoop(name: "amqp watchdog")

    private let descriptor = Mutex<Int32>(-1)
    /// When the call began, in nanoseconds; 0 when none is under way.
    private let busySince = Atomic<UInt64>(0)
    private let limit: Duration

    init(limit: Duration) { self.limit = limit }

    /// Marks one call of librabbitmq.
    func watching<T>(_ call: () -> T) -> T {
        busySince.store(monotonicNanoseconds(), ordering: .relaxed)
        defer { busySince.store(0, ordering: .relaxed) }
        return call()
    }

    /// Takes over a descriptor and looks at the calls from now on.
    func start(_ descriptor: Int32) {
        self.descriptor.withLock { $0 = descriptor }
        Self.loop.run { [weak self] in self?.check() }
    }

    /// Closes the descriptor.
    func stop() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { close(descriptor) }
            descriptor = -1
        }
    }

    /// Breaks the connection: whatever the owner's thread waits for fails at once.
    func shutDown() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { _ = Foundation.shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    private func check() {
        guard descriptor.withLock({ $0 }) >= 0 else { return }
        let since = busySince.load(ordering: .relaxed)
        if since != 0, Duration.nanoseconds(monotonicNanoseconds() &- since) > limit { shutDown() }
        Self.loop.after(min(limit / 4, .seconds(1))) { [weak self] in self?.check() }
    }

    /// Runs `action` on the watchdog's thread, which never hangs.
    static func after(_ delay: Duration, _ action: @escaping @Sendable () -> Void) {
        loop.run { loop.after(delay, action) }
    }
}

private func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
