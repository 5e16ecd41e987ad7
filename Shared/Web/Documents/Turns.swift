/// So many at once; so many more wait, in the order they came.
actor Turns {
    private let mostWaiting: Int
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int, waiting: Int = .max) { (free, mostWaiting) = (count, waiting) }

    /// Does something when its turn comes.
    /// - Returns: nil where too many wait.
    nonisolated func inTurn<Value, Failure>(_ act: () async throws(Failure) -> Value) async throws(Failure) -> Value? {
        guard await take() else { return nil }
        do throws(Failure) {
            let value = try await act()
            await giveBack()
            return value
        } catch {
            await giveBack()
            throw error
        }
    }

    private func take() async -> Bool {
        if free > 0 {
            free -= 1
            return true
        }
        guard waiting.count < mostWaiting else { return false }
        await withCheckedContinuation { waiting.append($0) }
        return true
    }

    private func giveBack() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
