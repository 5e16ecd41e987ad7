internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import ServiceHost

@main enum IdentityService {
    static let migrations = Bundle.module.bundleURL.appending(path: "Migrations")

    static func main() async throws {
        try await ServiceHost.run("identity", migrations: migrations) { service in
            let passwords = Passwords(service.settings, pepper: service.derivedKey("pepper"))
            let throttle = Throttle(key: service.derivedKey("throttle"))
            let codes = InvitationCodes(key: service.derivedKey("codes"))
            let isDemo = service.settings.bool("demo", "true only where every account and record is invented", default: false)
            let accounts = Accounts(passwords: passwords, throttle: throttle, codes: codes, isDemo: isDemo)
            let sessions = Sessions(passwords: passwords, throttle: throttle, signer: service.signer)
            let gateways = Rule.gateways("portal", "clinic")
            let workers = Rule.workers("records", "scheduling", "notifications")

            service.answer(SignIn.self, to: gateways, preparing: sessions.signIn)
            service.answer(ReadSession.self, to: gateways, with: sessions.readSession)
            service.answer(SignOut.self, to: gateways, preparing: signOut)
            service.answer(InviteToPortal.self, to: .anyStaff, with: codes.inviteToPortal)
            service.answer(ActivateAccount.self, to: gateways, preparing: accounts.activateAccount, refusing: accounts.refusalOfActivation)
            service.answer(CreateClinic.self, to: .operators, with: codes.createClinic)
            service.answer(CreateDemoAccount.self, to: .operators, preparing: accounts.createDemoAccount, refusing: accounts.refusalOfDemoAccount)
            service.answer(ReadClinic.self, to: gateways || .anyStaff || .anyPatient || workers || .operators, with: readClinic)
            service.work("end-idle-sessions") {
                while !Task.isCancelled {
                    while try await service.transaction(endIdleSessions) == 500 {}
                    try await service.transaction { tx in try await forgetEnded(in: tx) }
                    while try await service.transaction(throttle.forget) == 5_000 {}
                    try await Task.sleep(for: .seconds(30) * Double.random(in: 0.8...1.2))
                }
            }
        }
    }
}
