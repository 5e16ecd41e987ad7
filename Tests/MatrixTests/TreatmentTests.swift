import Access
import Contracts
import Faults
import Foundation
import MessageBus
import Postgres
import Testing
import TestSupport

/// Who treats whom, what the patient wants and what an emergency opens, in the services that hold the data.
@Suite(.serialized) struct TreatmentTests {
    private func change(_ service: ServiceUnderTest, _ sql: SQL) async throws {
        let pool = service.database.pool(service.database.superuser)
        try await pool.run(sql)
        await pool.close()
        service.registry.facts.forget()
    }

    private func chart(_ scene: Scene, _ token: ActorToken) async throws -> Chart? {
        do {
            guard case .done(let chart) = try await scene.records.bus.request(ReadChart(patient: scene.patient), as: token) else { return nil }
            return chart
        } catch BusError.notAllowed { return nil }
    }

    private func visits(_ scene: Scene, _ token: ActorToken) async throws -> Appointments? {
        do { return try await scene.scheduling.bus.ask(ReadAppointments(patient: scene.patient), as: token) } catch .notAllowed { return nil }
    }

    private func say(_ scene: Scene, _ lines: [ConsentLine]) async throws {
        let me = try await Row.patient(scene)
        guard case .done(let before) = try await scene.records.bus.request(ReadConsent(patient: scene.patient), as: me) else { return }
        let command = ChangeConsent(patient: scene.patient, lines: lines, version: before.version, key: .v7())
        guard case .done = try await scene.records.bus.request(command, as: me) else { throw TryLater("refused") }
        try await Scene.tell(scene.records, to: scene.scheduling)
        try await scene.forgetFacts()
    }

    @Test(.timeLimit(.minutes(2))) func aVisitIsARelationshipForAWhile() async throws {
        try await Scene.play { scene in
            let nurse = try await Row.nurse(scene)
            #expect(try await chart(scene, nurse) != nil)
            // Its window is over, in both services.
            try await change(
                scene.records, "UPDATE care SET valid = tstzrange(now() - interval '200 days', now() - interval '1 day') WHERE location IS NOT NULL")
            try await change(
                scene.scheduling,
                """
                UPDATE appointment SET start_at = start_at - interval '120 days', end_at = end_at - interval '120 days',
                    wall_start = wall_start - interval '120 days'
                """)
            #expect(try await chart(scene, nurse) == nil)
            #expect(try await visits(scene, nurse) == nil)
            #expect(try await Fault.visitsLastForEver.injected { try await chart(scene, nurse) } != nil)
            #expect(try await Fault.visitsLastForEver.injected { try await visits(scene, nurse) } != nil)
        }
    }

    @Test(.timeLimit(.minutes(2))) func aCancelledVisitIsNone() async throws {
        try await Scene.play { scene in
            _ = try await scene.scheduling.bus.request(
                CancelAppointment(appointment: scene.booked.appointment, patient: scene.patient, key: .v7()), as: Row.patient(scene))
            for event in try await scene.scheduling.emitted(AppointmentCancelled.self) {
                try await scene.records.hear(event, handler: "forget-visit-on-appointment-cancelled")
            }
            // What comes late does not bring it back.
            for event in try await scene.scheduling.emitted(AppointmentBooked.self) {
                try await scene.records.hear(event, handler: "note-visit-on-appointment-booked")
            }
            #expect(try await chart(scene, Row.nurse(scene)) == nil)
            #expect(try await visits(scene, Row.nurse(scene)) == nil)
        }
    }

    @Test(.timeLimit(.minutes(2))) func whatAPatientSaysHoldsInEveryServiceAtOnce() async throws {
        try await Scene.play { scene in
            let clinician = try await Row.clinician(scene)
            #expect(try await chart(scene, clinician)?.withheld == nil)
            #expect(try await visits(scene, clinician) != nil)

            try await say(scene, [ConsentLine(permits: false, kind: "HIV")])
            let some = try #require(try await chart(scene, clinician))
            #expect(some.withheld == true)
            #expect(some.conditions.map(\.display) == [Scene.canaryFinding])
            #expect(try await chart(scene, Row.patient(scene))?.conditions.count == 2)
            #expect(try await Fault.kindsAreAlike.injected { try await chart(scene, clinician) }?.conditions.count == 2)
            // A kind of information is told to no other service.
            #expect(try await scene.records.emitted(ConsentChanged.self).last?.lines == [])

            try await say(scene, [ConsentLine(permits: false, role: "clinician")])
            #expect(try await chart(scene, clinician) == nil)
            #expect(try await visits(scene, clinician) == nil)
            #expect(try await chart(scene, Row.nurse(scene)) != nil)

            try await say(scene, [ConsentLine(permits: true, practitioner: scene.stranger)])
            #expect(try await chart(scene, Row.stranger(scene)) != nil)
            try await say(scene, [ConsentLine(permits: true, practitioner: scene.stranger, until: "2020-01-01")])
            #expect(try await chart(scene, Row.stranger(scene)) == nil)
            try await say(scene, [])
            #expect(try await chart(scene, clinician) != nil)
        }
    }

    /// I27 and C8: what was remembered of a yes is gone within seconds, without being told.
    @Test(.timeLimit(.minutes(2))) func aYesIsRememberedForSecondsOnly() async throws {
        try await Scene.play { scene in
            let clinician = try await Row.clinician(scene)
            #expect(try await chart(scene, clinician) != nil)
            let command = ChangeConsent(
                patient: scene.patient, lines: [ConsentLine(permits: false, practitioner: scene.clinician)], version: 1, key: .v7())
            _ = try await scene.records.bus.request(command, as: Row.patient(scene))
            let end = ContinuousClock.now + .seconds(60)
            while try await chart(scene, clinician) != nil, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(250)) }
            #expect(try await chart(scene, clinician) == nil)
        }
    }

    @Test(.timeLimit(.minutes(2))) func aPatientSeesWhoWouldLoseWhatBeforeItIsSaved() async throws {
        try await Scene.play { scene in
            let me = try await Row.patient(scene)
            let proposed = [ConsentLine(permits: false, role: "clinician"), ConsentLine(permits: true, practitioner: scene.stranger, kind: "HIV")]
            let query = ReadConsent(patient: scene.patient, proposed: proposed)
            guard case .done(let view) = try await scene.records.bus.request(query, as: me) else { throw TryLater("refused") }
            let readers = Dictionary(uniqueKeysWithValues: view.readers.map { ($0.practitioner, $0) })
            #expect(readers[scene.clinician]?.seesRecord == true && readers[scene.clinician]?.wouldSeeRecord == false)
            #expect(readers[scene.denied]?.seesRecord == false)
            #expect(readers[scene.stranger] == nil)
            #expect(view.version == 1)
            #expect(view.lines == [ConsentLine(permits: false, practitioner: scene.denied)])
            for wrong in [
                ConsentLine(permits: true, role: "operator"), ConsentLine(permits: true, kind: "XX"),
                ConsentLine(permits: true, from: "2026-02-01", until: "2026-01-01"), ConsentLine(permits: true, from: "next week"),
            ] {
                let command = ChangeConsent(patient: scene.patient, lines: [wrong], version: 1, key: .v7())
                #expect(try await scene.records.bus.request(command, as: me) == .refused(.invalidLines))
            }
            let late = ChangeConsent(patient: scene.patient, lines: [], version: 0, key: .v7())
            #expect(try await scene.records.bus.request(late, as: me) == .refused(.changedMeanwhile))
            // It is kept as FHIR.
            guard
                case .done(let consent) = try await scene.records.bus.request(
                    ReadResource(type: "Consent", id: try await consentID(scene)), as: scene.keys.operator())
            else { throw TryLater("no Consent") }
            #expect(consent.json.contains("\"patient-privacy\"") && consent.json.contains("Practitioner/\(scene.denied)"))
        }
    }

    private func consentID(_ scene: Scene) async throws -> ID<Resource> {
        let pool = scene.records.database.pool(scene.records.database.superuser)
        let id = try await pool.first("SELECT id FROM resource WHERE type = 'Consent'", as: UUID.self)
        await pool.close()
        return ID(try #require(id))
    }

    @Test(.timeLimit(.minutes(2))) func theGlassIsBrokenForOneForTwoHoursAndReviewed() async throws {
        try await Scene.play { scene in
            let account = ID<Account>()
            let stranger = try await scene.keys.staff(.clinician, account: account, practitioner: scene.stranger)
            let other = try await scene.keys.staff(.clinician, practitioner: scene.stranger)
            func command(_ words: String, _ id: ID<BrokenGlass> = .init()) -> BreakGlass {
                BreakGlass(id: id, patient: scene.patient, reason: .emergency, words: words, key: .v7())
            }
            #expect(try await scene.records.bus.request(command("short"), as: stranger) == .refused(.reasonMissing))
            #expect(try await chart(scene, stranger) == nil)
            let id = ID<BrokenGlass>()
            guard case .done(let broken) = try await scene.records.bus.request(command("Found unconscious at home", id), as: stranger) else {
                throw TryLater("refused")
            }
            #expect(abs(broken.until.timeIntervalSinceNow - 7_200) < 60)
            let opened = try #require(try await chart(scene, stranger))
            #expect(opened.glassBrokenUntil != nil)
            #expect(try await chart(scene, other) == nil)
            #expect(try await Fault.glassIsBrokenForAll.injected { try await chart(scene, other) } != nil)
            try await Scene.tell(scene.records, to: scene.scheduling)
            #expect(try await visits(scene, stranger) != nil)
            #expect(try await scene.records.emitted(GlassWasBroken.self).map(\.reason) == ["emergency"])

            let administrator = try await Row.administrator(scene)
            let list = try await scene.records.bus.ask(ReadBrokenGlasses(), as: administrator)
            #expect(list.open == 1 && list.glasses.map(\.words) == ["Found unconscious at home"])
            let review = ReviewBrokenGlass(id: id, finding: .justified, key: .v7())
            #expect(try await scene.records.bus.request(review, as: administrator) == .done(Done()))
            let again = ReviewBrokenGlass(id: id, finding: .notJustified, key: .v7())
            #expect(try await scene.records.bus.request(again, as: administrator) == .refused(.alreadyReviewed))
            #expect(try await scene.records.bus.ask(ReadBrokenGlasses(), as: administrator).open == 0)

            try await change(scene.records, "UPDATE broken_glass SET until = now() - interval '1 second'")
            #expect(try await chart(scene, stranger) == nil)
            #expect(try await Fault.glassStaysBroken.injected { try await chart(scene, stranger) } != nil)
        }
    }

    /// An emergency does not wait for what a patient once wrote to be found.
    @Test(.timeLimit(.minutes(2))) func theGlassBreaksWhileConsentCannotBeLookedUp() async throws {
        try await Scene.play { scene in
            try await change(scene.records, "ALTER TABLE consent_rule RENAME TO consent_rule_gone")
            let (clinician, account) = (try await Row.clinician(scene), ID<Account>())
            #expect(try await chart(scene, clinician) == nil, "what is not known is not permitted")
            #expect(try await Fault.unknownConsentPermits.injected { try await chart(scene, clinician) } != nil)
            scene.records.registry.facts.forget()
            let stranger = try await scene.keys.staff(.nurse, account: account)
            _ = try await scene.records.bus.request(
                BreakGlass(id: .init(), patient: scene.patient, reason: .emergency, words: "Found unconscious at home", key: .v7()), as: stranger)
            #expect(try await chart(scene, stranger)?.glassBrokenUntil != nil)
            // The patient, who needs no consent, sees their record all the while.
            #expect(try await chart(scene, Row.patient(scene)) != nil)
        }
    }
}
