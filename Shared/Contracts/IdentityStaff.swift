public import Foundation

/// Makes a one-time code for somebody who is to work here. What they may see hangs on the role, and on the practitioner they are in the records.
public struct InviteStaff: Command {
    public static let name = "identity.invite-staff.v1"
    public typealias Reply = Invited
    public typealias Refusal = InviteStaffRefusal

    public var invitation: ID<Invitation>
    /// `Access.Role` raw value, of staff.
    public var role: String
    /// As colleagues and patients see it: `Ngozi Okafor, MD`. 1 to 100 characters.
    public var displayName: String
    /// Who they are in the directory: without it a clinician or nurse treats nobody.
    public var practitioner: ID<Practitioner>?
    public var key: UUID

    public init(invitation: ID<Invitation>, role: String, displayName: String, practitioner: ID<Practitioner>? = nil, key: UUID) {
        self.invitation = invitation
        self.role = role
        self.displayName = displayName
        self.practitioner = practitioner
        self.key = key
    }
}

public enum InviteStaffRefusal: String, Codable, Sendable {
    case unknownRole
    case nameMissing
    /// Somebody has an account as this practitioner.
    case practitionerTaken
}

/// Everybody who works here, and who is invited to.
public struct ReadStaff: Query {
    public static let name = "identity.read-staff.v1"
    public typealias Reply = StaffList

    public init() {}
}

public struct StaffList: Codable, Sendable, Equatable {
    /// By name; accounts that are closed last.
    public var accounts: [StaffAccount]
    /// Codes that are good still.
    public var invitations: [StaffInvitation]

    public init(accounts: [StaffAccount], invitations: [StaffInvitation]) { (self.accounts, self.invitations) = (accounts, invitations) }
}

public struct StaffAccount: Codable, Sendable, Equatable {
    public var account: ID<Account>
    public var username: String
    public var displayName: String?
    public var role: String
    public var practitioner: ID<Practitioner>?
    public var closed: Bool
    /// Nobody signs in with it until an administrator brings it back.
    public var suspended: Bool?
    /// What a change is written over.
    public var version: Int?

    public init(
        account: ID<Account>, username: String, displayName: String? = nil, role: String, practitioner: ID<Practitioner>? = nil,
        closed: Bool = false, suspended: Bool? = nil, version: Int? = nil
    ) {
        self.account = account
        self.username = username
        self.displayName = displayName
        self.role = role
        self.practitioner = practitioner
        self.closed = closed
        (self.suspended, self.version) = (suspended, version)
    }
}

public struct StaffInvitation: Codable, Sendable, Equatable {
    public var invitation: ID<Invitation>
    public var displayName: String?
    public var role: String
    public var expires: Date

    public init(invitation: ID<Invitation>, displayName: String? = nil, role: String, expires: Date) {
        (self.invitation, self.displayName, self.role, self.expires) = (invitation, displayName, role, expires)
    }
}

/// Closes the account of somebody who has left: their sessions end at once, everywhere.
public struct CloseStaffAccount: Command {
    public static let name = "identity.close-staff-account.v1"
    public typealias Reply = Done
    public typealias Refusal = CloseStaffAccountRefusal

    public var account: ID<Account>
    public var key: UUID

    public init(account: ID<Account>, key: UUID) { (self.account, self.key) = (account, key) }
}

public enum CloseStaffAccountRefusal: String, Codable, Sendable {
    /// None of somebody who works here, or closed already.
    case notFound
    /// Nobody closes their own: somebody has to be left who can open others.
    case own
    /// Of the last administrator who can sign in.
    case lastAdministrator
}

/// Changes what is said of somebody who works here. Where it changes what they may do, their sessions end at once, everywhere.
public struct KeepStaffAccount: Command {
    public static let name = "identity.keep-staff-account.v1"
    public typealias Reply = SettingKept
    public typealias Refusal = KeepStaffRefusal

    public var account: ID<Account>
    /// What the writer read.
    public var version: Int
    /// As colleagues and patients see it. 1 to 100 characters.
    public var displayName: String
    /// `Access.Role` raw value, of staff.
    public var role: String
    /// Who they are in the directory.
    public var practitioner: ID<Practitioner>?
    /// Nobody signs in with it, until it is brought back.
    public var suspended: Bool
    public var key: UUID

    public init(
        account: ID<Account>, version: Int, displayName: String, role: String, practitioner: ID<Practitioner>? = nil, suspended: Bool = false,
        key: UUID
    ) {
        (self.account, self.version, self.displayName, self.role) = (account, version, displayName, role)
        (self.practitioner, self.suspended, self.key) = (practitioner, suspended, key)
    }
}

public enum KeepStaffRefusal: Codable, Sendable, Equatable {
    /// None of somebody who works here, or closed.
    case notFound
    case unknownRole
    case nameMissing
    /// Somebody else has an account as this practitioner.
    case practitionerTaken
    /// Nobody changes what they themselves may do.
    case own
    /// No administrator would be left who can sign in.
    case lastAdministrator
    /// Somebody else changed it since.
    case changedMeanwhile(version: Int)
}

/// Who changed an account when, and what one of the changes did.
public struct ReadStaffHistory: Query {
    public static let name = "identity.read-staff-history.v1"
    public typealias Reply = StaffHistory
    public typealias Refusal = SettingRefusal

    public var account: ID<Account>
    /// The change to show; the newest when it is not named.
    public var version: Int?

    public init(account: ID<Account>, version: Int? = nil) { (self.account, self.version) = (account, version) }
}

public struct StaffHistory: Codable, Sendable, Equatable {
    /// Newest first, at most 100. The first is its owner's, who opened the account.
    public var changes: [SettingChange]
    public var total: Int
    /// The change that is shown.
    public var shown: Int
    /// Nil for the first.
    public var before: StaffTerms?
    public var after: StaffTerms

    public init(changes: [SettingChange], total: Int, shown: Int, before: StaffTerms? = nil, after: StaffTerms) {
        (self.changes, self.total, self.shown, self.before, self.after) = (changes, total, shown, before, after)
    }
}

/// What is said of somebody who works here.
public struct StaffTerms: Codable, Sendable, Equatable {
    public var displayName: String?
    public var role: String
    public var practitioner: ID<Practitioner>?
    /// Code: active, suspended, closed.
    public var state: String

    public init(displayName: String? = nil, role: String, practitioner: ID<Practitioner>? = nil, state: String) {
        (self.displayName, self.role, self.practitioner, self.state) = (displayName, role, practitioner, state)
    }
}
