import Contracts
import Foundation
import Web

/// A visit as calendars keep it (RFC 5545). It is the same event however often it is moved: its number rises, so that a calendar takes the newer one.
/// It says where to be and when; what the visit is about stays in the portal.
struct VisitCalendar: Sendable {
    var visit: AppointmentLine
    /// What the clinic is called, and where the visit is.
    var summary: String
    var place: String
    /// The wall time as it was agreed, with its zone's name.
    var time: String
    /// Where browsers reach the portal, without a path.
    var base: String
    var now: Date

    private static let mostOctets = 75

    /// A file of this visit alone.
    var text: String { Self.file([self]) }

    /// - Parameter name: of a calendar that is read again and again, every few hours.
    static func file(_ visits: [VisitCalendar], name: String? = nil) -> String {
        let kept = name.map { ["NAME:\(escaped($0))", "X-WR-CALNAME:\(escaped($0))", "REFRESH-INTERVAL;VALUE=DURATION:PT4H", "X-PUBLISHED-TTL:PT4H"] }
        let head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Chartline//Visits//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
        return (head + (kept ?? []) + visits.flatMap(\.event) + ["END:VCALENDAR"]).map { folded($0) + "\r\n" }.joined()
    }

    private var event: [String] {
        let host = base.split(separator: "/").last.map { $0.prefix { $0 != ":" } } ?? "portal"
        let isCancelled = ["cancelled", "entered-in-error"].contains(visit.status)
        return [
            "BEGIN:VEVENT", "UID:\(visit.appointment)@\(host)", "SEQUENCE:\(visit.version)", "DTSTAMP:\(Self.utc(now))",
            "DTSTART:\(Self.utc(visit.start.instant))", "DTEND:\(Self.utc(visit.end.instant))", "SUMMARY:\(Self.escaped(summary))",
            "LOCATION:\(Self.escaped(place))", "DESCRIPTION:\(Self.escaped(time))", "URL:\(base)/visits/\(visit.appointment)",
            "STATUS:\(isCancelled ? "CANCELLED" : "CONFIRMED")", "CLASS:PRIVATE", "TRANSP:OPAQUE", "END:VEVENT",
        ]
    }

    /// `20261124T164000Z`
    private static func utc(_ instant: Date) -> String {
        instant.formatted(.iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
    }

    static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing(";", with: "\\;").replacing(",", with: "\\,").replacing("\r\n", with: "\\n")
            .replacing("\n", with: "\\n")
    }

    /// No line is longer than 75 octets; a character is not cut in two.
    static func folded(_ line: String) -> String {
        var out = ""
        var octets = 0
        for character in line.unicodeScalars {
            let size = String(character).utf8.count
            if octets + size > mostOctets {
                out += "\r\n "
                octets = 1
            }
            out.unicodeScalars.append(character)
            octets += size
        }
        return out
    }
}
