internal import Access
internal import Contracts
internal import MessageBus
internal import ServiceHost

/// How far whoever pays may split a bill without asking; the office may split any, further.
struct PlanLimits: Sendable {
    static let least = 2
    static let mostOfPayer = 6
    static let mostOfOffice = 24
    /// Days until the first instalment is due.
    static let daysOfPayer = 31
    static let daysOfOffice = 62

    /// A bill of less is paid at once, in the smallest unit of its currency.
    let from: Int

    init(from: Int = 5_000) { self.from = from }

    init(_ settings: Settings) {
        from = settings.int(
            "billing.plan.from", "from what on whoever pays a bill may split it, in the currency's smallest unit", default: PlanLimits().from)
    }

    /// Bills in instalments.
    func answerPlans(_ service: Registry) {
        service.answer(MakePlan.self, to: .planning, with: makePlan, refusing: refusalOfPlan)
        service.answer(CancelPlan.self, to: .planning, with: cancelPlan)
    }
}
