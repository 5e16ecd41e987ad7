internal import Access
internal import Contracts
internal import MessageBus

extension IdentityService {
    /// Who works here: administrators alone say so.
    static func answersAboutStaff(_ service: Registry, _ codes: OneTimeCodes) {
        let administrators = Rule.staff(.administrator, of: .nobody)
        service.answer(InviteStaff.self, to: administrators, with: codes.inviteStaff)
        service.answer(ReadStaff.self, to: administrators, with: readStaff)
        service.answer(KeepStaffAccount.self, to: administrators, with: keepStaffAccount, refusing: refusalOfStaffAccount)
        service.answer(ReadStaffHistory.self, to: administrators, with: readStaffHistory)
        service.answer(CloseStaffAccount.self, to: administrators, with: closeStaffAccount)
    }
}
