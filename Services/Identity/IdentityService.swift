internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import ServiceHost

@main enum IdentityService {
    static let migrations = Bundle.module.bundleURL.appending(path: "Migrations")

    static func main() async throws {
        try await ServiceHost.run("identity", migrations: migrations) { service in
            service.workBesideDatabase()
            let desk = ReceptionDesk(service)
            answers(service.registry, desk.accounts, desk.sessions, desk.factors, desk.requests, desk.drafts)
            service.work("match-account-requests") { try await desk.matchRequests(service) }
            service.work("end-idle-sessions") { try await desk.sweep(service) }
        }
    }

    static func answers(
        _ service: Registry, _ accounts: Accounts, _ sessions: Sessions, _ factors: SecondFactors, _ requests: AccountRequestBook, _ drafts: Drafts
    ) {
        let gateways = Rule.gateways("portal", "clinic")
        service.answer(SignIn.self, to: gateways, preparing: sessions.signIn)
        service.answer(SignInWithPasskey.self, to: gateways, preparing: sessions.signInWithPasskey)
        service.answer(VerifyCode.self, to: gateways, preparing: factors.verifyCode)
        service.answer(ReadSession.self, to: gateways, with: sessions.readSession)
        service.answer(SignOut.self, to: gateways, preparing: signOut)
        answersAboutOneself(service, gateways, sessions, factors, drafts)
        answersAboutNewAccounts(service, gateways, accounts, requests)
        answersAboutRecovery(service, gateways, accounts)
        answersAboutProxies(service, ProxyBook(requests, clock: sessions.clock))
        service.answer(ReadLetter.self, to: .workers("notifications"), with: requests.readLetter)
        service.answer(CreateClinic.self, to: .operators, with: accounts.codes.createClinic)
        service.answer(CreateDemoAccount.self, to: .operators, preparing: accounts.createDemoAccount, refusing: accounts.refusalOfDemoAccount)
        service.answer(ReadAccountNames.self, to: .workers("audit"), with: readAccountNames)
        answersAboutClinic(service)
    }
}
