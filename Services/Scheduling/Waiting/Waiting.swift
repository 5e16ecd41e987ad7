internal import Access
internal import Contracts
internal import MessageBus

/// The waiting list, visits that are asked for, and calls.
func answersForWaiting(_ service: Registry) {
    service.answer(JoinWaitingList.self, to: .booking, with: joinWaitingList, refusing: refusalOfJoining)
    service.answer(RequestCall.self, to: .booking, with: requestCall, refusing: refusalOfCall)
    service.answer(LeaveWaitingList.self, to: .booking, with: leaveWaitingList)
    service.answer(AnswerWaiting.self, to: .bookingOver, with: answerWaiting)
    service.answer(TakeOffer.self, to: .booking, with: takeOffer, refusing: refusalOfOffer)
    service.answer(DeclineOffer.self, to: .booking, with: declineOffer)
    service.answer(ReadWaiting.self, to: .visits, with: readWaiting)
    service.answer(ReadWaitingList.self, to: .waitingList, with: readWaitingList)
    service.answer(ReadScheduleMonth.self, to: .waitingList, with: readScheduleMonth)
}
