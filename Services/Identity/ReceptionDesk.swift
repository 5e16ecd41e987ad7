internal import Foundation
internal import ServiceHost

/// What identity works with, made once from the settings and the keys.
struct ReceptionDesk: Sendable {
    let accounts: Accounts
    let sessions: Sessions
    let factors: SecondFactors
    let codes: OneTimeCodes
    let drafts: Drafts
    private let throttle: Throttle

    init(_ service: Service) {
        let passwords = Passwords(service.settings, pepper: service.derivedKey("pepper"))
        let isDemo = service.settings.bool("demo", "true only where every account and record is invented", default: false)
        throttle = Throttle(key: service.derivedKey("throttle"))
        codes = OneTimeCodes(key: service.derivedKey("codes"))
        drafts = Drafts(sealer: service.sealer)
        factors = SecondFactors(sealer: service.sealer, throttle: throttle, codes: codes, offerKey: service.derivedKey("offers"))
        accounts = Accounts(passwords: passwords, throttle: throttle, codes: codes, factors: factors, isDemo: isDemo)
        sessions = Sessions(passwords: passwords, throttle: throttle, factors: factors, signer: service.signer)
    }

    /// Ends and forgets what is over, until the task is cancelled.
    func sweep(_ service: Service) async throws {
        while !Task.isCancelled {
            while try await service.transaction(endIdleSessions) == 500 {}
            try await service.transaction { tx in try await forgetEnded(in: tx) }
            while try await service.transaction(throttle.forget) == 5_000 {}
            try await Task.sleep(for: .seconds(30) * Double.random(in: 0.8...1.2))
        }
    }
}
