internal import Access
internal import Contracts
internal import FHIR
internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Writes the next version of a place's Location, unless somebody else did since.
    @Sendable func keepPlace(_ command: KeepPlace, actor: Actor, tx: Transaction) async throws -> Answer<KeepPlace> {
        let id = command.location.uuid
        let row = try await tx.first(
            """
            SELECT r.version, r.body, r.refs FROM resource r
            WHERE r.type = 'Location' AND r.id = \(id) AND r.patient = \(Sealer.nobody) AND NOT r.deleted
                AND r.id IN (SELECT unnest(refs) FROM resource WHERE type = 'PractitionerRole' AND NOT deleted)
            FOR UPDATE OF r
            """, as: Int.self, [UInt8].self, [UUID].self)
        guard let (version, body, refs) = row else { return .refused(.notFound) }
        let problems = try await command.content.problems(in: tx)
        guard problems.isEmpty else { return .refused(.invalid(problems: problems)) }
        guard version == command.version || Fault.placesOverwrite.isOn else { return .refused(.changedMeanwhile(version: version)) }
        let cipher = try sealer.cipher(for: Sealer.nobody)
        let known = try cipher.resource(body, row: id)
        // What changes nothing is no version.
        guard PlaceContent(known) != command.content else { return .done(SettingKept(version: version)) }
        let root = try JSONDocument(command.content.written(into: known).bytes).root
        try ResourceWriter(tx: tx, actor: actor, now: Date()).write(
            FHIR.ResourceText(root), SearchColumns(root, zone: .gmt, identifierHash: hash), [],
            at: ResourceWriter.Row(type: "Location", id: id, version: version + 1, patient: Sealer.nobody, refs: Set(refs)), cipher)
        try tx.emit(PlaceChanged(location: command.location, version: version + 1, zone: command.content.zone, account: actor.account))
        try await tx.flush()
        return .done(SettingKept(version: version + 1))
    }
}

extension PlaceContent {
    private static let zoneExtension = "http://hl7.org/fhir/StructureDefinition/timezone"

    /// What a Location says.
    init(_ location: JSONNode) {
        let (entry, address) = (PlaceEntry(location), location.list("address").first)
        self.init(
            name: entry.name, line: address?.texts("line").joined(separator: ", ") ?? "", city: address?.string("city") ?? "",
            state: address?.string("state") ?? "", postalCode: address?.string("postalCode") ?? "", phone: entry.phone ?? "", zone: entry.zone ?? "")
    }

    /// The Location with this in it; everything else stays.
    fileprivate func written(into location: JSONNode) -> JSONValue {
        var made = JSONValue(location)
        made["name"] = .string(name)
        let before = PlaceContent(location)
        if (line, city, state, postalCode) != (before.line, before.city, before.state, before.postalCode) {
            // R4 has one address of a Location, as an object; a writing of the old one is not true of the new.
            let old = location.list("address").first
            made["address"] = [
                "use": .optional(old?.string("use") ?? "work"), "line": line.isEmpty ? .missing : [.string(line)], "city": Self.there(city),
                "state": Self.there(state), "postalCode": Self.there(postalCode), "country": .optional(old?.string("country")),
            ]
        }
        let telecom = location.list("telecom")
        let number = telecom.first { $0.string("system") == "phone" }
        let others = telecom.filter { JSONValue($0) != number.map(JSONValue.init) }.map(JSONValue.init)
        var called: JSONValue = number.map(JSONValue.init) ?? ["system": "phone", "use": "work"]
        called["value"] = .string(phone)
        made["telecom"] = .array(phone.isEmpty ? others : [called] + others)
        let kept = location.list("extension").filter { $0.string("url") != Self.zoneExtension }.map(JSONValue.init)
        made["extension"] = .array([["url": .string(Self.zoneExtension), "valueCode": .string(zone)]] + kept)
        return made
    }

    private static func there(_ text: String) -> JSONValue { text.isEmpty ? .missing : .string(text) }

    fileprivate func problems(in tx: Transaction) async throws -> [EntryProblem] {
        var check = EntryCheck()
        check.needed("name", name.trimmingCharacters(in: .whitespacesAndNewlines))
        check.text("name", name, atMost: 100)
        check.text("line", line, atMost: 200)
        check.text("city", city, atMost: 100)
        check.text("state", state, atMost: 100)
        check.text("postalCode", postalCode, atMost: 20)
        check.text("phone", phone, atMost: 40)
        if !phone.isEmpty, phone.filter(\.isNumber).count < 7 { check.problems.append(EntryProblem("phone", .notPossible)) }
        // Both PostgreSQL, which computes instants, and Foundation, which shows them, must know it.
        let isKnown = try await tx.first("SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = \(zone))", as: Bool.self)
        if !ZoneNames.isKnown(zone) || isKnown != true { check.problems.append(EntryProblem("zone", zone.isEmpty ? .missing : .notPossible)) }
        return check.problems
    }
}
