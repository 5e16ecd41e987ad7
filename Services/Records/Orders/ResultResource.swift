internal import Contracts
internal import FHIR
internal import Foundation

/// Results that are written by hand, as FHIR R4 Observation, and the report that holds several together.
enum ResultResource {
    /// Where a status may lead: never back to what is not final yet.
    static let transitions: [String: Set<String>] = [
        "registered": ["preliminary", "final", "cancelled", "entered-in-error"], "preliminary": ["final", "cancelled", "entered-in-error"],
        "final": changes, "amended": changes, "corrected": changes, "cancelled": ["entered-in-error"], "entered-in-error": [],
    ]
    private static let changes: Set<String> = ["amended", "corrected", "cancelled", "entered-in-error"]
    /// What an order has waited for.
    static let complete: Set<String> = ["final", "amended", "corrected"]

    /// HL7 v3 ObservationInterpretation.
    static let interpretations: Set<String> = ["N", "L", "H", "LL", "HH", "A", "AA", "POS", "NEG", "IND"]
    private static let usual: Set<String> = ["N", "NEG"]

    private static let ucum = "http://unitsofmeasure.org"

    static func new(
        _ entered: EnteredResult, _ command: EnterResult, answering order: JSONNode?, by practitioner: ID<Practitioner>?, at now: Date
    ) -> JSONValue {
        var made: JSONValue = [
            "resourceType": "Observation", "basedOn": [.reference("ServiceRequest", command.order)],
            "status": .string(command.status), "category": [category(of: order)], "code": named(entered.name).concept,
            "subject": .reference("Patient", command.patient),
            "encounter": .reference("Encounter", ID<Resource>(reference: order?.reference("encounter"))),
            "effectiveDateTime": .string(command.collected), "issued": .string(now.formatted(.iso8601)),
            "performer": [.reference("Practitioner", practitioner)],
        ]
        write(entered.reading, to: &made)
        return made
    }

    static func report(_ command: EnterResult, answering order: JSONNode?, by practitioner: ID<Practitioner>?, at now: Date) -> JSONValue {
        let ordered = order.map { CodedText($0["code"], $0["code"]?.display ?? "") }
        let title = command.title ?? ordered ?? command.results.first?.name ?? CodedText("")
        return [
            "resourceType": "DiagnosticReport", "basedOn": [.reference("ServiceRequest", command.order)],
            "status": .string(command.status), "category": [category(of: order)], "code": named(title).concept,
            "subject": .reference("Patient", command.patient), "effectiveDateTime": .string(command.collected),
            "issued": .string(now.formatted(.iso8601)), "performer": [.reference("Practitioner", practitioner)],
            "result": .array(command.results.map { .reference("Observation", $0.result) }),
        ]
    }

    /// The next version. What was taken back has no value any more: the version before has it.
    static func corrected(_ old: JSONNode, _ command: CorrectResult, by practitioner: ID<Practitioner>?, at now: Date) -> JSONValue {
        var made = JSONValue(old)
        made["status"] = .string(command.status)
        made["issued"] = .string(now.formatted(.iso8601))
        made["note"] = notes(of: old, with: command.reason, by: practitioner, at: now)
        if command.status == "cancelled" {
            for name in values + ["interpretation", "component"] { made[name] = .missing }
            made["dataAbsentReason"] = .concept(
                system: "http://terminology.hl7.org/CodeSystem/data-absent-reason", code: "error", display: "Error")
        } else if let reading = command.reading {
            for name in values { made[name] = .missing }
            write(reading, to: &made)
        }
        return made
    }

    /// The same result with a note.
    static func noted(_ old: JSONNode, _ text: String, by practitioner: ID<Practitioner>?, at now: Date) -> JSONValue {
        var made = JSONValue(old)
        made["note"] = notes(of: old, with: text, by: practitioner, at: now)
        return made
    }

    private static func notes(of old: JSONNode, with text: String, by practitioner: ID<Practitioner>?, at now: Date) -> JSONValue {
        let note: JSONValue = [
            "authorReference": .reference("Practitioner", practitioner), "time": .string(now.formatted(.iso8601)), "text": .string(text),
        ]
        return .array(old.list("note").map(JSONValue.init) + [note])
    }

    /// What a report is after one of its results became `status`.
    /// - Parameters:
    ///   - old: the report's status so far.
    ///   - statuses: of all its results, now.
    /// - Returns: nil where nothing leads there.
    static func reportStatus(from old: String, after status: String, of statuses: [String]) -> String? {
        let isComplete = complete.contains(old)
        if statuses.allSatisfy({ $0 == "cancelled" || $0 == "entered-in-error" }) { return old == "entered-in-error" ? nil : status }
        switch status {
        case "final": return isComplete || statuses.contains { transitions[$0]?.contains("final") == true } ? nil : "final"
        case "amended", "corrected": return isComplete ? status : nil
        // One of several was taken back: the report says something else than before.
        case "cancelled", "entered-in-error": return isComplete ? "amended" : nil
        default: return nil
        }
    }

    /// Why a version was written: the last note, where the version before has not got it.
    static func reason(_ version: JSONNode, after before: JSONNode?) -> String? {
        let notes = version.list("note")
        return notes.count > before?.list("note").count ?? 0 ? notes.last?.string("text") : nil
    }

    /// How somebody lives is an entry, with a form of its own; what patients measured is theirs to say.
    static func isResult(_ observation: JSONNode) -> Bool {
        Set(ResultEntry(observation).category).isDisjoint(with: ["social-history", "patient-reported"])
    }

    /// Whether somebody who has read a result has to be told of its next version: it says something else, or was taken back.
    static func isNews(_ made: JSONNode, after old: JSONNode) -> Bool {
        // What was registered or cancelled had nothing to read.
        guard let was = old.string("status"), was == "preliminary" || complete.contains(was) else { return false }
        return made.string("status").map(changes.contains) == true || firstValue(old, unlike: made) != nil
    }

    static func isAbnormal(_ entry: ResultEntry) -> Bool {
        if let code = entry.interpretation { return !usual.contains(code) }
        guard let number = entry.value.number, let range = entry.range else { return false }
        return range.lowNumber.map { number < $0 } ?? false || range.highNumber.map { number > $0 } ?? false
    }

    // MARK: Parts

    private static let values = [
        "valueQuantity", "valueCodeableConcept", "valueString", "valueBoolean", "valueInteger", "valueRange", "valueRatio", "dataAbsentReason",
    ]

    /// What has no code gets one of ours, from its name, so that results of one test stand together.
    private static func named(_ name: CodedText) -> CodedText {
        guard name.code == nil else { return name }
        let words = NameNormal.of(name.text).split(separator: " ").joined(separator: "-")
        return CodedText(name.text, system: "urn:chartline:test", code: words.isEmpty ? name.text : words)
    }

    private static func category(of order: JSONNode?) -> JSONValue {
        switch order.flatMap(OrderResource.kind) {
        case .imaging?: EntryResource.concept("observation-category", "imaging")
        case .referral?: EntryResource.concept("observation-category", "exam")
        case .laboratory?, nil: EntryResource.concept("observation-category", "laboratory")
        }
    }

    private static func write(_ reading: ResultReading, to made: inout JSONValue) {
        func quantity(_ digits: String, _ comparator: String? = nil) -> JSONValue {
            [
                "value": .number(digits), "comparator": .optional(comparator), "unit": .optional(reading.unit),
                "system": reading.unit == nil ? .missing : .string(ucum), "code": .optional(reading.unit),
            ]
        }
        if let (comparator, digits) = reading.number {
            made["valueQuantity"] = quantity(digits, comparator)
        } else {
            made["valueString"] = .string(reading.value)
        }
        let code = reading.interpretation ?? reading.judged
        made["interpretation"] = code.map { [EntryResource.concept("v3-ObservationInterpretation", $0)] } ?? .missing
        let range: JSONValue = ["low": reading.low.map { quantity($0) } ?? .missing, "high": reading.high.map { quantity($0) } ?? .missing]
        made["referenceRange"] = reading.low == nil && reading.high == nil ? .missing : [range]
    }
}

extension ResultReading {
    private static func digits(_ text: String) -> Bool { text.wholeMatch(of: /-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?/) != nil }

    /// A limit's sign, and the digits; nil where it is words.
    var number: (comparator: String?, digits: String)? {
        let comparator = ["<=", ">=", "<", ">"].first(where: value.hasPrefix)
        let digits = String(value.dropFirst(comparator?.count ?? 0).trimmingPrefix(while: \.isWhitespace))
        return Self.digits(digits) ? (comparator, digits) : nil
    }

    /// By the usual range; nil where there is none, or a limit may be on either side of it.
    fileprivate var judged: String? {
        guard let (comparator, digits) = number, comparator == nil, let value = Double(digits), low != nil || high != nil else { return nil }
        if let low = low.flatMap(Double.init), value < low { return "L" }
        if let high = high.flatMap(Double.init), value > high { return "H" }
        return "N"
    }

    /// - Parameter place: in the list; nil where it is the only one.
    func problems(_ place: Int? = nil) -> [EntryProblem] {
        func field(_ name: String) -> String { place.map { "\(name)-\($0)" } ?? name }
        var check = EntryCheck()
        check.needed(field("value"), value)
        check.text(field("value"), value, atMost: 200)
        // Digits we cannot write as a number are no words either.
        if number == nil, value.wholeMatch(of: /[<>=]*\s*[-+]?[0-9][0-9.,\s]*/) != nil {
            check.problems.append(EntryProblem(field("value"), .notANumber))
        }
        if let unit, unit.count > 40 || unit.wholeMatch(of: /[!-~]+/) == nil { check.problems.append(EntryProblem(field("unit"), .unknownCode)) }
        for (name, limit) in [("low", low), ("high", high)] {
            if let limit, !Self.digits(limit) { check.problems.append(EntryProblem(field(name), .notANumber)) }
        }
        if let low = low.flatMap(Double.init), let high = high.flatMap(Double.init), low > high {
            check.problems.append(EntryProblem(field("high"), .notPossible))
        }
        check.code(field("interpretation"), interpretation, in: ResultResource.interpretations)
        return check.problems
    }

    /// As it was written; nil where the result has parts of its own.
    init?(_ result: JSONNode) {
        guard result["component"] == nil else { return nil }
        let entry = ResultEntry(result)
        self.init(
            entry.value.text ?? "", unit: entry.value.unitCode ?? entry.value.unit, low: entry.range?.low, high: entry.range?.high,
            interpretation: entry.interpretation)
    }
}
