import Access
import Contracts
import Faults
import Foundation
import MessageBus
import Postgres
import Testing
import TestSupport

/// Every message of every service, asked by everybody who must not: each gets the same refusal; and by whoever may, who gets the answer.
@Suite(.serialized) struct MatrixTests {
    /// What is wrong in the matrix, a line a cell.
    private func failures(_ scene: Scene, _ rows: [Row] = Row.all, twins: Bool = true) async throws -> [String] {
        var wrong: [String] = []
        for row in rows {
            for asker in Asker.allCases {
                let cell = row.others[asker] ?? (asker.isFormerProxy ? row.others[.otherPatient] : nil) ?? .refused
                let outcome = try await row.ask(scene, scene.token(asker, wrongRole: row.wrongRole))
                switch (cell, outcome) {
                case (.refused, .error(.notAllowed)): continue
                case (.entitled, .reply): continue
                case (.withoutCanary, .reply(let reply)) where row.canary.map({ !reply.contains($0(scene)) }) ?? true: continue
                default: wrong.append("\(row.name) by \(asker): \(outcome)")
                }
            }
            guard twins else { continue }
            for (number, twin) in row.twins.enumerated() {
                let outcome = try await row.ask(scene, twin(scene))
                guard case .reply(let reply) = outcome, row.canary.map({ reply.contains($0(scene)) }) ?? true else {
                    wrong.append("\(row.name) by the entitled, number \(number): \(outcome)")
                    continue
                }
            }
        }
        return wrong
    }

    @Test(.timeLimit(.minutes(3))) func everyCellIsAsItShouldBeAndNoMessageIsMissing() async throws {
        try await Scene.play { scene in
            let answered = scene.services().values.flatMap { $0.registry.messages }
            #expect(Set(answered).subtracting(Row.all.map(\.name)).sorted() == [], "messages without a row")
            #expect(Set(Row.all.map(\.name)).subtracting(answered).sorted() == [], "rows without a message")
            let wrong = try await failures(scene)
            #expect(wrong == [])
            try await everyRefusalIsInTheTrail(scene)
        }
    }

    private func everyRefusalIsInTheTrail(_ scene: Scene) async throws {
        let pool = scene.records.database.pool(scene.records.database.superuser)
        let reasons = try await pool.all("SELECT DISTINCT reason FROM audit_entry WHERE outcome = 'denied'", as: String.self)
        let bases = try await pool.all("SELECT DISTINCT basis FROM audit_entry WHERE outcome = 'done' AND basis IS NOT NULL", as: String.self)
        await pool.close()
        #expect(Set(bases).isSuperset(of: ["own-record", "care-team", "workplace", "share"]))
        for reason in ["wrong-role", "not-own-record", "no-treatment", "consent-denied", "session-ended"] { #expect(reasons.contains(reason)) }
    }

    /// A line of the policy at a time: each is missed by a cell at least.
    @Test(.timeLimit(.minutes(5))) func aLineOfThePolicyThatIsTakenAwayFailsACell() async throws {
        try await Scene.play { scene in
            let lines: [Fault] = [
                .anyRecordIsOwn, .rolesAreAlike, .everybodyTreats, .siteIsEnough, .teamsLastForEver, .consentIsFiled, .staffOperates,
                .workersAreAlike, .gatewaysAreAlike, .listsHoldAll, .sessionsLastForEver, .proxiesLastForEver,
            ]
            for line in lines {
                // What allowed somebody something is remembered for five seconds: a new scene's facts are not those of the last line.
                let wrong = try await line.injected { try await failures(scene, twins: false) }
                #expect(!wrong.isEmpty, "\(line) is not missed")
                try await scene.forgetFacts()
            }
        }
    }

    /// 20 rules of messages, one at a time, let everybody in: seeded, so that a failure can be told again.
    @Test(.timeLimit(.minutes(5))) func aRuleThatIsTakenAwayFailsACell() async throws {
        try await Scene.play { scene in
            var random = Seeded(7)
            for row in Row.all.shuffled(using: &random).prefix(20) {
                let wrong = try await Registry.$withoutRule.withValue(row.name) { try await failures(scene, [row], twins: false) }
                #expect(!wrong.isEmpty, "the rule of \(row.name) is not missed")
                try await scene.forgetFacts()
            }
        }
    }

    /// The receiving service looks at every token itself.
    @Test(.timeLimit(.minutes(2))) func tokensThatAreNotGoodAreRefusedByWhoeverReceivesThem() async throws {
        try await Scene.play { scene in
            let good = try await Row.clinician(scene)
            let actor = Actor(
                issuer: "identity", role: .clinician, account: .init(), session: .init(), practitioner: scene.clinician, purpose: "treatment")
            let signer = try scene.keys.signer("identity")
            let parts = good.text.split(separator: ".").map(String.init)
            let none = Data(#"{"alg":"none","typ":"JWT","kid":"identity"}"#.utf8).base64EncodedString().replacing("=", with: "")
            let tokens: [(String, ActorToken)] = [
                ("forged", try await (try await TestKeys()).token(actor)),
                ("signed by another service", try await scene.keys.token(actor, signedBy: "portal")),
                ("expired", try await signer.sign(actor, at: Date().addingTimeInterval(-301))),
                ("for another audience", try await signer.sign(actor, audience: "somewhere-else")),
                ("alg none", ActorToken("\(none).\(parts[1]).")), ("altered", ActorToken("\(parts[0]).\(parts[1]).\(parts[1])")),
                ("empty", ActorToken("")),
            ]
            func believed() async throws -> [String] {
                var believed: [String] = []
                for (what, token) in tokens {
                    if case .reply = try await Row.all[0].ask(scene, token) { believed.append(what) }
                }
                // Picked up by another process, which asks with it in its own name.
                let thief = try scene.records.bus(of: "notifications")
                if (try? await thief.request(ReadChart(patient: scene.patient), as: good)) != nil { believed.append("replayed") }
                return believed
            }
            #expect(try await believed() == [])
            if case .error(let error) = try await Row.all[0].ask(scene, good) { Issue.record("the good token: \(error)") }
            #expect(try await Fault.tokensAreBelieved.injected { try await believed() }.contains("altered"))
            #expect(try await Fault.tokensLastForEver.injected { try await believed() } == ["expired"])
            #expect(try await Fault.audienceIgnored.injected { try await believed() } == ["for another audience"])
            #expect(try await Fault.bearersAreBelieved.injected { try await believed() } == ["replayed"])
        }
    }
}

/// The same numbers for the same seed.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
