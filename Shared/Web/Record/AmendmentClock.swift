public import Contracts

extension Amendment {
    /// By when the clinic answers, in days: the same words on both sides.
    public func clock(_ now: Moment, _ t: Wording) -> HTML {
        let day = Moment(due, in: now.zone).day
        let left = (day.daysSince1970 ?? 0) - (now.day.daysSince1970 ?? 0)
        let date = t.date(day, .short)
        return left < 0 ? t("amendment.overdue", ["date": date]) : t("amendment.left", count: left, ["date": date])
    }
}
