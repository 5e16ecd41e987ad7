public import Contracts
public import Foundation

/// The clinic as pages name it. What is not known is left out.
public struct Site: Sendable {
    public var name: String
    public var address: String?
    public var phone: String?
    /// By language tag, in the clinic's own words.
    public var emergency: [String: String] = [:]
    public var welcome: [String: String] = [:]
    public var logo: Logo?
    public var zone: Zone
    /// A demo clinic says so on every page.
    public var isDemo: Bool

    public init(name: String, address: String? = nil, phone: String? = nil, zone: Zone, isDemo: Bool) {
        self.name = name
        self.address = address
        self.phone = phone
        self.zone = zone
        self.isDemo = isDemo
    }
}

/// The clinic's own picture, in place of the mark.
public struct Logo: Sendable {
    /// The most room it takes in the header, in pixels of a page.
    private static let (widest, highest) = (160.0, 32.0)

    public let digest: String
    let bytes: [UInt8]
    let type: String
    let html: HTML

    /// - Parameters:
    ///   - alt: what is read out in its place.
    public init(_ logo: ClinicLogo, _ bytes: Data, alt: String) {
        (digest, self.bytes, type) = (logo.digest, Array(bytes), logo.type)
        let scale = min(Self.widest / Double(logo.width), Self.highest / Double(logo.height), 1)
        let (width, height) = (max(1, Int(Double(logo.width) * scale)), max(1, Int(Double(logo.height) * scale)))
        html = "<img src=\"/assets/logo/\(digest)\" width=\"\(width)\" height=\"\(height)\" alt=\"\(alt)\" translate=\"no\">"
    }
}

/// Whom a gateway serves; chooses the style sheet's sizes.
public enum Workplace: String, Sendable { case portal, clinic }

/// An entry of the main navigation.
/// The scripts a page may have.
public enum Script: Sendable {
    /// Keeps what is typed.
    case autosave
    /// Asks the device for a passkey.
    case passkey
    /// Counts down how long a time is kept.
    case countdown
    /// Makes a picture small before it is sent.
    case picture
    /// Moves visits by dragging them.
    case calendar
    /// Shows what changed while a page is open.
    case live
    /// Speaks and shows, in a call.
    case call
    /// Tries camera, microphone and connection before a call.
    case device
    /// Sends a file in pieces.
    case pieces
}

public struct NavEntry: Sendable {
    /// Where it stands. The portal's menu, at the foot of each page, holds all of them.
    public enum Place: Sendable {
        /// In the bar, at every width: under the thumb there is room for four and the menu.
        case bar
        /// In the bar where it is wide.
        case wideBar
        case menu
    }

    public var path: String
    public var label: HTML
    public var icon: Icon
    public var isCurrent: Bool
    public var place: Place
    /// The letter that goes there with the browser's own modifier: Alt in most.
    public var accessKey: String?

    public init(_ path: String, _ label: HTML, _ icon: Icon, isCurrent: Bool, place: Place = .bar, accessKey: String? = nil) {
        self.path = path
        self.label = label
        self.icon = icon
        self.isCurrent = isCurrent
        self.place = place
        self.accessKey = accessKey
    }
}

/// Whose record a page shows, and as of when. Each page with health information carries one.
public struct WhoBanner: Part {
    public let html: HTML

    /// - Parameters:
    ///   - name: as the patient writes it.
    ///   - asOf: when the record was read.
    ///   - others: where somebody who may act for several people chooses another.
    ///   - isPractice: it is no person's.
    public init(name: String, born: Day?, asOf: Moment, others: String? = nil, isPractice: Bool = false, _ t: Wording) {
        let person: HTML = "<strong translate=\"no\">\(name)</strong>"
        let whose = born.map { t("who.own", ["name": person, "born": t.date($0, .long)]) } ?? t("who.own-no-birth-date", ["name": person])
        html = Self.strip("", initials(of: name), "\(whose)\(Self.practice(isPractice, t))", t("who.as-of", ["time": t.time(asOf)]), others, t)
    }

    /// Somebody else's record.
    /// - Parameters:
    ///   - name: nil while it is not known.
    ///   - isPart: something is left out.
    ///   - account: as whom the person who looks is signed in.
    public init(actingFor name: String?, born: Day?, isPart: Bool, account: String, others: String, isPractice: Bool = false, _ t: Wording) {
        let person: HTML? = name.map { "<strong translate=\"no\">\($0)</strong>" }
        let whose =
            switch (person, born) {
            case (let person?, let born?): t("who.acting", ["name": person, "born": t.date(born, .long)])
            case (let person?, nil): t("who.acting-no-birth-date", ["name": person])
            case (nil, _): t("who.acting-unnamed")
            }
        let part: HTML = isPart ? " \(t("who.part"))" : ""
        html = Self.strip(
            " acting", name.map(initials(of:)) ?? "", "\(whose)\(part)\(Self.practice(isPractice, t))", Self.signedIn(account, t), others, t)
    }

    /// A page of the account of somebody who may act for others: of nobody's record.
    public init(account: String, others: String, _ t: Wording) {
        html = Self.strip("", initials(of: account), Self.signedIn(account, t), nil, others, t)
    }

    private static func practice(_ isPractice: Bool, _ t: Wording) -> HTML? { isPractice ? " \(Tag(.warn, t("who.practice")))" : nil }

    private static func signedIn(_ account: String, _ t: Wording) -> HTML {
        t("who.account", ["account": "<span translate=\"no\">\(account)</span>" as HTML])
    }

    private static func strip(_ style: HTML, _ face: String, _ whose: HTML, _ more: HTML?, _ others: String?, _ t: Wording) -> HTML {
        """
        <section class="who\(style)" aria-label="\(t("who.label"))"><div class="wrap">\
        <span class="face" aria-hidden="true" translate="no">\(face)</span>\
        <p>\(whose)</p>\(more.map { "<p class=\"asof\">\($0)</p>" as HTML })\
        \(others.map { "<a href=\"\($0)\">\(t("who.others"))</a>" as HTML })</div></section>
        """
    }
}

/// The patient strip on top of a chart in the workspace.
public struct PatientStrip: Part {
    let name: String
    let facts: [(name: HTML, value: HTML)]
    let warnings: [Tag]
    let asOf: HTML
    let whose: HTML
    /// Where the photo is; nil where there is none.
    public var photo: String?
    /// In the other of the two colours that open charts have.
    var isSecond = false

    /// - Parameter warnings: allergies and the like, most dangerous first.
    public init(name: String, facts: [(name: HTML, value: HTML)], warnings: [Tag], asOf: Moment, _ t: Wording) {
        (self.name, self.facts, self.warnings) = (name, facts, warnings)
        (self.asOf, whose) = (t("who.chart-as-of", ["time": t.time(asOf)]), t("who.patient"))
    }

    public var html: HTML {
        """
        <section class="patient\(when: isSecond, " other")" aria-label="\(whose)"><div class="wrap">\
        \(face(initials(of: name), photo))<div><h1 translate="no">\(name)</h1><p class="tiny soft">\(asOf)</p></div>\
        <dl class="num">\(each: facts, { "<div><dt>\($0.name)</dt><dd>\($0.value)</dd></div>" })</dl>\
        \(when: !warnings.isEmpty, "<p class=\"cluster\">\(each: warnings, { "\($0)" })</p>")</div></section>
        """
    }
}

/// A photo beside the name it belongs to, or the letters that stand for one.
public func face(_ initials: String, _ photo: String?) -> HTML {
    photo.map { "<img class=\"face\" src=\"\($0)\" alt=\"\" width=\"44\" height=\"44\">" }
        ?? "<span class=\"face\" aria-hidden=\"true\" translate=\"no\">\(initials)</span>"
}

/// The first letters of the first and the last part of a name.
func initials(of name: String) -> String {
    let parts = name.split(whereSeparator: { $0.isWhitespace || $0 == "," })
    let letters = [parts.first, parts.count > 1 ? parts.last : nil].compactMap { $0?.first }
    return String(letters).uppercased()
}
