import Contracts
import Testing

@testable import Web

/// What a window of a call says faster than it is passed on.
@Suite struct UnsentSignalsTests {
    private let unsent = UnsentSignals()

    private func body(_ kib: Int, _ letter: Character = "x") -> String { String(repeating: letter, count: kib << 10) }

    @Test func goesTogetherInOrder() throws {
        for word in ["offer", "one", "two"] { try unsent.add(word) }
        #expect(unsent.take()?.bodies == ["offer", "one", "two"])
        #expect(unsent.take()?.bodies == nil)
        try unsent.add("three")
        #expect(unsent.take()?.bodies == ["three"])
    }

    @Test func noMoreAtOnceThanIsTaken() throws {
        let (a, b, c) = (body(20, "a"), body(12, "b"), body(1, "c"))
        for word in [a, b, c] { try unsent.add(word) }
        #expect(unsent.take()?.bodies == [a, b])
        #expect(unsent.take()?.bodies == [c])
    }

    @Test func eachToItsWindow() throws {
        let (one, other) = (ID<CallWindow>(), ID<CallWindow>())
        for (body, to) in [("a", one), ("b", one), ("c", other), ("d", nil), ("e", one)] { try unsent.add(body, to: to) }
        for (to, bodies) in [(one, ["a", "b"]), (other, ["c"]), (nil, ["d"]), (one, ["e"])] {
            let taken = try #require(unsent.take())
            #expect(taken.to == to && taken.bodies == bodies)
        }
    }

    @Test func whatIsTooLongGoesAlone() throws {
        for word in ["before", body(40), "after"] { try unsent.add(word) }
        #expect(unsent.take()?.bodies == ["before"])
        #expect(unsent.take()?.bodies.map(\.utf8.count) == [40 << 10])
        #expect(unsent.take()?.bodies == ["after"])
    }

    @Test func whoFloodsIsCutOff() throws {
        for _ in 0..<8 { try unsent.add(body(32)) }
        #expect(throws: TooMuchSaid.self) { try unsent.add("x") }
        // What was passed on meanwhile makes room.
        let other = UnsentSignals()
        for _ in 0..<100 {
            try other.add(body(32))
            #expect(other.take()?.bodies.count == 1)
        }
    }
}
