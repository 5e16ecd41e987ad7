internal import Access
internal import Contracts
internal import MessageBus

extension IdentityService {
    /// The ways back in.
    static func answersAboutRecovery(_ service: Registry, _ gateways: Rule, _ accounts: Accounts) {
        service.answer(RequestReset.self, to: gateways, preparing: accounts.requestReset)
        service.answer(StartReset.self, to: .staff(.administrator, of: .nobody), preparing: accounts.startReset)
        service.answer(ResetPassword.self, to: gateways, preparing: accounts.resetPassword)
    }
}
