public import Contracts
import Foundation

extension Wording {
    /// Who answers, when nobody in particular does.
    public func pool(_ code: String) -> HTML {
        switch code {
        case "care": self("thread.pool.care")
        case "billing": self("thread.pool.billing")
        default: self("thread.pool.desk")
        }
    }

    public func purpose(_ purpose: ThreadPurpose) -> HTML {
        switch purpose {
        case .medical: self("thread.purpose.medical")
        case .medicine: self("thread.purpose.medicine")
        case .appointment: self("thread.purpose.appointment")
        case .bill: self("thread.purpose.bill")
        case .other: self("thread.purpose.other")
        }
    }

    /// "Priya Raman answers by Friday 27 November, 5:00 pm Chicago time": with who is away, where somebody is.
    /// - Parameter wanted: who is asked for.
    public func promise(_ promise: AnswerPromise, wanted: ID<Practitioner>? = nil, _ names: ClinicNames, from now: Moment) -> HTML {
        let who = promise.owner.map { clinician($0, names) } ?? pool(promise.pool)
        let by = Moment(promise.by).map { nearDateAndTime($0, from: now) } ?? "\(promise.by.local)"
        guard let wanted, let back = promise.awayUntil.flatMap({ Moment($0) }) else { return self("thread.promise", ["who": who, "time": by]) }
        return self("thread.promise-away", ["asked": clinician(wanted, names), "back": date(back.day, .weekday), "who": who, "time": by])
    }

    public func clinician(_ id: ID<Practitioner>, _ names: ClinicNames) -> HTML { "<span translate=\"no\">\(names.clinician(id, self))</span>" }
}

/// The messages of a thread, oldest first.
public struct MessageList: Part {
    public let html: HTML

    /// - Parameters:
    ///   - isPatient: whether it is the patient's side that looks.
    ///   - file: where a document that came with a message is opened; nil: not by whoever looks.
    ///   - below: what else stands under one's own message.
    public init(
        _ view: ThreadView, isPatient: Bool, _ names: ClinicNames, now: Moment, _ t: Wording, file: (ID<Resource>) -> String?,
        below: (MessageLine) -> HTML? = { _ in nil }
    ) {
        html = """
            <section class="thread" aria-label="\(t("thread.messages"))">\(each: view.messages, { line in
                let isOurs = line.isFromPatient == isPatient
                let author = Self.author(line, of: view.line.pool, isPatient: isPatient, names, t)
                return """
                    <article class="message\(when: isOurs, " mine")"><header><b>\(author)</b>\
                    <time datetime="\(line.at.formatted(.iso8601))">\(t.nearDateAndTime(Moment(line.at, in: now.zone), from: now))</time></header>\
                    \(Self.words(line, now, t))\(line.attachment.map { Self.attachment($0, file($0.document), t) })\
                    \(when: isOurs, Self.delivery(line, names, now, t, below(line)))</article>
                    """
            })</section>
            """
    }

    private static func author(_ line: MessageLine, of pool: String, isPatient: Bool, _ names: ClinicNames, _ t: Wording) -> HTML {
        if line.isOwn { return t("thread.you") }
        if line.isFromPatient { return isPatient ? t("thread.for-patient") : t("thread.patient") }
        return line.practitioner.map { t.clinician($0, names) } ?? t.pool(pool == "care" ? "desk" : pool)
    }

    private static func words(_ line: MessageLine, _ now: Moment, _ t: Wording) -> HTML {
        if let retracted = line.retracted {
            return "<p class=\"plain\">\(t("thread.retracted", ["time": t.nearDateAndTime(Moment(retracted, in: now.zone), from: now)]))</p>"
        }
        guard !line.text.isEmpty else { return "<p class=\"plain\">\(t("thread.gone"))</p>" }
        let paragraphs = line.text.split(whereSeparator: \.isNewline)
        return "<div class=\"stack-s\" translate=\"no\">\(each: paragraphs, { "<p>\($0)</p>" })</div>"
    }

    private static func attachment(_ attachment: MessageAttachment, _ path: String?, _ t: Wording) -> HTML {
        let name: HTML = "<span translate=\"no\">\(attachment.name)</span>"
        guard let path else { return "<p class=\"plain\">\(t("thread.file-of-chart", ["name": name]))</p>" }
        return "<p><a class=\"target\" href=\"\(path)\">\(t("thread.file-open", ["name": name]))</a></p>"
    }

    private static func delivery(_ line: MessageLine, _ names: ClinicNames, _ now: Moment, _ t: Wording, _ more: HTML?) -> HTML? {
        guard line.retracted == nil else { return nil }
        guard let read = line.read else { return "<footer><span>\(t("thread.delivered"))</span>\(more)</footer>" }
        let time = t.nearDateAndTime(Moment(read, in: now.zone), from: now)
        let words = line.readBy.map { t("thread.read-by", ["who": t.clinician($0, names), "time": time]) } ?? t("thread.read", ["time": time])
        return "<footer><span>\(words)</span></footer>"
    }
}
