import Access
import Contracts
import Foundation
import Hummingbird
import MessageBus
import Web

/// The list of first steps on the first page: putting it away, and bringing it back.
struct FirstStepsRoutes {
    let parts: GatewayParts

    func add(to routes: inout PageRoutes<GatewayContext>) {
        routes.post(
            "/first-steps",
            parts.staff { _, context, staff in
                let command = PutAwayFirstSteps(isAway: context.web.form["away"] == "yes", key: try parts.submission(context))
                _ = try await parts.bus.request(command, as: staff.person.token)
                return .seeOther("/")
            })
    }
}

extension GatewayParts {
    /// The first page is for the day's bookings: they do not wait any longer for a list beside them.
    private static let stepsTime = Duration.milliseconds(700)

    /// The list of whoever asks; nil while it is not known what they have done.
    func firstSteps(of staff: Staff) async -> FirstStepsView? {
        let (steps, me) = (FirstStep.of(staff.person.role), staff.person.token)
        guard !steps.isEmpty, let told = try? await bus.ask(ReadFirstSteps(actions: steps.map(\.action)), as: me, within: Self.stepsTime) else {
            return nil
        }
        guard !told.isAway else { return FirstStepsView(steps: steps, isAway: true) }
        let practice = try? await bus.ask(ReadPracticePatients(), as: me, within: Self.stepsTime).patients
        let own = practice?.first { $0.role == staff.person.role.rawValue }
        return FirstStepsView(steps: steps, done: Set(told.done.map(\.action)), practice: own?.patient)
    }
}
