internal import Faults

/// Which of a channel's publishes the broker has not confirmed yet. Tags count from 1 in each channel.
struct Confirms {
    typealias Outcome = Result<Void, AMQPError>

    struct Entry {
        /// Set for mandatory messages: how a return finds its publish.
        let messageID: String?
        let deadline: ContinuousClock.Instant
        let settle: @Sendable (Outcome) -> Void
        fileprivate var returned: AMQPError?

        init(messageID: String?, deadline: ContinuousClock.Instant, settle: @escaping @Sendable (Outcome) -> Void) {
            self.messageID = messageID
            self.deadline = deadline
            self.settle = settle
        }
    }

    private var next: UInt64 = 1
    /// No open tag is below this one.
    private var oldest: UInt64 = 1
    private var open: [UInt64: Entry] = [:]
    private var tagsByMessageID: [String: [UInt64]] = [:]

    var isEmpty: Bool { open.isEmpty }

    /// Counts a publish. - Parameter entry: nil when nobody waits for its confirm.
    mutating func published(_ entry: Entry?) {
        if let entry {
            open[next] = entry
            if let messageID = entry.messageID { tagsByMessageID[messageID, default: []].append(next) }
        }
        next += 1
    }

    /// Notes that a mandatory message came back; its confirm, which comes next, settles it.
    /// - Returns: whether it is one of these.
    mutating func returned(messageID: String, _ error: AMQPError) -> Bool {
        guard let tag = tagsByMessageID[messageID]?.first(where: { open[$0]?.returned == nil }) else { return false }
        open[tag]?.returned = error
        return true
    }

    /// The broker's ack or nack of one tag, or of all up to it.
    mutating func settle(_ tag: UInt64, multiple: Bool, _ outcome: Outcome) throws(AMQPError) {
        let last = tag == 0 && multiple ? next - 1 : tag
        guard last < next, tag != 0 || multiple else { throw AMQPError(.protocol, "a confirm of a message that was never sent") }
        guard multiple else { return settleOne(last, outcome) }
        guard oldest <= last else { return }
        for tag in oldest...last { settleOne(tag, outcome) }
        oldest = last + 1
    }

    private mutating func settleOne(_ tag: UInt64, _ outcome: Outcome) {
        guard let entry = remove(tag) else { return }
        let returned = Fault.returnsIgnored.isOn ? nil : entry.returned
        entry.settle(returned.map { .failure($0) } ?? outcome)
    }

    private mutating func remove(_ tag: UInt64) -> Entry? {
        guard let entry = open.removeValue(forKey: tag) else { return nil }
        if let messageID = entry.messageID {
            tagsByMessageID[messageID]?.removeAll { $0 == tag }
            if tagsByMessageID[messageID]?.isEmpty == true { tagsByMessageID[messageID] = nil }
        }
        return entry
    }

    /// Gives up on what is overdue. - Returns: the earliest deadline of the rest.
    mutating func expire(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        for tag in open.filter({ $0.value.deadline <= now }).keys.sorted() {
            settleOne(tag, .failure(AMQPError(.timeout, "the broker did not confirm in time")))
        }
        return open.values.lazy.map(\.deadline).min()
    }

    mutating func failAll(_ error: AMQPError) {
        let entries = open.sorted { $0.key < $1.key }.map(\.value)
        open = [:]
        tagsByMessageID = [:]
        for entry in entries { entry.settle(.failure(entry.returned ?? error)) }
    }
}

/// Who hears when a mandatory message comes back. The broker says nothing when it was routed, so the memory is bounded: 65,536 to 131,072 of
/// the newest are known, and those of the last seconds at least.
struct Returns {
    typealias Action = @Sendable (AMQPError) -> Void

    private static let generation = 65_536
    private var newer: [String: Action] = [:]
    private var older: [String: Action] = [:]

    mutating func expect(messageID: String, _ action: @escaping Action) {
        if newer.count >= Self.generation { age() }
        newer[messageID] = action
    }

    /// Forgets what was expected before the last call.
    mutating func age() {
        older = newer
        newer = [:]
    }

    mutating func take(messageID: String) -> Action? { newer.removeValue(forKey: messageID) ?? older.removeValue(forKey: messageID) }
}
