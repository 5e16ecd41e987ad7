internal import Access
internal import Contracts
internal import MessageBus
internal import Postgres

// Who may see a patient's visits: what the record says about it, kept for this service's own decisions.

func noteTeamOnCareTeamChanged(_ event: CareTeamChanged, tx: Transaction) async throws {
    guard try await DecisionFacts.isNews(event.version, of: event.team.uuid, in: tx) else { return }
    DecisionFacts.setTeam(event.team.uuid, of: event.patient, members: event.members, from: event.from, until: event.until, in: tx)
}

func noteWorkplaceOnWorkplaceChanged(_ event: WorkplaceChanged, tx: Transaction) async throws {
    guard try await DecisionFacts.isNews(event.version, of: event.role.uuid, in: tx) else { return }
    DecisionFacts.setWorkplaces(event.role.uuid, of: event.practitioner, locations: event.locations, in: tx)
}

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

func noteGrantOnGlassBroken(_ event: GlassWasBroken, tx: Transaction) async throws {
    DecisionFacts.setBrokenGlass(event.id.uuid, of: event.patient, by: event.account, at: event.at, until: event.until, in: tx)
}
