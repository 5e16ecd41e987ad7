internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres

extension RecordStore {
    /// Finds patients by name, birth date, record number or phone, in any order, in one box. Every word must fit; when none fits all of them,
    /// names that sound alike are offered. Who is for practice is found by name, and offered to nobody who looks for somebody else.
    @Sendable func findPatients(_ query: FindPatients, actor: Actor, tx: Transaction) async throws -> Answer<FindPatients> {
        let limit = max(1, min(query.limit, 50))
        let wanted = SearchText(query.text)
        guard !wanted.isEmpty else { return .done(FoundPatients(patients: [], total: 0)) }
        let found = try await matching(Self.fits(wanted), limit, tx)
        if found.total > 0 || wanted.words.isEmpty { return .done(found) }
        let numbered = SearchText(query.text, marksRecords: true)
        if !numbered.recordNumbers.isEmpty {
            let found = try await matching(Self.fits(numbered), limit, tx)
            if found.total > 0 { return .done(found) }
        }
        let sound = wanted.words.joined(separator: " ")
        let alike: SQL = """
            p.id IN (SELECT patient FROM patient_name WHERE \(sound) <% words) AND \(PracticePatients.excluded(among: "p"))
            """
        tx.queue("SELECT set_config('pg_trgm.word_similarity_threshold', '0.45', true)")
        return .done(try await matching(alike, limit, tx))
    }

    private static func fits(_ wanted: SearchText) -> SQL {
        var conditions: [SQL] = []
        for word in wanted.words {
            let pattern = "% \(word)%"
            conditions.append("EXISTS (SELECT FROM patient_name n WHERE n.patient = p.id AND n.words LIKE \(pattern))")
        }
        for date in wanted.dates { conditions.append("p.birth_date = \(date)") }
        for number in wanted.numbers {
            let ending = "%\(number)"
            conditions.append("(p.mrn = \(number) OR p.phone LIKE \(ending))")
        }
        for number in wanted.recordNumbers { conditions.append("p.mrn IN (\(number), \(number.uppercased()))") }
        if wanted.words.isEmpty { conditions.append(PracticePatients.excluded(among: "p")) }
        return SQL.all(conditions)
    }

    private func matching(_ condition: SQL, _ limit: Int, _ tx: Transaction) async throws -> FoundPatients {
        let patients = try await PatientRow.all(
            "SELECT \(PatientRow.columns) FROM patient p WHERE \(condition) ORDER BY family, given, birth_date, id LIMIT \(limit)", in: tx)
        guard patients.count == limit else { return FoundPatients(patients: patients, total: patients.count) }
        let total = try await tx.first("SELECT count(*) FROM patient p WHERE \(condition)", as: Int.self) ?? patients.count
        return FoundPatients(patients: patients, total: total)
    }
}

extension SQL {
    /// All of them hold.
    fileprivate static func all(_ conditions: [SQL]) -> SQL {
        guard let first = conditions.first else { return "true" }
        return conditions.dropFirst().reduce(first) { "\($0) AND \($1)" }
    }
}

/// What somebody typed into the one box, sorted into words, birth dates and numbers.
struct SearchText: Equatable {
    var words: [String] = []
    /// `1961-03-14`
    var dates: [String] = []
    /// Digits only: of a record or a phone.
    var numbers: [String] = []
    /// Of a record, as typed: `MRN-00042`.
    var recordNumbers: [String] = []

    var isEmpty: Bool { words.isEmpty && dates.isEmpty && numbers.isEmpty }

    /// - Parameters:
    ///   - text: at most 100 characters and 8 parts are looked at.
    ///   - marksRecords: what has letters and digits is the number of a record; otherwise it is a name, as test data has them.
    init(_ text: String, marksRecords: Bool = false) {
        for part in text.prefix(100).split(whereSeparator: { $0.isWhitespace || $0 == "," || $0 == ";" }).prefix(8) {
            if let date = Self.date(part) {
                dates.append(date)
            } else if part.allSatisfy({ $0.isNumber || "-+()./".contains($0) }) {
                let digits = part.filter(\.isASCII).filter(\.isNumber)
                if !digits.isEmpty { numbers.append(String(digits)) }
            } else if marksRecords, part.contains(where: \.isNumber) {
                recordNumbers.append(String(part))
            } else {
                words += NameNormal.of(String(part)).split(separator: " ").map(String.init)
            }
        }
        // A phone number typed with spaces is one number.
        if numbers.count > 1 { numbers = [numbers.joined()] }
    }

    /// ISO, or month first as the clinic's country writes it, or day first where a month cannot be meant.
    private static func date(_ part: Substring) -> String? {
        let pieces = part.split(whereSeparator: { "-/.".contains($0) }).map { Int($0) }
        guard pieces.count == 3, let a = pieces[0], let b = pieces[1], let c = pieces[2] else { return nil }
        let (year, month, day) = a > 31 ? (a, b, c) : a > 12 ? (c, b, a) : (c, a, b)
        guard (1800...2200).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        return String(format: "%04d-%02d-%02d", year, month, day)
    }
}
