import Access
import Contracts
import Faults
import Foundation
import MessageBus
import Postgres
import Testing
import TestSupport

/// Who acts for a patient: as much as was granted, for as long as it holds, and by name in the trail.
@Suite(.serialized) struct ProxyTests {
    private func chart(_ scene: Scene, _ token: ActorToken) async throws -> Chart? {
        do {
            guard case .done(let chart) = try await scene.records.bus.request(ReadChart(patient: scene.patient), as: token) else { return nil }
            return chart
        } catch BusError.notAllowed { return nil }
    }

    /// Whether anything but the uniform refusal comes back.
    private func isAnswered<R: Request>(_ request: R, of scene: Scene, _ token: ActorToken) async throws -> Bool {
        guard let bus = scene.services()[R.service]?.bus else { return false }
        do {
            _ = try await bus.request(request, as: token)
            return true
        } catch BusError.notAllowed { return false }
    }

    @Test(.timeLimit(.minutes(2))) func aLimitedProxySeesNothingSensitive() async throws {
        try await Scene.play { scene in
            let full = try await scene.keys.proxy(for: scene.patient)
            let limited = try await scene.keys.proxy(for: scene.patient, .limited)
            let whole = try #require(try await chart(scene, full))
            let sensitive = try #require(whole.conditions.first { $0.display == "Qzsensitive" }).id
            #expect(whole.conditions.count == 2 && whole.withheld == nil)
            #expect(try await chart(scene, limited)?.conditions.map(\.display) == [Scene.canaryFinding])
            #expect(try await Fault.limitsAreIgnored.injected { try await chart(scene, limited) }?.conditions.count == 2)

            // Nor is there a trace of it: no entry, no count, no line.
            let entry = ReadEntry(patient: scene.patient, entry: sensitive)
            guard case .done = try await scene.records.bus.request(entry, as: full) else {
                Issue.record("the entry is kept from a full proxy")
                return
            }
            #expect(try await scene.records.bus.request(entry, as: limited) == .refused(.notFound))
            func problems(_ token: ActorToken) async throws -> Int? {
                let query = ReadTimeline(patient: scene.patient)
                guard case .done(let timeline) = try await scene.records.bus.request(query, as: token) else { return nil }
                return timeline.counts["problems"]
            }
            #expect(try await problems(full) == 2)
            #expect(try await problems(limited) == 1)
        }
    }

    @Test(.timeLimit(.minutes(2))) func whatThePatientDecidesIsKeptFromLimitedProxiesAndLettingOthersInFromAll() async throws {
        try await Scene.play { scene in
            let full = try await scene.keys.proxy(for: scene.patient)
            let limited = try await scene.keys.proxy(for: scene.patient, .limited)
            let me = try await scene.keys.patient(scene.patient)
            for (token, sees) in [(me, true), (full, true), (limited, false)] {
                #expect(try await isAnswered(ReadConsent(patient: scene.patient), of: scene, token) == sees)
                #expect(try await isAnswered(ReadAccesses(patient: scene.patient), of: scene, token) == sees)
                #expect(try await isAnswered(ReadDisclosures(patient: scene.patient), of: scene, token) == sees)
                #expect(try await isAnswered(ReadProxies(patient: scene.patient), of: scene, token) == sees)
                #expect(try await isAnswered(ExportRecord(patient: scene.patient, form: .lines), of: scene, token) == sees)
                #expect(try await isAnswered(ReadAppointments(patient: scene.patient), of: scene, token))
            }
            func grant() -> GrantProxy {
                GrantProxy(
                    proxy: .init(), patient: scene.patient, birthDate: "1980-02-29", proxyName: "", email: "", relationship: "friend", level: .full,
                    key: .v7())
            }
            #expect(try await isAnswered(grant(), of: scene, me))
            #expect(try await !isAnswered(grant(), of: scene, full))
            #expect(try await Fault.proxiesAreThemselves.injected { try await isAnswered(grant(), of: scene, full) })
        }
    }

    @Test(.timeLimit(.minutes(2))) func whoActsIsTheActorAndThePatientTheSubject() async throws {
        try await Scene.play { scene in
            let account = ID<Account>()
            let proxy = try await scene.keys.proxy(for: scene.patient, account: account)
            #expect(try await chart(scene, proxy) != nil)
            // The record of somebody they do not act for is nobody's business of theirs.
            #expect(try await !isAnswered(ReadChart(patient: scene.other), of: scene, proxy))
            let pool = scene.records.database.pool(scene.records.database.superuser)
            let rows = try await pool.all(
                """
                SELECT concat_ws(' ', action, role, patients::text, outcome, coalesce(basis, reason)) FROM audit_entry
                WHERE account = \(account.uuid) ORDER BY at, id
                """, as: String.self)
            await pool.close()
            #expect(
                rows == [
                    "records.read-chart.v1 patient {\(scene.patient)} done proxy",
                    "records.read-chart.v1 patient {\(scene.other)} denied not-own-record",
                ])
        }
    }
}
