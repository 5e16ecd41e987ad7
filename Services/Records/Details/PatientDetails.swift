internal import Contracts
internal import FHIR
internal import Foundation
internal import Pictures

/// Who a patient is and how they are reached, read from the FHIR Patient and written back into it a field at a time: everything else in it stays.
struct PatientDetails {
    private(set) var resource: JSONValue
    private var node: JSONNode

    init(_ patient: JSONNode) { (node, resource) = (patient, JSONValue(patient)) }

    /// What a field says; nil where there is nothing.
    subscript(_ field: DetailField) -> Detail? {
        switch field {
        case .phone: telecom(["sms", "phone"]).map { .phone(number: $0.string("value") ?? "") }
        case .email: telecom(["email"]).map { .email(address: $0.string("value") ?? "") }
        case .address:
            place("address").map { address in
                .address(
                    line: address.texts("line").joined(separator: ", "), city: address.string("city") ?? "", state: address.string("state") ?? "",
                    postalCode: address.string("postalCode") ?? "")
            }
        case .language: spoken
        case .name: name.map { .name(given: $0.texts("given").joined(separator: " "), family: $0.string("family") ?? "") }
        case .birthDate: node.string("birthDate").map { .birthDate(day: $0) }
        }
    }

    var all: [Detail] { DetailField.allCases.compactMap { self[$0] } }

    /// The resource with one field as it is to be.
    func with(_ detail: Detail) -> JSONValue {
        var made = resource
        switch detail {
        case .phone(let number): set(number, at: telecom(["sms", "phone"]), new: ["system": "phone", "use": "mobile"], in: &made)
        case .email(let address): set(address, at: telecom(["email"]), new: ["system": "email"], in: &made)
        case .address(let line, let city, let state, let postalCode):
            // What a map or a writing made of the old one is not true of the new.
            let before = place("address")
            let new: JSONValue = [
                "use": .optional(before?.string("use") ?? "home"), "line": [.string(line)], "city": .string(city), "state": .string(state),
                "postalCode": .string(postalCode), "country": .optional(before?.string("country")),
            ]
            put(new, at: before, in: "address", of: &made)
        case .language(let tag, let also, let interpreter):
            let chosen = [tag] + (also ?? []).filter { $0 != tag }
            made["communication"] = .array(chosen.enumerated().map { place, tag in
                // One that is there already may say more: it stays as it is.
                var one = node.list("communication").first { $0["language"]?.code == tag }.map { JSONValue($0) }
                    ?? ["language": .concept(system: "urn:ietf:bcp:47", code: tag)]
                one["preferred"] = place == 0 ? true : .missing
                return one
            })
            let others = node.list("extension").filter { $0.string("url") != PatientColumns.interpreterRequired }.map { JSONValue($0) }
            let needed: [JSONValue] = interpreter == true ? [["url": .string(PatientColumns.interpreterRequired), "valueBoolean": true]] : []
            made["extension"] = others.isEmpty && needed.isEmpty ? .missing : .array(others + needed)
        case .name(let given, let family):
            var new = name.map(JSONValue.init) ?? ["use": "official"]
            new["text"] = .missing
            new["family"] = .string(family)
            new["given"] = .array(given.split(separator: " ").map { .string(String($0)) })
            put(new, at: name, in: "name", of: &made)
        case .birthDate(let day): made["birthDate"] = .string(day)
        }
        return made
    }

    func with(photo: CleanPicture?) -> JSONValue {
        var made = resource
        made["photo"] = photo.map { [["contentType": .string($0.type), "data": .string(Data($0.bytes).base64EncodedString())]] } ?? .missing
        return made
    }

    // MARK: Where a field stands

    /// The same that letters and texts go to.
    private func telecom(_ systems: [String]) -> JSONNode? {
        let all = node.list("telecom").filter { $0.string("use") != "old" && $0.string("value") != nil }
        for system in systems {
            let own = all.filter { $0.string("system") == system }
            if let first = own.first(where: { $0.string("use") == "mobile" }) ?? own.first { return first }
        }
        return nil
    }

    private var spoken: Detail? {
        let columns = PatientColumns(node)
        guard let preferred = columns.languages.first else { return nil }
        let others = columns.languages.dropFirst().filter { $0 != preferred }
        return .language(tag: preferred, also: others.isEmpty ? nil : others, interpreter: columns.needsInterpreter ? true : nil)
    }

    private func place(_ member: String) -> JSONNode? { node.list(member).first { $0.string("use") != "old" } }

    private var name: JSONNode? {
        let names = node.list("name").filter { $0.string("use") != "old" && $0.string("use") != "maiden" }
        return names.first { $0.string("use") == "official" } ?? names.first { $0.string("use") == "usual" } ?? names.first
    }

    private func set(_ value: String, at before: JSONNode?, new: JSONValue, in made: inout JSONValue) {
        var entry = before.map(JSONValue.init) ?? new
        entry["value"] = .string(value)
        put(entry, at: before, in: "telecom", of: &made)
    }

    /// In the place of what was there, or as the last.
    private func put(_ value: JSONValue, at before: JSONNode?, in member: String, of made: inout JSONValue) {
        var entries = node.list(member).map(JSONValue.init)
        if let before, let place = entries.firstIndex(of: JSONValue(before)) { entries[place] = value } else { entries.append(value) }
        made[member] = .array(entries)
    }
}

extension Detail {
    /// What is wrong with it, by the names of its members; empty when it can be kept. A language that is on file may stay there.
    func problems(at now: Date, before: Detail? = nil) -> [EntryProblem] {
        var check = EntryCheck(now: now)
        func needed(_ field: String, _ text: String, atMost length: Int) {
            check.needed(field, text)
            check.text(field, text, atMost: length)
        }
        switch self {
        case .phone(let number):
            needed("number", number, atMost: 40)
            if !number.isEmpty, RecordStore.international(number) == nil { check.problems.append(EntryProblem("number", .notPossible)) }
        case .address(let line, let city, let state, let postalCode):
            needed("line", line, atMost: 200)
            needed("city", city, atMost: 100)
            check.text("state", state, atMost: 100)
            needed("postalCode", postalCode, atMost: 20)
        case .language(let tag, let also, _):
            var known = Set(Detail.languages)
            if case .language(let tag, let also, _) = before { known.formUnion([tag] + (also ?? [])) }
            check.code("tag", tag, in: known)
            for other in also ?? [] { check.code("also", other, in: known) }
        case .email(let address):
            needed("address", address, atMost: 254)
            let isAddress = address.wholeMatch(of: /[^@\s]+@[^@\s]+\.[^@\s]+/) != nil
            if !address.isEmpty, !isAddress { check.problems.append(EntryProblem("address", .notPossible)) }
        case .name(let given, let family):
            needed("given", given, atMost: 100)
            needed("family", family, atMost: 100)
        case .birthDate(let day):
            check.needed("day", day)
            check.date("day", day, unless: nil)
            if check.problems.isEmpty, day.utf8.count != 10 { check.problems.append(EntryProblem("day", .notADate)) }
            if check.problems.isEmpty, day < "1890-01-01" { check.problems.append(EntryProblem("day", .notPossible)) }
        }
        return check.problems
    }

    /// As it is kept: a phone so that it can be called, each language once.
    var kept: Detail {
        switch self {
        case .phone(let number): RecordStore.international(number).map { .phone(number: $0) } ?? self
        case .language(let tag, let also, let interpreter):
            // The preferred one is not among the others.
            .language(tag: tag, also: also.map { $0.filter { $0 != tag } }.flatMap { $0.isEmpty ? nil : $0 }, interpreter: interpreter)
        default: self
        }
    }
}
