/// How much of a date a place has room for.
public enum DateLength: Sendable {
    /// Friday 20 November 2026
    case full
    /// 20 November 2026: birth dates
    case long
    /// Wednesday 25 November: something to do soon
    case weekday
    /// Wed 25 November: headings of a list of days
    case shortWeekday
    /// 18 Nov 2026: tables
    case short
    /// Nov 2026: axes
    case month
    /// 18 Nov: axes of less than a season
    case dayOfMonth
}

extension Wording {
    /// A date in words. What is not known is left out: "May 2014", "2014".
    public func date(_ day: Day, _ length: DateLength) -> HTML {
        guard let month = day.month else { return "\(day.year)" }
        let longName = name(Self.months, month - 1)
        let shortName = name(Self.shortMonths, month - 1)
        guard let date = day.day, let weekday = day.weekday else {
            return length == .short || length == .month
                ? self("date.short-month", ["month": shortName, "year": day.year])
                : self("date.month", ["month": longName, "year": day.year])
        }
        switch length {
        case .full:
            return self("date.full", ["weekday": name(Self.weekdays, weekday), "day": date, "month": longName, "year": day.year])
        case .long:
            return self("date.long", ["day": date, "month": longName, "year": day.year])
        case .weekday:
            return self("date.weekday", ["weekday": name(Self.weekdays, weekday), "day": date, "month": longName])
        case .shortWeekday:
            return self("date.weekday", ["weekday": name(Self.shortWeekdays, weekday), "day": date, "month": longName])
        case .short:
            return self("date.short", ["day": date, "month": shortName, "year": day.year])
        case .month:
            return self("date.short-month", ["month": shortName, "year": day.year])
        case .dayOfMonth:
            return self("date.day-of-month", ["day": date, "month": shortName])
        }
    }

    /// "today", "tomorrow", "yesterday" seen from another moment's day in the same zone, else the date with its weekday.
    public func nearDate(_ moment: Moment, from now: Moment, otherwise length: DateLength = .weekday) -> HTML {
        let today = Moment(now.instant, in: moment.zone).day
        guard let day = moment.day.daysSince1970, let reference = today.daysSince1970 else { return date(moment.day, length) }
        switch day - reference {
        case 0: return self("date.today")
        case 1: return self("date.tomorrow")
        case -1: return self("date.yesterday")
        default: return date(moment.day, moment.day.year == today.year ? length : .full)
        }
    }

    /// "10:41 am"; only where the zone stands close by, as above a list of times.
    public func clock(_ moment: Moment) -> HTML {
        let minutes = moment.minuteOfDay
        let hour = minutes / 60 % 12 == 0 ? 12 : minutes / 60 % 12
        let minute = minutes % 60 < 10 ? "0\(minutes % 60)" : "\(minutes % 60)"
        return minutes < 720 ? self("time.am", ["hour": hour, "minute": minute]) : self("time.pm", ["hour": hour, "minute": minute])
    }

    /// "10:41 am Chicago time". A wall time the clocks show twice says which of the two it is.
    public func time(_ moment: Moment) -> HTML {
        let plain = self("time.in-zone", ["time": clock(moment), "zone": zone(moment.zone)])
        switch moment.repetition {
        case .none: return plain
        case .first: return self("time.first-of-two", ["time": plain])
        case .second: return self("time.second-of-two", ["time": plain])
        }
    }

    /// "Wednesday 25 November, 9:20 am Chicago time"; the year is added with `.full`.
    public func dateAndTime(_ moment: Moment, _ length: DateLength = .weekday) -> HTML {
        self("time.on-date", ["date": date(moment.day, length), "time": time(moment)])
    }

    /// "today, 10:41 am Chicago time", else with its date.
    public func nearDateAndTime(_ moment: Moment, from now: Moment) -> HTML {
        self("time.on-date", ["date": nearDate(moment, from: now), "time": time(moment)])
    }

    /// "Chicago time": the zone by its place's name.
    public func zone(_ zone: Zone) -> HTML {
        if zone.name == "UTC" { return self("zone.utc") }
        let translated = "zone.city.\(zone.name)"
        let city = has(translated) ? text(translated) : HTML(text: zone.city)
        return self("zone.place", ["city": city])
    }

    /// - Parameter iso: 1 Monday … 7 Sunday.
    public func weekday(_ iso: Int) -> HTML { name(Self.weekdays, iso - 1) }

    private func name(_ names: [StaticString], _ index: Int) -> HTML {
        names.indices.contains(index) ? self(names[index]) : HTML()
    }

    private static let months: [StaticString] = [
        "month.1", "month.2", "month.3", "month.4", "month.5", "month.6",
        "month.7", "month.8", "month.9", "month.10", "month.11", "month.12",
    ]
    private static let shortMonths: [StaticString] = [
        "month.short.1", "month.short.2", "month.short.3", "month.short.4", "month.short.5", "month.short.6",
        "month.short.7", "month.short.8", "month.short.9", "month.short.10", "month.short.11", "month.short.12",
    ]
    private static let weekdays: [StaticString] = [
        "weekday.1", "weekday.2", "weekday.3", "weekday.4", "weekday.5", "weekday.6", "weekday.7",
    ]
    private static let shortWeekdays: [StaticString] = [
        "weekday.short.1", "weekday.short.2", "weekday.short.3", "weekday.short.4", "weekday.short.5", "weekday.short.6", "weekday.short.7",
    ]
}
