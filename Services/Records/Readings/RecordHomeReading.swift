internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// How long ago something may have been measured.
    private static let oldest: TimeInterval = 366 * 86_400

    /// Keeps one value a patient measured at home, at the wall time they say.
    @Sendable func recordHomeReading(_ command: RecordHomeReading, actor: Actor, tx: Transaction) async throws -> Answer<RecordHomeReading> {
        let now = Date()
        guard let measure = Measure(command.measure, in: command.unit) else {
            return .refused(.invalid(problems: [EntryProblem("unit", .unknownCode)]))
        }
        var problems = measure.problems(command.value, command.second, fields: ("value", "second"))
        if !ZoneNames.isKnown(command.zone) { problems.append(EntryProblem("zone", .unknownCode)) }
        if !HomeReading.isWallTime(command.local) { problems.append(EntryProblem("local", command.local.isEmpty ? .missing : .notADate)) }
        guard problems.isEmpty else { return .refused(.invalid(problems: problems)) }
        let owner = PatientRow.later(command.patient, in: tx)
        let time = try await HomeReading.time(command, in: tx)
        guard try !PatientRow.all(owner).isEmpty else { return .refused(.notFound) }
        guard let time else { return .refused(.invalid(problems: [EntryProblem("local", .notADate)])) }
        if time.at > now.addingTimeInterval(60) { problems.append(EntryProblem("local", .inTheFuture)) }
        if time.at < now.addingTimeInterval(-Self.oldest) { problems.append(EntryProblem("local", .notPossible)) }
        guard problems.isEmpty else { return .refused(.invalid(problems: problems)) }
        let cipher = try sealer.cipher(for: command.patient.uuid, making: true)
        try EntryWriter(store: self, patient: command.patient, cipher: cipher, actor: actor, tx: tx, now: now)
            .write(HomeReading.resource(command, measure, at: time.text), "Observation", command.observation, version: 1)
        return .done(HomeReadingKept(at: time.at))
    }

    /// What a violated constraint means to whoever measured.
    @Sendable func refusalOfReading(
        _ command: RecordHomeReading, _ constraint: String, _ actor: Actor, _ tx: Transaction
    ) async throws -> HomeReadingRefusal? {
        constraint.hasPrefix("resource_") ? .idInUse : nil
    }
}

/// What a patient measured, as FHIR R4 Observation.
enum HomeReading {
    /// In the row's `category`: what patients may write, and what is looked for apart.
    static let category = "patient-reported"

    /// `2026-11-24T07:40`, of a day that exists.
    static func isWallTime(_ text: String) -> Bool {
        text.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]/) != nil && FHIRDate.isDate(String(text.prefix(10)))
    }

    /// The instant, by the database's zone data, and the FHIR dateTime with the offset of that place on that day; nil where the clocks were put
    /// forward over it.
    static func time(_ command: RecordHomeReading, in tx: Transaction) async throws -> (at: Date, text: String)? {
        let row = try await tx.first(
            """
            SELECT instant, extract(epoch FROM (instant AT TIME ZONE \(command.zone)) - (instant AT TIME ZONE 'UTC'))::int,
                to_char(instant AT TIME ZONE \(command.zone), 'YYYY-MM-DD"T"HH24:MI')
            FROM (SELECT \(command.local)::timestamp AT TIME ZONE \(command.zone) AS instant) wall
            """, as: Date.self, Int.self, String.self)
        guard let (at, offset, shown) = row, shown == command.local else { return nil }
        return (at, "\(command.local):00\(self.offset(offset))")
    }

    /// `-06:00`
    private static func offset(_ seconds: Int) -> String {
        let minutes = abs(seconds) / 60
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(seconds < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
    }

    static func resource(_ command: RecordHomeReading, _ measure: Measure, at time: String) -> JSONValue {
        var made = measure.observation(
            command.value, command.second, of: command.patient, at: time, by: .reference("Patient", command.patient))
        if case .array(let categories) = made["category"] {
            made["category"] = .array(categories + [.concept(system: "urn:chartline:observation-category", code: category)])
        }
        made["_effectiveDateTime"] = [
            "extension": [["url": "http://hl7.org/fhir/StructureDefinition/tz-code", "valueCode": .string(command.zone)]]
        ]
        return made
    }
}
