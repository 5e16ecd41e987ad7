import Contracts
import Foundation
import Logging
import MessageBus
import Postgres
import Synchronization
import TestSupport
import Testing
@testable import Notifications

@Suite(.serialized) struct TextNoticeTests {
    private func sender(_ scene: Scene, _ texter: Texter?, now: Date? = nil) throws -> TextNoticeSender {
        TextNoticeSender(
            database: scene.service, bus: scene.owners, texter: texter, numbers: Scene.numbers,
            clinics: Clinics(scene.owners), catalogue: try Repository.catalogue(), portal: "https://portal.example",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { now ?? Date() })
    }

    private func states(_ scene: Scene) async throws -> [String] {
        try await scene.service.transaction { tx in
            try await tx.all("SELECT concat_ws(' ', state, reason) FROM text_notice ORDER BY 1", as: String.self)
        }
    }

    private func sooner(_ scene: Scene) async throws {
        try await scene.service.transaction { tx in
            _ = try await tx.run("UPDATE text_notice SET next_at = now() - interval '1 s' WHERE next_at IS NOT NULL")
        }
    }

    private func patient(_ scene: Scene, zone: String = Scene.noon, change: (inout Contact) -> Void = { _ in }) -> ID<Patient> {
        let patient = ID<Patient>()
        var contact = Contact(
            patient: patient, version: 1, name: "Maria", language: "es", email: "maria@example.org", phone: "+13125550142", zone: zone)
        change(&contact)
        scene.owners.facts.withLock { facts in
            facts.contacts[patient] = contact
            facts.access[patient] = Date().addingTimeInterval(-3_600)
        }
        return patient
    }

    private func write(_ scene: Scene, to patient: ID<Patient>, at: Date = Date(), times: Int = 2) async throws {
        let event = MessageSent(thread: .init(), message: .init(), patient: patient, isFromPatient: false, at: at)
        for _ in 0..<times { try await scene.service.hear(event, handler: "write-on-message-sent") }
    }

    /// One text a message, and one for all of half an hour; what the patient wrote is no news to them.
    @Test func aTextSaysThatThereIsAMessageAndNothingOfIt() async throws {
        let outside = try Outside()
        defer { outside.stop() }
        try await withScene { scene in
            let maria = patient(scene)
            try await write(scene, to: maria)
            let own = MessageSent(thread: .init(), message: .init(), patient: maria, isFromPatient: true, at: Date())
            try await scene.service.hear(own, handler: "write-on-message-sent")
            let sender = try sender(scene, outside.texter(callbacks: "https://portal.example"))
            while try await sender.round() > 0 {}
            #expect(try await states(scene) == ["sent"])
            let text = try #require(try outside.texts().first)
            #expect(text["to"] == "+13125550142")
            #expect(text["body"] == "Lakeside Clinic: tiene un mensaje. Léalo aquí: https://portal.example/messages")
            try await write(scene, to: maria)
            while try await sender.round() > 0 {}
            #expect(try await states(scene) == ["dropped just-told", "sent"])
            #expect(try outside.texts().count == 1)
        }
    }

    /// Neither who said no to such texts, nor a number that said STOP, nor who cannot look, is dead or is no person.
    @Test func whoIsNotToBeToldIsNotTold() async throws {
        let outside = try Outside()
        defer { outside.stop() }
        try await withScene { scene in
            let silent = patient(scene)
            let no = ChangePreferences(patient: silent, version: 0, choices: [MessageChoice(.messages, .sms, wanted: false)], key: .v7())
            _ = try await scene.service.bus.request(no, as: scene.service.keys.patient(silent))
            let stopped = patient(scene) { $0.phone = "+13125550143" }
            try await scene.service.transaction { tx in
                _ = try await tx.run("INSERT INTO number_wish (number, stopped) VALUES (\(Scene.numbers.mark("+13125550143")), true)")
            }
            let without = patient(scene) { $0.phone = nil }
            let dead = patient(scene) { $0.deceased = true }
            let practice = patient(scene) { $0.practice = true }
            let late = patient(scene)
            scene.owners.facts.withLock { $0.access[late] = nil }
            let everybody = [silent, stopped, without, dead, practice, late]
            for patient in everybody { try await write(scene, to: patient) }
            try await write(scene, to: patient(scene), at: Date().addingTimeInterval(-25 * 3_600))
            let sender = try sender(scene, outside.texter())
            while try await sender.round() > 0 {}
            #expect(
                try await states(scene) == [
                    "dropped", "dropped", "dropped no-contact", "dropped not-wanted", "dropped past", "dropped practice-patient", "dropped stopped",
                ])
            #expect(try outside.texts().isEmpty)
        }
    }

    /// They were told that their wish is passed on: who is not heard of by the clinic would stay away. Not where the visit is gone meanwhile.
    @Test func whoseVisitIsNotCancelledIsToldToCall() async throws {
        let outside = try Outside()
        defer { outside.stop() }
        try await withScene { scene in
            let (kept, gone, coming) = (try scene.visit { $0.language = "es" }, try scene.visit(), try scene.visit())
            let events = [kept, gone, coming]
            for event in events { try await scene.book(event) }
            scene.owners.facts.withLock { $0.refusesResponses = true }
            for intent in try await scene.ledger.claim(.sms, atMost: 10, now: Date()).flatMap(\.self) {
                #expect(try await scene.ledger.hand([intent], Parcel { _ in .unknown }, in: .english))
                let comes = intent.appointment == coming.appointment
                #expect(try await scene.answer(Scene.links.link(intent.id), comes) == .done(Done()))
            }
            let carrier = AnswerCarrier(database: scene.service, bus: scene.owners)
            #expect(try await carrier.round() == 3)
            try await scene.answersAreDue()
            #expect(try await carrier.round() == 0)
            scene.tell(gone, "cancelled", version: 3)
            let sender = try sender(scene, outside.texter())
            while try await sender.round() > 0 {}
            #expect(try await states(scene) == ["dropped past", "sent"])
            let texts = try outside.texts()
            #expect(texts.count == 1 && texts.first?["to"] == "+13125550142")
            #expect(texts.first?["body"]?.hasPrefix("Lakeside Clinic: no pudimos cancelar su cita del ") == true)
            #expect(texts.first?["body"]?.hasSuffix("Por favor, llame a la clínica.") == true)
        }
    }

    /// At night, and while the owner of facts is away, it waits; without a provider there is nothing to wait for.
    @Test func aTextWaitsForTheMorning() async throws {
        let outside = try Outside()
        defer { outside.stop() }
        try await withScene { scene in
            let offset = (WallClock(Date(), in: try zone(Scene.noon)).hour + 12) % 24
            #expect(offset == 0)
            let night = Date().addingTimeInterval(12 * 3_600)
            let maria = patient(scene)
            try await write(scene, to: maria, at: night)
            scene.owners.facts.withLock { $0.isAway = true }
            try await sender(scene, outside.texter(), now: night).round()
            #expect(try await states(scene) == ["waiting records-away"])
            scene.owners.facts.withLock { $0.isAway = false }
            try await sooner(scene)
            try await sender(scene, outside.texter(), now: night).round()
            #expect(try await states(scene) == ["waiting quiet-hours"])
            try await sender(scene, outside.texter(), now: night.addingTimeInterval(11 * 3_600)).round()
            #expect(try await states(scene) == ["sent"])
            #expect(try outside.texts().count == 1)
            try await write(scene, to: patient(scene))
            try await sender(scene, nil).round()
            #expect(try await states(scene).contains("dropped channel-off"))
        }
    }

    /// After the provider's yes that we never saw, it is asked what it has: there is one text.
    @Test func whatMayHaveBeenSentIsLookedUp() async throws {
        let outside = try Outside()
        defer { outside.stop() }
        try await withScene { scene in
            try await write(scene, to: patient(scene))
            let sender = try sender(scene, outside.texter(timeout: .seconds(1)))
            try outside.control("sms", #"{"close": "after", "times": 1}"#)
            try await sender.round()
            #expect(try await states(scene) == ["waiting outcome-unknown"])
            try await sooner(scene)
            while try await sender.round() > 0 {}
            #expect(try await states(scene) == ["sent"])
            #expect(try outside.texts().count == 1)
        }
    }
}
