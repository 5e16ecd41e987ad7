internal import Access
internal import Contracts
internal import MessageBus
internal import Postgres

extension VisitLinks {
    /// That somebody comes, or does not, said on the page a message's link leads to.
    @Sendable func answerVisit(_ command: AnswerVisit, _ actor: Actor, _ tx: Transaction) async throws -> Answer<AnswerVisit> {
        guard let intent = intent(command.link), let message = try await AnsweredMessage.find("i.id = \(intent.uuid)", in: tx) else {
            return .refused(.unknown)
        }
        guard message.state.takesAnswers else { return .refused(.closed) }
        message.answer(command.accepts, by: "link", in: tx)
        return .done(Done())
    }
}
