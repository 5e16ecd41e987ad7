public import Contracts
internal import Foundation

/// What was or will be written about one visit: when, by which way, whether it was sent, and why not.
public struct NoticeTable: Part {
    public let html: HTML

    /// - Parameter now: in the clinic's zone.
    public init(_ notices: Notices, now: Moment, _ t: Wording) {
        let table = CardTable(
            caption: t("notice.caption"), hidesCaption: true,
            columns: [.init(t("notice.when")), .init(t("notice.what")), .init(t("notice.how")), .init(t("notice.outcome"))],
            rows: notices.notices.map { notice in
                let due = Moment(notice.due).map { t.dateAndTime($0, .short) } ?? "\(notice.due.local.replacing("T", with: " ")) \(notice.due.zone)"
                return [due, t.noticeRule(notice), t.noticeChannel(notice.channel), outcome(notice, now, t)]
            })
        let answers = notices.answers ?? []
        html = """
            \(notices.notices.isEmpty ? "<p class=\"plain\">\(t("notice.none"))</p>" : table.html)\
            \(when: !answers.isEmpty, "<ul class=\"rows\">\(each: answers, { "<li>\(answer($0, now, t))</li>" })</ul>")
            """
    }
}

private func outcome(_ notice: Notice, _ now: Moment, _ t: Wording) -> HTML {
    let tag =
        switch notice.state {
        case "scheduled", "claimed": Tag(.info, t("notice.planned"))
        case "sent": Tag(.ok, t("notice.sent"))
        case "delivered": Tag(.ok, t("notice.delivered"))
        case "bounced", "failed": Tag(.bad, t("notice.failed"))
        case "superseded", "suppressed": Tag(.plain, t("notice.not-sent"))
        default: Tag(.warn, t("notice.unknown"))
        }
    let why = notice.reason.map { "<br>\(t.noticeReason($0))" as HTML }
    let times = [(notice.sent, t("notice.sent-at")), (notice.receiptAt, t("notice.receipt-at"))].compactMap { at, words in
        at.map { "<br><span class=\"plain\">\(words) \(t.dateAndTime(Moment($0, in: now.zone), .short))</span>" as HTML }
    }
    let together = notice.visits.map { "<br>\(t("notice.together", ["count": "\($0)"]))" as HTML }
    let next = notice.next.map { "<br>\(t.noticeNext($0, notice.told, now))" as HTML }
    return "\(tag)\(why)\(next)\(together)\(each: times, { $0 })"
}

private func answer(_ line: VisitAnswerLine, _ now: Moment, _ t: Wording) -> HTML {
    let words = line.accepts ? t("notice.accepted") : t("notice.declined")
    let means = line.means == "text" ? t("notice.by-text") : t("notice.by-link")
    let refused: HTML? = line.state == "refused" ? " \(t("notice.answer-refused"))" : nil
    return "<p>\(words)\(refused)</p><p class=\"plain\">\(t.dateAndTime(Moment(line.at, in: now.zone), .short)) · \(means)</p>"
}

extension Wording {
    func noticeChannel(_ code: String) -> HTML { code == "email" ? self("preferences.by-email") : self("preferences.by-text") }

    func noticeRule(_ notice: Notice) -> HTML {
        switch (notice.kind, notice.rule) {
        case ("confirmation", _): self("notice.confirmation")
        case ("cancellation", _): self("notice.cancellation")
        case (_, "week-before"): self("notice.week-before")
        case (_, "day-before"): self("notice.day-before")
        case (_, "two-hours-before"): self("notice.two-hours-before")
        default: self("notice.reminder")
        }
    }

    /// What came of it that something reached nobody.
    func noticeNext(_ code: String, _ told: Date?, _ now: Moment) -> HTML {
        switch code {
        case "other-channel": self("notice.next.other-channel")
        case "told": "\(self("notice.next.told")) \(told.map { dateAndTime(Moment($0, in: now.zone), .short) })"
        default: self("notice.next.to-be-called")
        }
    }

    /// Why something was not sent, or not yet.
    public func noticeReason(_ code: String) -> HTML {
        switch code {
        case "moved": self("notice.why.moved")
        case "cancelled", "no-appointment", "not-cancelled": self("notice.why.cancelled")
        case "past", "too-soon": self("notice.why.too-late")
        case "deceased", "record-destroyed": self("notice.why.nobody")
        case "no-contact": self("notice.why.no-contact")
        case "channel-off": self("notice.why.channel-off")
        case "outside-hours", "quiet-hours": self("notice.why.night")
        case "just-told": self("notice.why.just-told")
        case "not-set": self("notice.why.not-set")
        case "overtaken": self("notice.why.overtaken")
        case "not-wanted": self("notice.why.not-wanted")
        case "stopped": self("notice.why.stopped")
        case "address-refused", "address-not-usable": self("notice.why.address")
        case "refused", "sign-in-refused": self("notice.why.refused")
        case "not-delivered": self("notice.why.not-delivered")
        case "outcome-unknown": self("notice.why.unknown")
        case "too-many-tries": self("notice.why.too-many-tries")
        default: self("notice.why.again")
        }
    }
}
