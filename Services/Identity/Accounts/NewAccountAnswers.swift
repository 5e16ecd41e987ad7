internal import Access
internal import Contracts
internal import MessageBus

extension IdentityService {
    /// What leads to an account: being invited, asking for one, opening it.
    static func answersAboutNewAccounts(_ service: Registry, _ gateways: Rule, _ accounts: Accounts, _ requests: AccountRequestBook) {
        let inviters = Rule.staff(.frontDesk, .nurse, .administrator, of: .demographics)
        let sorters = Rule.staff(.frontDesk, .nurse, .administrator, of: .nobody)
        answersAboutStaff(service, accounts.codes)
        service.answer(InviteToPortal.self, to: inviters, with: accounts.codes.inviteToPortal)
        service.answer(ReadInvitations.self, to: inviters, with: readInvitations)
        service.answer(ActivateAccount.self, to: gateways, preparing: accounts.activateAccount, refusing: accounts.refusalOfActivation)
        service.answer(RequestAccount.self, to: .gateways("portal"), preparing: requests.requestAccount)
        service.answer(ReadAccountRequests.self, to: sorters, with: requests.readAccountRequests)
        service.answer(LinkAccountRequest.self, to: inviters, with: requests.linkAccountRequest)
        service.answer(CloseAccountRequest.self, to: sorters, with: requests.closeAccountRequest)
    }
}
