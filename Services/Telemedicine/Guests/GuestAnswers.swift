internal import Contracts
internal import MessageBus

extension TelemedicineService {
    /// Guests have no account: what they bring is a secret that the portal tells the digest of.
    static func answersToGuests(_ service: Registry, _ calls: CallStore) {
        service.answer(InviteGuest.self, to: .either, with: calls.inviteGuest)
        service.answer(AdmitGuest.self, to: .receiving, with: calls.admitGuest)
        service.answer(RemoveGuest.self, to: .either, with: calls.removeGuest)
        service.answer(ReadInvitation.self, to: .guests, with: calls.readInvitation)
        service.answer(AcceptInvitation.self, to: .guests, with: calls.acceptInvitation)
        service.answer(ReadGuestCall.self, to: .guests, with: calls.readGuestCall)
        service.answer(IssueGuestTicket.self, to: .guests, with: calls.issueGuestTicket)
        service.answer(OpenGuestWindow.self, to: .guests, with: calls.openGuestWindow)
        service.answer(CloseGuestWindow.self, to: .guests, with: calls.closeGuestWindow)
        service.answer(LeaveAsGuest.self, to: .guests, with: calls.leaveAsGuest)
        service.answer(SendGuestSignals.self, to: .guests, with: calls.sendGuestSignals)
        service.answer(ReadGuestSignals.self, to: .guests, with: calls.readGuestSignals)
    }
}
