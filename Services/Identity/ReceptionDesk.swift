internal import Contracts
internal import Foundation
internal import MessageBus
internal import ServiceHost

/// What identity works with, made once from the settings and the keys.
struct ReceptionDesk: Sendable {
    let accounts: Accounts
    let sessions: Sessions
    let factors: SecondFactors
    let requests: AccountRequestBook
    let drafts: Drafts
    private let throttle: Throttle

    init(_ service: Service) {
        let passwords = Passwords(service.settings, pepper: service.derivedKey("pepper"))
        let isDemo = service.settings.bool("demo", "true only where every account and record is invented", default: false)
        throttle = Throttle(key: service.derivedKey("throttle"))
        let codes = OneTimeCodes(key: service.derivedKey("codes"))
        drafts = Drafts(sealer: service.sealer)
        requests = AccountRequestBook(sealer: service.sealer, throttle: throttle, codes: codes)
        factors = SecondFactors(sealer: service.sealer, throttle: throttle, codes: codes, offerKey: service.derivedKey("offers"))
        accounts = Accounts(passwords: passwords, throttle: throttle, codes: codes, factors: factors, isDemo: isDemo)
        sessions = Sessions(passwords: passwords, throttle: throttle, factors: factors, signer: service.signer)
    }

    /// Finds out whose chart each request for an account is about, until the task is cancelled. While the records do not answer they wait.
    func matchRequests(_ service: Service) async throws {
        while !Task.isCancelled {
            let taken = try await service.transaction(requests.take)
            for asked in taken {
                guard let found = try? await service.bus.ask(asked.question) else { continue }
                try await service.transaction { tx in try await requests.settle(asked, found.patient, in: tx) }
            }
            if taken.isEmpty { try await Task.sleep(for: .seconds(1) * Double.random(in: 0.8...1.2)) }
        }
    }

    /// Ends and forgets what is over, until the task is cancelled.
    func sweep(_ service: Service) async throws {
        while !Task.isCancelled {
            while try await service.transaction(endIdleSessions) == 500 {}
            while try await service.transaction(requests.proxies.expireProxies) == 500 {}
            try await service.transaction { tx in try await forgetEnded(in: tx) }
            while try await service.transaction(throttle.forget) == 5_000 {}
            try await Task.sleep(for: .seconds(30) * Double.random(in: 0.8...1.2))
        }
    }
}
