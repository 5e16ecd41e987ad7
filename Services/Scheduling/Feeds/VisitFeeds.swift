internal import Access
internal import Contracts
internal import MessageBus

func answersForFeeds(_ service: Registry) {
    service.answer(KeepVisitFeed.self, to: .themselves, with: keepVisitFeed)
    service.answer(EndVisitFeed.self, to: .themselves, with: endVisitFeed)
    service.answer(ReadVisitFeed.self, to: .themselves, with: readVisitFeed)
    service.answer(FollowVisitFeed.self, to: .gateways("portal"), with: followVisitFeed)
}
