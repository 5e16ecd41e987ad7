internal import Access
internal import Contracts
internal import MessageBus
internal import Postgres

/// Of what a patient said, that which is about everything: kinds of information are the record's to know.
func noteConsentOnConsentChanged(_ event: ConsentChanged, tx: Transaction) async throws {
    guard try await DecisionFacts.isNews(event.version, of: event.consent.uuid, in: tx) else { return }
    let lines = event.lines.map { line in
        let recipient: ConsentRule.Recipient =
            if let practitioner = line.practitioner {
                .practitioner(practitioner)
            } else if let role = line.role.flatMap(Role.init) { .role(role) } else { .everybody }
        return DecisionFacts.Line(ConsentRule(permits: line.permits, recipient: recipient), from: line.from, until: line.until)
    }
    DecisionFacts.setConsent(event.consent.uuid, of: event.patient, lines: lines, in: tx)
}
