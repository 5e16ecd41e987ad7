import Contracts
import Testing

@testable import Telemedicine

/// What may follow what.
@Suite struct CallStateTests {
    @Test func nothingFollowsTheEnd() {
        for state in CallState.allCases where state.isOver {
            for step in CallStep.allCases { #expect(state.after(step) == nil, "\(state) \(step)") }
        }
    }

    @Test func nobodySpeaksWhoWasNotLetIn() {
        // Every way there is, however long: where the two may speak, somebody was let in on the way.
        struct Place: Hashable {
            let state: CallState
            let wasAdmitted: Bool
        }
        let start = Place(state: .scheduled, wasAdmitted: false)
        var (seen, ahead): (Set<Place>, [Place]) = ([start], [start])
        while let place = ahead.popLast() {
            #expect(!place.state.isOpen || place.wasAdmitted, "\(place.state)")
            for step in CallStep.allCases {
                guard let next = place.state.after(step) else { continue }
                let there = Place(state: next, wasAdmitted: place.wasAdmitted || step == .admit)
                if seen.insert(there).inserted { ahead.append(there) }
            }
        }
        #expect(seen.contains { $0.state == .live })
    }

    @Test func everyStateIsReached() {
        var (reached, ahead): (Set<CallState>, [CallState]) = ([.scheduled], [.scheduled])
        while let state = ahead.popLast() {
            for step in CallStep.allCases {
                if let next = state.after(step), reached.insert(next).inserted { ahead.append(next) }
            }
        }
        #expect(reached == Set(CallState.allCases))
    }
}
