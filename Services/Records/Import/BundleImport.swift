internal import Access
internal import Contracts
internal import Crypto
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

/// One file on its way into the store: who is who, what is new, then a row, a version and a source each.
struct BundleImport {
    /// What is known of an entry before it is written.
    private struct Filed {
        var id: UUID
        /// Of the row that is there already; nil for a new resource.
        var version: Int?
        var unchanged = false
        var patient = Sealer.nobody
        /// Nil while unchanged: nothing is written.
        var columns: SearchColumns?
        let digest: [UInt8]
        let url: String

        /// It is this row that is here already.
        mutating func take(_ id: UUID, _ version: Int, _ patient: UUID, unchanged: Bool) {
            (self.id, self.version, self.patient, self.unchanged) = (id, version, patient, unchanged)
        }
    }

    private struct Known {
        let id: UUID
        let type: String
        let patient: UUID
    }

    private struct Found {
        let id: UUID
        let patient: UUID
        let version: Int
        /// Of what was imported last.
        let digest: [UInt8]?
    }

    let store: RecordStore
    let file: ImportFile
    let actor: Actor
    let tx: Transaction
    let now: Date

    /// One import writes at a time: two that bring the same hospital must not both make it. What it writes is as old as its turn, not as its wait:
    /// whoever looked for news meanwhile has not seen it.
    static func run(_ file: ImportFile, into store: RecordStore, by actor: Actor, in tx: Transaction) async throws -> ImportOutcome {
        tx.queue("SELECT pg_advisory_xact_lock(hashtextextended('records/import', 0))")
        try await tx.flush()
        return try await BundleImport(store: store, file: file, actor: actor, tx: tx, now: Date()).run()
    }

    private func run() async throws -> ImportOutcome {
        var filed = try await identify()
        try await refuseAnotherPractice(filed)
        let resolved = try await resolve(filed)
        try fileUnderPatients(&filed, resolved)
        let corrections = ImportedCorrections(store: store, actor: actor, tx: tx, now: now)
        let corrected = try await corrections.found(among: results(filed, resolved))
        try write(filed, resolved)
        try await corrections.tell(of: corrected)
        for (patient, results) in newResults(filed) { ResultHold(tx: tx, patient: patient).hold(results, onlyRecent: true, at: now) }
        let patients = zip(file.entries, filed).filter { $0.0.type == "Patient" }.map { ID<Patient>($0.1.id) }
        return ImportOutcome(
            entries: filed.count, created: filed.count { $0.version == nil }, updated: filed.count { $0.version != nil && !$0.unchanged },
            unchanged: filed.count { $0.unchanged }, patients: patients)
    }

    // MARK: Who is who

    /// Gives each entry the id it has, or a new one.
    private func identify() async throws -> [Filed] {
        var filed = file.entries.map { entry in
            let digest = Array(SHA256.hash(data: entry.resource.source))
            return Filed(id: .v7(at: now), digest: digest, url: Self.url(of: entry, digest))
        }
        let urls = filed.map(\.url)
        let rows = try await tx.all(
            """
            SELECT s.url, s.type, s.id, s.digest, r.version, r.patient FROM import_source s JOIN resource r ON r.type = s.type AND r.id = s.id
            WHERE s.url = ANY(\(urls))
            """, as: String.self, String.self, UUID.self, [UInt8].self, Int.self, UUID.self)
        let known = Dictionary(rows.map { ($0.0, $0) }, uniquingKeysWith: { first, _ in first })
        for (place, entry) in file.entries.enumerated() {
            if let (_, type, id, digest, version, patient) = known[filed[place].url] {
                guard type == entry.type else {
                    throw problem(entry, "fullUrl", "“\(filed[place].url)” was imported before as a \(type)")
                }
                filed[place].take(id, version, patient, unchanged: digest == filed[place].digest)
            } else if let search = entry.request?.ifNoneExist, let there = try await find(search, entry, "request.ifNoneExist") {
                // The sender says: if it is here already, use that one and make nothing.
                filed[place].take(there.id, there.version, there.patient, unchanged: true)
            } else if let search = entry.request?.replacing, let there = try await find(search, entry, "request.url") {
                // The sender says: if it is here already, this is its next version.
                filed[place].take(there.id, there.version, there.patient, unchanged: there.digest == filed[place].digest)
            }
        }
        var writers: [UUID: Int] = [:]
        for (place, entry) in file.entries.enumerated() where !filed[place].unchanged {
            guard let first = writers.updateValue(entry.index, forKey: filed[place].id) else { continue }
            throw problem(entry, entry.type, "is the same resource as entry \(first)")
        }
        return filed
    }

    /// Whether a patient is for practice their first version says: a label set later would hide somebody real from every list.
    private func refuseAnotherPractice(_ filed: [Filed]) async throws {
        let changed = zip(file.entries, filed).filter { $0.type == "Patient" && $1.version != nil && !$1.unchanged }
        guard !changed.isEmpty else { return }
        let ids = changed.map(\.1.id)
        let practised = Set(try await tx.all("SELECT id FROM patient WHERE id = ANY(\(ids)) AND practice", as: UUID.self))
        for (entry, filed) in changed where PatientColumns(entry.resource).isPractice != practised.contains(filed.id) {
            throw problem(
                entry, "Patient.meta",
                practised.contains(filed.id)
                    ? "a practice patient stays one: keep the label HTEST" : "somebody real is no practice patient: take the label HTEST away")
        }
    }

    /// What the resource is called where it came from.
    private static func url(of entry: ImportEntry, _ digest: [UInt8]) -> String {
        entry.fullUrl ?? entry.id.map { "\(entry.type)/\($0)" } ?? "urn:sha256:\(digest.hex)"
    }

    /// The one resource in the store that a search finds; nil when there is none.
    private func find(_ search: ConditionalReference, _ entry: ImportEntry, _ path: String) async throws -> Found? {
        guard let (system, value) = search.identifier else {
            throw problem(entry, path, "only a search by one identifier is understood, not “\(search.query.prefix(80))”")
        }
        let text =
            system.map { SearchToken.text(type: search.type, parameter: "identifier", system: $0, code: value) }
            ?? SearchToken.text(type: search.type, parameter: "identifier", code: value)
        let token = store.hash(identifier: text)
        let rows = try await tx.all(
            """
            SELECT r.id, r.patient, r.version, (SELECT s.digest FROM import_source s WHERE s.id = r.id LIMIT 1)
            FROM resource r WHERE r.type = \(search.type) AND r.tokens @> ARRAY[\(token)] AND NOT r.deleted LIMIT 2
            """, as: UUID.self, UUID.self, Int.self, [UInt8]?.self)
        guard rows.count < 2 else { throw moreThanOne(search, entry, path) }
        return rows.first.map { Found(id: $0.0, patient: $0.1, version: $0.2, digest: $0.3) }
    }

    /// The one resource a conditional reference means: in the store, or on its way there in this file.
    private func target(_ search: ConditionalReference, _ entry: ImportEntry, _ path: String, among filed: [Filed]) async throws -> Known {
        let stored = try await find(search, entry, path)
        let sent = file.entries(identifiedBy: search).map { filed[$0] }
        guard Set(sent.map(\.id) + [stored?.id].compactMap(\.self)).count < 2 else { throw moreThanOne(search, entry, path) }
        if let first = sent.first { return Known(id: first.id, type: search.type, patient: first.patient) }
        guard let stored else { throw problem(entry, path, "no \(search.type) with this identifier is here; import the file that holds it first") }
        return Known(id: stored.id, type: search.type, patient: stored.patient)
    }

    private func moreThanOne(_ search: ConditionalReference, _ entry: ImportEntry, _ path: String) -> ImportProblems {
        problem(entry, path, "more than one \(search.type) has this identifier")
    }

    // MARK: References

    /// Every reference of the file that points at something here: its text, and what it points at.
    private func resolve(_ filed: [Filed]) async throws -> [String: Known] {
        var resolved: [String: Known] = [:]
        var searched: Set<String> = []
        var wanted: [String: (type: String, id: String)] = [:]
        for entry in file.entries {
            for reference in file.references(in: entry) where resolved[reference.text] == nil {
                switch reference.target {
                case .entry(let place):
                    let target = file.entries[place]
                    resolved[reference.text] = Known(id: filed[place].id, type: target.type, patient: filed[place].patient)
                case .conditional(let search):
                    guard searched.insert(reference.text).inserted else { continue }
                    resolved[reference.text] = try await target(search, entry, "\(entry.type).\(reference.element)", among: filed)
                case .relative(let type, let id): wanted[reference.text] = (type, id)
                case .absolute(let url): wanted[reference.text] = ("", url)
                case .contained: break
                case .malformed:
                    throw problem(entry, "\(entry.type).\(reference.element)", "“\(reference.text.prefix(80))” is not a reference")
                }
            }
        }
        guard !wanted.isEmpty else { return resolved }
        let names = wanted.values.map { $0.type.isEmpty ? $0.id : "\($0.type)/\($0.id)" }
        let ids = wanted.values.compactMap { UUID(uuidString: $0.id) }
        let rows = try await tx.all(
            """
            SELECT s.url, s.type, s.id, s.patient FROM import_source s WHERE s.url = ANY(\(names))
            UNION ALL SELECT s.alias, s.type, s.id, s.patient FROM import_source s WHERE s.alias = ANY(\(names))
            UNION ALL SELECT r.type || '/' || r.id::text, r.type, r.id, r.patient FROM resource r WHERE r.id = ANY(\(ids))
            """, as: String.self, String.self, UUID.self, UUID.self)
        // A name two resources go by is nobody's: better refused than filed under the wrong patient.
        let here: [String: Known] = Dictionary(grouping: rows, by: \.0).compactMapValues { rows in
            guard let (_, type, id, patient) = rows.first, rows.allSatisfy({ $0.2 == id }) else { return nil }
            return Known(id: id, type: type, patient: patient)
        }
        for (text, target) in wanted {
            resolved[text] = here[target.type.isEmpty ? target.id : "\(target.type)/\(target.id)"]
        }
        return resolved
    }

    /// Whose record each entry belongs to. What names a patient who is not here is refused: filed under nobody, everybody could read it.
    private func fileUnderPatients(_ filed: inout [Filed], _ resolved: [String: Known]) throws {
        let before = filed.map(\.patient)
        var patientOf: [UUID: UUID] = [:]
        var rest: [Int] = []
        for (place, entry) in file.entries.enumerated() {
            guard !filed[place].unchanged else {
                patientOf[filed[place].id] = filed[place].patient
                continue
            }
            filed[place].patient = Sealer.nobody
            let columns = SearchColumns(entry.resource, zone: .gmt, identifierHash: store.hash)
            filed[place].columns = columns
            if entry.type == "Patient" {
                filed[place].patient = filed[place].id
            } else if let reference = columns.patient {
                guard let target = resolved[reference] else {
                    throw problem(entry, entry.type, "its patient “\(reference.prefix(80))” is not here; import the patient first")
                }
                // A group, a device or a place can be a subject too.
                if target.type == "Patient" { filed[place].patient = target.id } else { rest.append(place) }
            } else {
                rest.append(place)
            }
            patientOf[filed[place].id] = filed[place].patient
        }
        // What names no patient itself belongs with what it speaks of: a Provenance with its targets.
        for place in rest where !Self.shared.contains(file.entries[place].type) {
            let owners = file.references(in: file.entries[place]).compactMap { resolved[$0.text] }.map { target in
                target.type == "Patient" ? target.id : patientOf[target.id] ?? target.patient
            }
            filed[place].patient = owners.first { $0 != Sealer.nobody } ?? Sealer.nobody
        }
        // Its earlier versions are sealed as the other patient's, who may have read them.
        for (place, entry) in file.entries.enumerated() where before[place] != Sealer.nobody && before[place] != filed[place].patient {
            throw problem(entry, entry.type, "was imported before as part of another patient's record")
        }
    }

    /// Types that are about no patient, whatever they refer to.
    private static let shared: Set = [
        "Practitioner", "PractitionerRole", "Organization", "Location", "HealthcareService", "Endpoint", "Medication", "Substance",
    ]

    private func problem(_ entry: ImportEntry, _ path: String, _ reason: String) -> ImportProblems {
        ImportProblems([FHIR.ImportProblem(entry: file.kind == .single ? nil : entry.index, path: path, reason: reason, line: entry.resource.line)])
    }

    // MARK: Writing

    private func write(_ filed: [Filed], _ resolved: [String: Known]) throws {
        var ciphers: [UUID: PatientCipher] = [:]
        for (entry, filed) in zip(file.entries, filed) {
            guard let columns = filed.columns else { continue }
            let cipher = try ciphers[filed.patient] ?? store.sealer.cipher(for: filed.patient, making: true)
            ciphers[filed.patient] = cipher
            try write(entry, filed, columns, resolved, cipher)
        }
    }

    private func write(
        _ entry: ImportEntry, _ filed: Filed, _ columns: SearchColumns, _ resolved: [String: Known], _ cipher: PatientCipher
    ) throws {
        let version = (filed.version ?? 0) + 1
        var text = ResourceText(entry.resource)
        var refs: Set<UUID> = []
        for reference in file.references(in: entry) {
            guard let target = resolved[reference.text] else { continue }
            refs.insert(target.id)
            text.replace(reference.node, with: "\(target.type)/\(target.id.uuidString.lowercased())")
        }
        let row = ResourceWriter.Row(
            type: entry.type, id: filed.id, version: version, patient: filed.patient, encounter: columns.encounter.flatMap { resolved[$0]?.id },
            refs: refs)
        try ResourceWriter(tx: tx, actor: actor, now: now).write(
            text, columns, Sensitivity(codes: SensitivityLabels.of(entry.resource)), at: row, cipher)
        let digest = filed.digest
        tx.queue(
            """
            INSERT INTO import_source (url, alias, type, id, patient, digest)
            VALUES (\(filed.url), \(entry.id.map { "\(entry.type)/\($0)" }), \(entry.type), \(filed.id), \(filed.patient), \(digest))
            ON CONFLICT ON CONSTRAINT import_source_once DO UPDATE SET patient = excluded.patient, digest = excluded.digest
            """)
        if entry.type == "Patient" { try writePatient(entry, filed, version) }
        try ImportedFacts(tx: tx, resolve: { resolved[$0].map { ($0.type, $0.id) } })
            .write(entry.resource, entry.type, id: filed.id, version: version, patient: filed.patient)
    }

    /// The results of the file that are here already, and say something else or the same.
    private func results(_ filed: [Filed], _ resolved: [String: Known]) -> [ImportedCorrections.Result] {
        zip(file.entries, filed).compactMap { entry, filed in
            guard entry.type == "Observation", let before = filed.version, filed.columns != nil, filed.patient != Sealer.nobody else { return nil }
            let basis = entry.resource.list("basedOn").lazy.compactMap { resolved[$0.string("reference") ?? ""] }
            let asked = basis.first { $0.type == "ServiceRequest" }
            return ImportedCorrections.Result(
                id: ID(filed.id), patient: ID(filed.patient), version: before + 1, resource: entry.resource, order: asked.map { ID($0.id) })
        }
    }

    /// What a laboratory found, as it comes for the first time.
    private func newResults(_ filed: [Filed]) -> [ID<Patient>: [UUID]] {
        var found: [ID<Patient>: [UUID]] = [:]
        for (entry, filed) in zip(file.entries, filed) where filed.version == nil && filed.patient != Sealer.nobody {
            let isResult =
                entry.type == "DiagnosticReport"
                || entry.type == "Observation" && !Set(ResultEntry(entry.resource).category).isDisjoint(with: ["laboratory", "imaging"])
            if isResult { found[ID(filed.patient), default: []].append(filed.id) }
        }
        return found
    }

    private func writePatient(_ entry: ImportEntry, _ filed: Filed, _ version: Int) throws {
        let patient = PatientColumns(entry.resource)
        PatientRow.write(patient, filed.id, version: version, in: tx)
        let id = ID<Patient>(filed.id)
        if version == 1 {
            try tx.emit(PatientRegistered(patient: id, version: version))
        } else {
            try tx.emit(ContactChanged(patient: id, version: version))
        }
        if patient.isDeceased { try tx.emit(PatientDeceased(patient: id, version: version)) }
    }
}
