internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    private static let longestShare: TimeInterval = 366 * 86_400

    /// Lets colleagues open one document for a while, although they do not treat the patient.
    func shareDocument(
        _ command: ShareDocument, _ actor: Actor, _ tx: Transaction, _ facts: FactsReader
    ) async throws -> Answer<ShareDocument> {
        let now = Date()
        let problems = command.problems(at: now, atMost: Self.longestShare, by: actor)
        guard problems.isEmpty else { return .refused(.invalid(problems: problems)) }
        let (with, place) = (command.practitioner, command.location)
        let works = tx.later(
            """
            SELECT EXISTS (SELECT FROM resource WHERE type = 'PractitionerRole' AND NOT deleted AND refs @> ARRAY[\(with?.uuid)]::uuid[])
                OR EXISTS (SELECT FROM workplace WHERE location = \(place?.uuid))
            """)
        let colleague = with.map { Actor(issuer: "records", role: .clinician, practitioner: $0, purpose: "treatment") }
        let patients = [command.patient.uuid]
        let wishes = colleague.map { facts.read(of: "SELECT unnest(\(patients))", for: $0, in: tx) }
        let row = try await tx.first(
            """
            SELECT sensitivity, body FROM resource WHERE type = 'DocumentReference' AND id = \(command.document.uuid)
                AND patient = \(command.patient.uuid) AND NOT deleted AND coalesce(status, '') <> 'entered-in-error' \(actor.granted.shown)
            """, as: Int.self, [UInt8].self)
        let cipher = try sealer.cipher(for: command.patient.uuid)
        guard let (kinds, body) = row, DocumentResource(try cipher.resource(body, row: command.document.uuid)).file != nil else {
            return .refused(.notFound)
        }
        guard try works.first(as: Bool.self) == true else { return .refused(.invalid(problems: [EntryProblem("with", .unknownCode)])) }
        if let colleague, let wishes {
            var known = try wishes.facts()[command.patient] ?? AccessFacts()
            known.shared[command.document] = Sensitivity(rawValue: kinds)
            guard Self.mayEverOpen(command.document, of: command.patient, colleague, known) else { return .refused(.keptBack) }
        }
        tx.queue(
            """
            INSERT INTO document_share (id, patient, document, practitioner, location, at, shared_by, until)
            VALUES (\(command.share.uuid), \(command.patient.uuid), \(command.document.uuid), \(with?.uuid), \(place?.uuid), \(now),
                \(actor.practitioner?.uuid), \(command.until))
            """)
        return .done(Done())
    }

    /// Whether somebody is a clinician or a nurse is known when they ask: no is what is no for both.
    private static func mayEverOpen(_ document: ID<Resource>, of patient: ID<Patient>, _ colleague: Actor, _ facts: AccessFacts) -> Bool {
        [Role.clinician, .nurse].contains { role in
            var asker = colleague
            asker.role = role
            return asker.decide(onShared: document, of: patient, facts).isAllowed
        }
    }

    @Sendable func refusalOfSharing(
        _ command: ShareDocument, _ constraint: String, _ actor: Actor, _ tx: Transaction
    ) async throws -> DocumentShareRefusal? {
        constraint == "document_share_once" ? .idInUse : nil
    }

    /// What is shared, as access is decided on it: a document that was filed in error is shared no more.
    static let shares: SQL = """
        SELECT s.patient, s.document, d.sensitivity AS kinds, s.practitioner, s.location, s.until FROM document_share s
        JOIN resource d ON d.type = 'DocumentReference' AND d.id = s.document AND d.patient = s.patient
        WHERE s.withdrawn_at IS NULL AND NOT d.deleted AND coalesce(d.status, '') <> 'entered-in-error'
        """
}

extension ShareDocument {
    fileprivate func problems(at now: Date, atMost longest: TimeInterval, by actor: Actor) -> [EntryProblem] {
        var problems: [EntryProblem] = []
        if (practitioner == nil) == (location == nil) {
            problems.append(EntryProblem("with", practitioner == nil ? .missing : .notPossible))
        } else if practitioner != nil, practitioner == actor.practitioner {
            problems.append(EntryProblem("with", .notPossible))
        }
        if until <= now || until.timeIntervalSince(now) > longest { problems.append(EntryProblem("until", .notPossible)) }
        return problems
    }
}
