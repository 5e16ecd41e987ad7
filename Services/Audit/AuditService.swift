internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import ServiceHost

/// Keeps copies of every service's audit trail, checks them, and says who looked at whose record.
@main enum AuditService {
    static let migrations = Bundle.module.bundleURL.appending(path: "Migrations")

    static func main() async throws {
        try await ServiceHost.run("audit", migrations: migrations, verifying: verifyCopies) { service in
            let copies = Copies(keys: TrailKeys(service.settings), logger: service.logger)
            let questions = Questions(sealer: service.sealer)
            let names = PersonNames(database: service, bus: service.bus)
            answers(service.registry, questions)
            service.onEvery(TrailSealed.self, "copy-on-trail-sealed", do: copies.copyOnTrailSealed)
            service.work("ask-for-names") { try await names.run() }
            service.work("learn-practice-patients") { try await questions.practice.run(on: service.bus) }
        }
    }

    static func answers(_ service: Registry, _ questions: Questions) {
        service.seals([SealedColumn("question", "body"), SealedColumn("question", "answer")])
        service.seals([.ofNobody("export", "recipient"), .ofNobody("export", "purpose")])
        service.answer(ReadAccesses.self, to: .ownWishes || .privacyOffice, with: questions.readAccesses)
        service.answer(AskAboutAccess.self, to: .ownWishes, with: questions.askAboutAccess)
        service.answer(ReadAccessQuestions.self, to: .privacyOffice, with: questions.readAccessQuestions)
        service.answer(AnswerAccessQuestion.self, to: .privacyOffice, with: questions.answerAccessQuestion)
        service.answer(ReadDisclosures.self, to: .ownWishes || .privacyOffice, with: questions.readDisclosures)
        service.answer(ReadTrail.self, to: .privacyOffice, with: questions.readTrail)
        answerFirstSteps(service)
        service.answer(ExportTrail.self, to: .operators, with: questions.exportTrail)
    }
}

extension Rule {
    /// Who answers for the clinic's privacy.
    static let privacyOffice = staff(.administrator, of: .nobody)
}
