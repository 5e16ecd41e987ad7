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

    public init(
        account: ID<Account>, username: String, displayName: String? = nil, role: String, practitioner: ID<Practitioner>? = nil, closed: Bool = false
    ) {
        self.account = account
        self.username = username
        self.displayName = displayName
        self.role = role
        self.practitioner = practitioner
        self.closed = closed
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
}
