internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension Questions {
    /// Closes a question; what was said once stays said.
    func answerAccessQuestion(_ command: AnswerAccessQuestion, _ actor: Actor, _ tx: Transaction) async throws -> Answer<AnswerAccessQuestion> {
        guard let text = checked(command.text) else { return .refused(.empty) }
        guard text.count <= Self.longest else { return .refused(.tooLong) }
        let isAnswered = try await tx.first(
            "SELECT answered_at IS NOT NULL FROM question WHERE id = \(command.question.uuid) AND patient = \(command.patient.uuid) FOR UPDATE",
            as: Bool.self)
        guard let isAnswered else { return .refused(.notFound) }
        guard !isAnswered else { return .refused(.alreadyAnswered) }
        let answer = try sealer.cipher(for: command.patient.uuid).seal(Array(text.utf8), at: Place("question", "answer", row: command.question.uuid))
        tx.queue(
            """
            UPDATE question SET answered_by = \(actor.account?.uuid), answered_at = now(), answer = \(answer) WHERE id = \(command.question.uuid)
            """)
        return .done(Done())
    }
}
