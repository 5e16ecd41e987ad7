internal import Contracts
internal import MessageBus

extension Bookings {
    /// Visits that come again.
    func answerSeries(_ service: Registry) {
        service.answer(BookSeries.self, to: .bookingOver, with: bookSeries)
        service.answer(MoveSeries.self, to: .bookingOver, with: moveSeries)
        service.answer(CancelSeries.self, to: .bookingOver, with: cancelSeries)
    }
}
