import Testing

@testable import Web

/// What a window of a call says faster than it is passed on.
@Suite struct UnsentSignalsTests {
    private let unsent = UnsentSignals()

    private func body(_ kib: Int, _ letter: Character = "x") -> String { String(repeating: letter, count: kib << 10) }

    @Test func goesTogetherInOrder() throws {
        for word in ["offer", "one", "two"] { try unsent.add(word) }
        #expect(unsent.take() == ["offer", "one", "two"])
        #expect(unsent.take() == nil)
        try unsent.add("three")
        #expect(unsent.take() == ["three"])
    }

    @Test func noMoreAtOnceThanIsTaken() throws {
        let (a, b, c) = (body(20, "a"), body(12, "b"), body(1, "c"))
        for word in [a, b, c] { try unsent.add(word) }
        #expect(unsent.take() == [a, b])
        #expect(unsent.take() == [c])
    }

    @Test func whatIsTooLongGoesAlone() throws {
        for word in ["before", body(40), "after"] { try unsent.add(word) }
        #expect(unsent.take() == ["before"])
        #expect(unsent.take()?.map(\.utf8.count) == [40 << 10])
        #expect(unsent.take() == ["after"])
    }

    @Test func whoFloodsIsCutOff() throws {
        for _ in 0..<8 { try unsent.add(body(32)) }
        #expect(throws: TooMuchSaid.self) { try unsent.add("x") }
        // What was passed on meanwhile makes room.
        let other = UnsentSignals()
        for _ in 0..<100 {
            try other.add(body(32))
            #expect(other.take()?.count == 1)
        }
    }
}
