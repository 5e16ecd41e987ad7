import Access
import Contracts
import Foundation
import Testing

@Suite struct ActorTokenTests {
    private let seeds = ["identity": [UInt8](repeating: 1, count: 32), "portal": [UInt8](repeating: 2, count: 32)]

    private func verifier() async throws -> ActorVerifier {
        try await ActorVerifier(publicKeys: try seeds.mapValues { try ActorSigner.publicKey(seed: $0) })
    }

    private func sign(_ actor: Actor, by issuer: String, at: Date = Date()) async throws -> ActorToken {
        try await ActorSigner(issuer: issuer, seed: seeds[issuer] ?? []).sign(actor, at: at)
    }

    private let nurse = Actor(issuer: "identity", role: .nurse, account: .init(), purpose: "treatment")

    @Test func whatIdentitySignsIsBelievedForFiveMinutes() async throws {
        let verifier = try await verifier()
        #expect(try await verifier.verify(try await sign(nurse, by: "identity")) == nurse)
        let old = try await sign(nurse, by: "identity", at: Date().addingTimeInterval(-301))
        await #expect(throws: ActorTokenError.self) { try await verifier.verify(old) }
    }

    @Test func nobodyVouchesForAnother() async throws {
        let verifier = try await verifier()
        let worker = Actor(issuer: "identity", role: .worker, purpose: "operations")
        let patient = Actor(issuer: "portal", role: .patient, account: .init(), patients: [.init()], purpose: "own-record")
        let operatorRole = Actor(issuer: "portal", role: .operator, purpose: "operations")
        for (actor, issuer) in [(nurse, "portal"), (worker, "portal"), (patient, "portal"), (operatorRole, "portal")] {
            let token = try await sign(actor, by: issuer)
            await #expect(throws: ActorTokenError.self) { try await verifier.verify(token) }
        }
    }

    @Test func anAlteredTokenIsNone() async throws {
        let verifier = try await verifier()
        let token = try await sign(nurse, by: "identity").text
        let parts = token.split(separator: ".").map(String.init)
        let none = Data(#"{"alg":"none","typ":"JWT"}"#.utf8).base64EncodedString()
        for text in [String(token.dropLast(2)), "\(none).\(parts[1]).", "\(parts[0]).\(parts[1]).\(parts[1])", "", "a.b.c"] {
            await #expect(throws: ActorTokenError.self) { try await verifier.verify(ActorToken(text)) }
        }
    }

    @Test func rulesAreAboutTheRecordAsked() {
        let (mine, other) = (ID<Patient>(), ID<Patient>())
        let patient = Actor(issuer: "identity", role: .patient, account: .init(), patients: [mine], purpose: "own-record")
        let rule: Rule = .ownRecord || .careTeam
        #expect(rule.decide(patient, [mine]) == .allow)
        #expect(rule.decide(patient, [other]) == .deny(.otherRecord))
        #expect(rule.decide(patient, [mine, other]) == .deny(.otherRecord))
        #expect(rule.decide(patient, []) == .deny(.noPatient))
        #expect(rule.decide(nurse, [other]) == .breakGlass(.treatment))
        #expect(rule.decide(nurse, [mine, other], [mine: AccessFacts(treatment: .team)]) == .breakGlass(.treatment))
        #expect(rule.decide(nurse, [other], [other: AccessFacts(treatment: .team)]) == .allow)
        let desk = Actor(issuer: "identity", role: .frontDesk, account: .init(), purpose: "treatment")
        #expect(rule.decide(desk, [other], [other: AccessFacts(treatment: .team)]) == .deny(.role))
    }
}
