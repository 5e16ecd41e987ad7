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
            answers(service.registry, desk.accounts, desk.sessions, desk.factors, desk.codes, desk.drafts)
            service.work("end-idle-sessions") { try await desk.sweep(service) }
        }
    }

    static func answers(
        _ service: Registry, _ accounts: Accounts, _ sessions: Sessions, _ factors: SecondFactors, _ codes: OneTimeCodes, _ drafts: Drafts
    ) {
        let gateways = Rule.gateways("portal", "clinic")
        let inviters = Rule.staff(.frontDesk, .nurse, .administrator, of: .demographics)
        service.answer(SignIn.self, to: gateways, preparing: sessions.signIn)
        service.answer(VerifyCode.self, to: gateways, preparing: factors.verifyCode)
        service.answer(ReadSession.self, to: gateways, with: sessions.readSession)
        service.answer(SignOut.self, to: gateways, preparing: signOut)
        answersAboutOneself(service, gateways, sessions, factors, drafts)
        service.answer(InviteToPortal.self, to: inviters, with: codes.inviteToPortal)
        service.answer(ReadInvitations.self, to: inviters, with: readInvitations)
        service.answer(ActivateAccount.self, to: gateways, preparing: accounts.activateAccount, refusing: accounts.refusalOfActivation)
        answersAboutRecovery(service, gateways, accounts)
        service.answer(ReadLetter.self, to: .workers("notifications"), with: codes.readLetter)
        service.answer(CreateClinic.self, to: .operators, with: codes.createClinic)
        service.answer(CreateDemoAccount.self, to: .operators, preparing: accounts.createDemoAccount, refusing: accounts.refusalOfDemoAccount)
        service.answer(ReadAccountNames.self, to: .workers("audit"), with: readAccountNames)
        service.answer(ReadClinic.self, to: .everybody, with: readClinic)
    }
}
