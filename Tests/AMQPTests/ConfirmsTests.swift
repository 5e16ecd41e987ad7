import Testing

@testable import AMQP

/// The bookkeeping of confirms, without a broker: which tags an ack settles.
@Suite struct ConfirmsTests {
    private let outcomes = Box<(Int, AMQPError.Kind?)>()

    private func entry(_ number: Int, messageID: String? = nil, in time: Duration = .seconds(10)) -> Confirms.Entry {
        Confirms.Entry(messageID: messageID, deadline: .now + time) { [outcomes] in outcomes.add((number, $0.error?.kind)) }
    }

    private func seen(_ expected: [Int: AMQPError.Kind?]) -> Bool {
        Dictionary(outcomes.all.map { ($0.0, $0.1) }) { first, _ in first } == expected && outcomes.all.count == expected.count
    }

    @Test func multipleSettlesAllUpToTheTagOnce() throws {
        var confirms = Confirms()
        for number in 1...5 { confirms.published(entry(number)) }
        try confirms.settle(2, multiple: false, .success(()))
        try confirms.settle(4, multiple: true, .success(()))
        try confirms.settle(3, multiple: true, .success(()))
        #expect(seen([1: nil, 2: nil, 3: nil, 4: nil]))
        try confirms.settle(0, multiple: true, .failure(AMQPError(.nacked, "")))
        #expect(seen([1: nil, 2: nil, 3: nil, 4: nil, 5: .nacked]))
        #expect(confirms.isEmpty)
    }

    @Test func publishesNobodyWaitsForTakeTagsToo() throws {
        var confirms = Confirms()
        confirms.published(nil)
        confirms.published(entry(2))
        try confirms.settle(1, multiple: false, .success(()))
        #expect(outcomes.all.isEmpty)
        try confirms.settle(2, multiple: false, .success(()))
        #expect(seen([2: nil]))
    }

    @Test func aReturnMakesTheAckAFailure() throws {
        var confirms = Confirms()
        confirms.published(entry(1, messageID: "a"))
        confirms.published(entry(2, messageID: "a"))
        confirms.published(entry(3, messageID: "b"))
        let error = AMQPError(replyCode: 312, text: "NO_ROUTE")
        let known = ["a", "a", "c"].map { confirms.returned(messageID: $0, error) }
        #expect(known == [true, true, false])
        try confirms.settle(3, multiple: true, .success(()))
        #expect(seen([1: .notRouted, 2: .notRouted, 3: nil]))
    }

    @Test func aConfirmOfNothingIsAnError() {
        var confirms = Confirms()
        confirms.published(entry(1))
        #expect(throws: AMQPError.self) { try confirms.settle(2, multiple: false, .success(())) }
        #expect(throws: AMQPError.self) { try confirms.settle(.max, multiple: true, .success(())) }
        #expect(throws: AMQPError.self) { try confirms.settle(0, multiple: false, .success(())) }
        #expect(outcomes.all.isEmpty)
    }

    @Test func overdueOnesTimeOutAndALateAckIsIgnored() throws {
        var confirms = Confirms()
        confirms.published(entry(1, in: .zero))
        confirms.published(entry(2))
        let next = confirms.expire(.now)
        #expect(next != nil)
        try confirms.settle(1, multiple: false, .success(()))
        #expect(seen([1: .timeout]))
        confirms.failAll(AMQPError(.closed, ""))
        #expect(seen([1: .timeout, 2: .closed]))
    }

    @Test func returnsAreForgottenAfterTwoGenerations() {
        var returns = Returns()
        for number in 0..<200_000 { returns.expect(messageID: "\(number)") { _ in } }
        let known = ["0", "199999", "199999"].map { returns.take(messageID: $0) != nil }
        #expect(known == [false, true, false])
        returns.age()
        let afterOne = returns.take(messageID: "199998")
        returns.age()
        let afterTwo = returns.take(messageID: "199997")
        #expect(afterOne != nil && afterTwo == nil)
    }
}
