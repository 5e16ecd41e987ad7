internal import Access
public import Contracts
public import Postgres

/// What a service that decides for itself hears of: the same facts, kept in the same way, wherever they are heard.
extension DecisionFacts {
    public static func noteTeamOnCareTeamChanged(_ event: CareTeamChanged, tx: Transaction) async throws {
        guard try await isNews(event.version, of: event.team.uuid, in: tx) else { return }
        setTeam(event.team.uuid, of: event.patient, members: event.members, from: event.from, until: event.until, in: tx)
    }

    public static func noteWorkplaceOnWorkplaceChanged(_ event: WorkplaceChanged, tx: Transaction) async throws {
        guard try await isNews(event.version, of: event.role.uuid, in: tx) else { return }
        setWorkplaces(event.role.uuid, of: event.practitioner, locations: event.locations, in: tx)
    }

    /// Of what a patient said, that which is about everything: kinds of information are the record's to know.
    public static func noteConsentOnConsentChanged(_ event: ConsentChanged, tx: Transaction) async throws {
        guard try await isNews(event.version, of: event.consent.uuid, in: tx) else { return }
        let lines = event.lines.map { line in
            let recipient: ConsentRule.Recipient =
                if let practitioner = line.practitioner {
                    .practitioner(practitioner)
                } else if let role = line.role.flatMap(Role.init) { .role(role) } else { .everybody }
            return Line(ConsentRule(permits: line.permits, recipient: recipient), from: line.from, until: line.until)
        }
        setConsent(event.consent.uuid, of: event.patient, lines: lines, in: tx)
    }

    public static func noteGrantOnGlassBroken(_ event: GlassWasBroken, tx: Transaction) async throws {
        setBrokenGlass(event.id.uuid, of: event.patient, by: event.account, at: event.at, until: event.until, in: tx)
    }
}
