public import Foundation

/// What pages and messages say of the clinic, as administrators write it.
public struct ClinicTexts: Codable, Sendable, Equatable {
    /// 1 to 100 characters.
    public var name: String
    /// Empty: that of the place whose zone is the clinic's.
    public var phone: String
    /// By language, `en` and `es`: on every page of the portal, at most 200 characters. Where there is none pages say what they say anyway.
    public var emergency: [String: String]
    /// The same, on the portal's sign-in page: at most 500 characters.
    public var welcome: [String: String]
    /// The same, how e-mails end: at most 300 characters.
    public var closing: [String: String]
    /// What is read out in place of the logo, at most 100 characters.
    public var logoAlt: String
    public var logo: ClinicLogo?

    public init(
        name: String, phone: String = "", emergency: [String: String] = [:], welcome: [String: String] = [:], closing: [String: String] = [:],
        logoAlt: String = "", logo: ClinicLogo? = nil
    ) {
        (self.name, self.phone, self.emergency, self.welcome) = (name, phone, emergency, welcome)
        (self.closing, self.logoAlt, self.logo) = (closing, logoAlt, logo)
    }
}

/// A picture by its content.
public struct ClinicLogo: Codable, Sendable, Equatable {
    /// SHA-256, 64 hexadecimal digits.
    public var digest: String
    /// `image/png` or `image/jpeg`.
    public var type: String
    /// Pixels.
    public var width: Int
    public var height: Int

    public init(digest: String, type: String, width: Int, height: Int) {
        (self.digest, self.type, self.width, self.height) = (digest, type, width, height)
    }
}

/// Changes what is said of the clinic.
public struct KeepClinicTexts: Command {
    public static let name = "identity.keep-clinic-texts.v1"
    public typealias Reply = SettingKept
    public typealias Refusal = ClinicTextsRefusal

    /// What the writer read.
    public var version: Int
    /// Its logo is the one that stays; nil takes it away.
    public var texts: ClinicTexts
    /// A new logo: a PNG or JPEG of at most 100,000 bytes, each side of 16 to 1,024 pixels. What is in it beside the picture is left out.
    public var image: Data?
    public var key: UUID

    public init(version: Int, texts: ClinicTexts, image: Data? = nil, key: UUID) {
        (self.version, self.texts, self.image, self.key) = (version, texts, image, key)
    }
}

public enum ClinicTextsRefusal: Codable, Sendable, Equatable {
    /// The clinic is not set up, or never had that logo.
    case notFound
    /// Fields are `name`, `phone`, `logoAlt`, and `emergency-en`, `welcome-es`, …
    case invalid(problems: [EntryProblem])
    case image(problem: ImageProblem)
    /// Somebody else changed it since.
    case changedMeanwhile(version: Int)
}

public enum ImageProblem: String, Codable, Sendable, Error {
    case tooLarge
    /// Neither a PNG nor a JPEG that every browser shows, or damaged.
    case notAnImage
    case notThatSize
}

/// What is said of the clinic now, who changed it when, and what one of the changes did.
public struct ReadClinicTexts: Query {
    public static let name = "identity.read-clinic-texts.v1"
    public typealias Reply = ClinicTextsView
    public typealias Refusal = SettingRefusal

    /// The change to show; the newest when it is not named.
    public var version: Int?

    public init(version: Int? = nil) { self.version = version }
}

public struct ClinicTextsView: Codable, Sendable, Equatable {
    public var version: Int
    public var texts: ClinicTexts
    /// Newest first, at most 100.
    public var changes: [SettingChange]
    public var total: Int
    /// The change that is shown.
    public var shown: Int
    /// Nil for the first.
    public var before: ClinicTexts?
    public var after: ClinicTexts

    public init(
        version: Int, texts: ClinicTexts, changes: [SettingChange], total: Int, shown: Int, before: ClinicTexts? = nil, after: ClinicTexts
    ) {
        (self.version, self.texts, self.changes, self.total) = (version, texts, changes, total)
        (self.shown, self.before, self.after) = (shown, before, after)
    }
}

/// The bytes of a logo the clinic has or had.
public struct ReadClinicLogo: Query {
    public static let name = "identity.read-clinic-logo.v1"
    public typealias Refusal = SettingRefusal
    public struct Reply: Codable, Sendable, Equatable {
        public var bytes: Data

        public init(bytes: Data) { self.bytes = bytes }
    }

    public var digest: String

    public init(digest: String) { self.digest = digest }
}
