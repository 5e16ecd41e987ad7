public import Foundation

/// Signs a person in. One refusal for every cause, so that nobody learns which part was wrong.
public struct SignIn: Command {
    public static let name = "identity.sign-in.v1"
    public typealias Reply = SignedIn
    public typealias Refusal = SignInRefusal

    public var audience: Audience
    public var username: String
    public var password: String
    /// 32 random bytes made by the gateway, the new session's secret. Identity keeps a hash.
    public var handle: Data
    /// Keyed hash of the network address, for throttling.
    public var source: String
    public var attempt: UUID
    /// The secret a device was remembered with: it stands in for the second factor.
    public var device: Data?

    public var key: UUID { attempt }

    public init(audience: Audience, username: String, password: String, handle: Data, source: String, attempt: UUID, device: Data? = nil) {
        self.audience = audience
        self.username = username
        self.password = password
        self.handle = handle
        self.source = source
        self.attempt = attempt
        self.device = device
    }
}

/// The gateway a session is good for.
public enum Audience: String, Codable, Sendable {
    case portal, clinic
}

public enum SignInRefusal: Codable, Sendable, Equatable {
    case failed
    /// Too many tries; the next is looked at from `until` on.
    case throttled(until: Date)
}

public struct SignedIn: Codable, Sendable, Equatable {
    public var session: ID<Session>
    public var expires: Date
    /// What is left to do before the session is good for anything; nil when it is whole.
    public var needs: SignInStep?

    public init(session: ID<Session>, expires: Date, needs: SignInStep? = nil) {
        (self.session, self.expires, self.needs) = (session, expires, needs)
    }
}

/// What a password alone does not do.
public enum SignInStep: String, Codable, Sendable {
    /// The account has a second factor: a code of it, or one of its recovery codes.
    case code
    /// Staff without a second factor set one up first.
    case enrolment
}

/// Finishes a sign-in that needs a code: six digits from an authenticator app, or a recovery code. The session goes on under another handle.
public struct VerifyCode: Command {
    public static let name = "identity.verify-code.v1"
    public typealias Reply = SignedIn
    public typealias Refusal = CodeRefusal

    public var audience: Audience
    public var handle: Data
    /// 32 random bytes made by the gateway: a handle that was seen before the second factor is of no use after it.
    public var newHandle: Data
    public var code: String
    public var source: String
    public var key: UUID
    /// 32 random bytes made by the gateway: whoever brings them needs no code for 30 days. Only a code from the app is good for it.
    public var device: Data?

    public init(audience: Audience, handle: Data, newHandle: Data, code: String, source: String, key: UUID, device: Data? = nil) {
        self.audience = audience
        self.handle = handle
        self.newHandle = newHandle
        self.code = code
        self.source = source
        self.key = key
        self.device = device
    }
}

public enum CodeRefusal: Codable, Sendable, Equatable {
    /// Wrong, too old, or used before.
    case notGood
    case throttled(until: Date)
    /// The session has ended, or is none that needs a code: back to the password.
    case sessionEnded
}

/// The secret offered to somebody who may set up a second factor: the same as often as it is asked for in one session, and kept nowhere until a code
/// made with it comes back.
public struct ReadEnrolment: Query {
    public static let name = "identity.read-enrolment.v1"
    public typealias Reply = EnrolmentReply

    public var audience: Audience
    public var handle: Data

    public init(audience: Audience, handle: Data) {
        (self.audience, self.handle) = (audience, handle)
    }
}

public struct EnrolmentReply: Codable, Sendable, Equatable {
    /// Nil when the session has ended, or the account has a second factor already.
    public var offer: EnrolmentOffer?

    public init(offer: EnrolmentOffer? = nil) {
        self.offer = offer
    }
}

public struct EnrolmentOffer: Codable, Sendable, Equatable {
    /// Base 32, to type into an app.
    public var secret: String
    /// The same as an `otpauth` address, for a QR code.
    public var address: String

    public init(secret: String, address: String) {
        (self.secret, self.address) = (secret, address)
    }
}

/// Sets up a second factor with a first code. Ends the account's other sessions; this one goes on under another handle.
public struct EnrolSecondFactor: Command {
    public static let name = "identity.enrol-second-factor.v1"
    public typealias Reply = Enrolled
    public typealias Refusal = EnrolRefusal

    public var audience: Audience
    public var handle: Data
    public var newHandle: Data
    public var code: String
    public var source: String
    public var key: UUID

    public init(audience: Audience, handle: Data, newHandle: Data, code: String, source: String, key: UUID) {
        self.audience = audience
        self.handle = handle
        self.newHandle = newHandle
        self.code = code
        self.source = source
        self.key = key
    }
}

public struct Enrolled: Codable, Sendable, Equatable {
    public var session: ID<Session>
    public var expires: Date
    /// Each good once in place of a code. Shown now and never again.
    public var recoveryCodes: [String]

    public init(session: ID<Session>, expires: Date, recoveryCodes: [String]) {
        (self.session, self.expires, self.recoveryCodes) = (session, expires, recoveryCodes)
    }
}

public enum EnrolRefusal: Codable, Sendable, Equatable {
    case notGood
    case throttled(until: Date)
    case sessionEnded
    /// There is a second factor already.
    case alreadyEnrolled
    /// Whoever is here must prove first, again, who they are.
    case stepUp
}

/// Whose session a handle is. Nil reply: signed out, expired, never existed.
public struct ReadSession: Query {
    public static let name = "identity.read-session.v1"
    public typealias Reply = SessionReply

    public var audience: Audience
    public var handle: Data
    /// False where nobody did anything, and a page asks for itself: it keeps no session open.
    public var isUse: Bool?

    public init(audience: Audience, handle: Data, isUse: Bool? = nil) {
        (self.audience, self.handle, self.isUse) = (audience, handle, isUse)
    }
}

public struct SessionReply: Codable, Sendable, Equatable {
    public var session: SessionView?
    /// A session that is good for finishing the sign-in and nothing else: no token comes with it.
    public var unfinished: UnfinishedSession?

    public init(session: SessionView? = nil, unfinished: UnfinishedSession? = nil) {
        (self.session, self.unfinished) = (session, unfinished)
    }
}

public struct UnfinishedSession: Codable, Sendable, Equatable {
    public var session: ID<Session>
    public var username: String
    public var language: String?
    public var needs: SignInStep
    public var expires: Date

    public init(session: ID<Session>, username: String, language: String? = nil, needs: SignInStep, expires: Date) {
        self.session = session
        self.username = username
        self.language = language
        self.needs = needs
        self.expires = expires
    }
}

public struct SessionView: Codable, Sendable, Equatable {
    public var session: ID<Session>
    public var account: ID<Account>
    public var username: String
    /// Staff only; patients' names are the record's.
    public var displayName: String?
    /// `Access.Role` raw value.
    public var role: String
    /// Whom a patient account may act for, itself first.
    public var patients: [ID<Patient>]
    /// Of these, the records of others.
    public var acting: [ActingFor]?
    public var language: String?
    /// Signed, at most five minutes old when it expires.
    public var actorToken: String
    /// End of the session unless it is used.
    public var expires: Date
    /// When this person last proved who they are, with everything the account asks for.
    public var proven: Date?

    public init(
        session: ID<Session>, account: ID<Account>, username: String, displayName: String? = nil, role: String, patients: [ID<Patient>],
        acting: [ActingFor]? = nil, language: String? = nil, actorToken: String, expires: Date, proven: Date? = nil
    ) {
        self.session = session
        self.account = account
        self.username = username
        self.displayName = displayName
        self.role = role
        self.patients = patients
        self.acting = acting
        self.language = language
        self.actorToken = actorToken
        self.expires = expires
        self.proven = proven
    }
}

public struct SignOut: Command {
    public static let name = "identity.sign-out.v1"
    public typealias Reply = Done

    public var audience: Audience
    public var handle: Data
    public var key: UUID

    public init(audience: Audience, handle: Data, key: UUID = .v7()) {
        (self.audience, self.handle, self.key) = (audience, handle, key)
    }
}

/// Whoever is signed in proves again who they are: with the password, and a code where the account has a second factor. The session goes on under
/// another handle.
public struct Reauthenticate: Command {
    public static let name = "identity.reauthenticate.v1"
    public typealias Reply = SignedIn
    public typealias Refusal = CodeRefusal

    public var audience: Audience
    public var handle: Data
    public var newHandle: Data
    public var password: String
    public var code: String?
    public var source: String
    public var key: UUID

    public init(audience: Audience, handle: Data, newHandle: Data, password: String, code: String? = nil, source: String, key: UUID) {
        self.audience = audience
        self.handle = handle
        self.newHandle = newHandle
        self.password = password
        self.code = code
        self.source = source
        self.key = key
    }
}

/// What a person sees of their own account: how they sign in, and where they are signed in.
public struct ReadSecurity: Query {
    public static let name = "identity.read-security.v1"
    public typealias Reply = SecurityReply

    public var audience: Audience
    public var handle: Data

    public init(audience: Audience, handle: Data) {
        (self.audience, self.handle) = (audience, handle)
    }
}

public struct SecurityReply: Codable, Sendable, Equatable {
    /// Nil when the session has ended.
    public var security: SecurityView?

    public init(security: SecurityView? = nil) {
        self.security = security
    }
}

public struct SecurityView: Codable, Sendable, Equatable {
    public var username: String
    public var secondFactorSince: Date?
    /// Staff cannot do without a second factor.
    public var secondFactorIsRequired: Bool
    public var recoveryCodesLeft: Int
    /// Last used first.
    public var sessions: [SessionLine]
    /// Those that stand in for the second factor; last used first.
    public var devices: [DeviceLine]?
    /// Oldest first.
    public var passkeys: [PasskeyLine]?

    public init(
        username: String, secondFactorSince: Date? = nil, secondFactorIsRequired: Bool, recoveryCodesLeft: Int, sessions: [SessionLine],
        devices: [DeviceLine]? = nil, passkeys: [PasskeyLine]? = nil
    ) {
        self.devices = devices
        self.passkeys = passkeys
        self.username = username
        self.secondFactorSince = secondFactorSince
        self.secondFactorIsRequired = secondFactorIsRequired
        self.recoveryCodesLeft = recoveryCodesLeft
        self.sessions = sessions
    }
}

public struct SessionLine: Codable, Sendable, Equatable {
    public var session: ID<Session>
    public var begun: Date
    public var lastUsed: Date
    /// The session that asks.
    public var isThis: Bool

    public init(session: ID<Session>, begun: Date, lastUsed: Date, isThis: Bool) {
        (self.session, self.begun, self.lastUsed, self.isThis) = (session, begun, lastUsed, isThis)
    }
}

public struct DeviceLine: Codable, Sendable, Equatable {
    public var device: ID<Device>
    public var remembered: Date
    public var lastUsed: Date
    public var until: Date

    public init(device: ID<Device>, remembered: Date, lastUsed: Date, until: Date) {
        (self.device, self.remembered, self.lastUsed, self.until) = (device, remembered, lastUsed, until)
    }
}

/// A remembered device of the own account is forgotten, or all are: there the second factor is asked for again.
public struct ForgetDevices: Command {
    public static let name = "identity.forget-devices.v1"
    public typealias Reply = Done
    public typealias Refusal = SecurityRefusal

    public var audience: Audience
    public var handle: Data
    /// Nil: all.
    public var device: ID<Device>?
    public var key: UUID

    public init(audience: Audience, handle: Data, device: ID<Device>? = nil, key: UUID) {
        (self.audience, self.handle, self.device, self.key) = (audience, handle, device, key)
    }
}

/// Ends another session of the same account, or all others.
public struct EndSessions: Command {
    public static let name = "identity.end-sessions.v1"
    public typealias Reply = Done
    public typealias Refusal = SecurityRefusal

    public var audience: Audience
    public var handle: Data
    /// Nil: all but the one that asks.
    public var session: ID<Session>?
    public var key: UUID

    public init(audience: Audience, handle: Data, session: ID<Session>? = nil, key: UUID) {
        (self.audience, self.handle, self.session, self.key) = (audience, handle, session, key)
    }
}

public enum SecurityRefusal: String, Codable, Sendable {
    case sessionEnded
    /// Whoever is here must prove first, again, who they are.
    case stepUp
    case notEnrolled
    /// Staff cannot do without.
    case required
}

/// Makes new recovery codes in place of those there are.
public struct RenewRecoveryCodes: Command {
    public static let name = "identity.renew-recovery-codes.v1"
    public typealias Reply = RecoveryCodes
    public typealias Refusal = SecurityRefusal

    public var audience: Audience
    public var handle: Data
    public var key: UUID

    public init(audience: Audience, handle: Data, key: UUID) {
        (self.audience, self.handle, self.key) = (audience, handle, key)
    }
}

public struct RecoveryCodes: Codable, Sendable, Equatable {
    public var codes: [String]

    public init(codes: [String]) {
        self.codes = codes
    }
}

/// A patient goes back to the password alone.
public struct RemoveSecondFactor: Command {
    public static let name = "identity.remove-second-factor.v1"
    public typealias Reply = Done
    public typealias Refusal = SecurityRefusal

    public var audience: Audience
    public var handle: Data
    public var key: UUID

    public init(audience: Audience, handle: Data, key: UUID) {
        (self.audience, self.handle, self.key) = (audience, handle, key)
    }
}

/// Changes one's own password, shortly after having proven who one is. Ends the account's other sessions; this one goes on under another handle.
public struct ChangePassword: Command {
    public static let name = "identity.change-password.v1"
    public typealias Reply = SignedIn
    public typealias Refusal = ChangePasswordRefusal

    public var audience: Audience
    public var handle: Data
    public var newHandle: Data
    public var password: String
    public var key: UUID

    public init(audience: Audience, handle: Data, newHandle: Data, password: String, key: UUID) {
        self.audience = audience
        self.handle = handle
        self.newHandle = newHandle
        self.password = password
        self.key = key
    }
}

public enum ChangePasswordRefusal: Codable, Sendable, Equatable {
    case sessionEnded
    case stepUp
    case passwordTooShort(minimum: Int)
    case passwordTooCommon
}

/// Staff invite a patient to the portal. The code is shown once, to be handed over; only its hash is kept.
public struct InviteToPortal: Command {
    public static let name = "identity.invite-to-portal.v1"
    public typealias Reply = Invited
    public typealias Refusal = InviteRefusal

    public var invitation: ID<Invitation>
    public var patient: ID<Patient>
    /// The code is good only together with it.
    public var birthDate: String
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(invitation: ID<Invitation>, patient: ID<Patient>, birthDate: String, key: UUID) {
        (self.invitation, self.patient, self.birthDate, self.key) = (invitation, patient, birthDate, key)
    }
}

public struct Invited: Codable, Sendable, Equatable {
    /// `K7QF-M2XP-9RTD`
    public var code: String
    public var expires: Date

    public init(code: String, expires: Date) {
        (self.code, self.expires) = (code, expires)
    }
}

/// How far the invitations of a patient have come.
public struct ReadInvitations: Query {
    public static let name = "identity.read-invitations.v1"
    public typealias Reply = Invitations

    public var patient: ID<Patient>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>) {
        self.patient = patient
    }
}

public struct Invitations: Codable, Sendable, Equatable {
    /// Newest first, at most five.
    public var invitations: [InvitationLine]

    public init(invitations: [InvitationLine]) {
        self.invitations = invitations
    }
}

public struct InvitationLine: Codable, Sendable, Equatable {
    public var issued: Date
    public var expires: Date
    public var state: InvitationState
    public var since: Date
    /// Code of why it failed: expired, replaced, guessed.
    public var reason: String?

    public init(issued: Date, expires: Date, state: InvitationState, since: Date, reason: String? = nil) {
        self.issued = issued
        self.expires = expires
        self.state = state
        self.since = since
        self.reason = reason
    }
}

public enum InvitationState: String, Codable, Sendable {
    case sent
    /// Its code was typed.
    case opened
    /// With the right birth date.
    case verified
    case failed
}

public enum InviteRefusal: String, Codable, Sendable {
    case alreadyActive
}

/// Opens the account an invitation is for.
public struct ActivateAccount: Command {
    public static let name = "identity.activate-account.v1"
    public typealias Reply = Activated
    public typealias Refusal = ActivateRefusal

    public var code: String
    /// For patients.
    public var birthDate: String?
    /// The e-mail address people sign in with.
    public var username: String
    public var password: String
    public var language: String?
    public var source: String
    public var key: UUID

    public init(
        code: String, birthDate: String? = nil, username: String, password: String, language: String? = nil, source: String, key: UUID
    ) {
        self.code = code
        self.birthDate = birthDate
        self.username = username
        self.password = password
        self.language = language
        self.source = source
        self.key = key
    }
}

public struct Activated: Codable, Sendable, Equatable {
    public var account: ID<Account>

    public init(account: ID<Account>) {
        self.account = account
    }
}

public enum ActivateRefusal: Codable, Sendable, Equatable {
    /// Wrong, used or expired code, or wrong birth date.
    case codeNotGood
    case throttled(until: Date)
    case passwordTooShort(minimum: Int)
    /// On the list of passwords that are guessed first.
    case passwordTooCommon
    case usernameTaken
    case usernameNotAnAddress
}

/// The operator makes a clinic and gets a one-time code for its first administrator.
public struct CreateClinic: Command {
    public static let name = "identity.create-clinic.v1"
    public typealias Reply = Invited
    public typealias Refusal = CreateClinicRefusal

    public var name: String
    public var zone: String
    public var invitation: ID<Invitation>
    public var key: UUID

    public init(name: String, zone: String, invitation: ID<Invitation>, key: UUID) {
        (self.name, self.zone, self.invitation, self.key) = (name, zone, invitation, key)
    }
}

public enum CreateClinicRefusal: String, Codable, Sendable {
    case unknownZone, alreadyCreated
}

/// The clinic's own settings, shown on every page. No health information.
public struct ReadClinic: Query {
    public static let name = "identity.read-clinic.v1"
    public typealias Reply = ClinicSettings

    public init() {}
}

public struct ClinicSettings: Codable, Sendable, Equatable {
    public var name: String?
    /// IANA name.
    public var zone: String?
    /// Nil where nobody has said more than the name.
    public var texts: ClinicTexts?

    public init(name: String? = nil, zone: String? = nil, texts: ClinicTexts? = nil) {
        (self.name, self.zone, self.texts) = (name, zone, texts)
    }
}

/// Makes a demo account with a known password. Refused unless this installation is a demo.
public struct CreateDemoAccount: Command {
    public static let name = "identity.create-demo-account.v1"
    public typealias Reply = Activated
    public typealias Refusal = DemoRefusal

    public var account: ID<Account>
    public var username: String
    public var password: String
    public var role: String
    public var displayName: String?
    public var patient: ID<Patient>?
    public var practitioner: ID<Practitioner>?
    public var language: String?
    /// Base 32: the account has a second factor from the start.
    public var totpSecret: String?
    public var key: UUID

    public init(
        account: ID<Account>, username: String, password: String, role: String, displayName: String? = nil, patient: ID<Patient>? = nil,
        practitioner: ID<Practitioner>? = nil, language: String? = nil, totpSecret: String? = nil, key: UUID
    ) {
        self.account = account
        self.username = username
        self.password = password
        self.role = role
        self.displayName = displayName
        self.patient = patient
        self.practitioner = practitioner
        self.language = language
        self.totpSecret = totpSecret
        self.key = key
    }
}

public enum DemoRefusal: String, Codable, Sendable {
    case notADemo, usernameTaken
    /// Not base 32, or shorter than 16 bytes.
    case secretNotGood
}

/// Asks for a code to set a new password, sent to the address of the account if there is one. The answer is the same whoever is named.
public struct RequestReset: Command {
    public static let name = "identity.request-reset.v1"
    public typealias Reply = Done
    public typealias Refusal = RequestResetRefusal

    public var audience: Audience
    public var username: String
    public var source: String
    public var key: UUID

    public init(audience: Audience, username: String, source: String, key: UUID) {
        self.audience = audience
        self.username = username
        self.source = source
        self.key = key
    }
}

public enum RequestResetRefusal: Codable, Sendable, Equatable {
    /// Too many were asked for, whether the name exists or not.
    case throttled(until: Date)
}

/// An administrator has a code for a new password sent to somebody who cannot ask for it. Only the account's owner learns it, and sets the password;
/// a second factor is asked for as ever.
public struct StartReset: Command {
    public static let name = "identity.start-reset.v1"
    public typealias Reply = Done
    public typealias Refusal = StartResetRefusal

    /// Whose account it is; nil for somebody who works here.
    public var patient: ID<Patient>?
    /// The e-mail address a member of staff signs in with; a patient's is of no matter.
    public var username: String?
    public var key: UUID

    public var patients: [ID<Patient>] { patient.map { [$0] } ?? [] }

    public init(patient: ID<Patient>, key: UUID) { (self.patient, self.key) = (patient, key) }

    public init(staff username: String, key: UUID) { (self.username, self.key) = (username, key) }
}

public enum StartResetRefusal: String, Codable, Sendable {
    /// None, or none that is active.
    case noAccount
}

/// Somebody who has no code asks for an account at the portal. The answer is the same whether there is a chart, an account or neither: what comes of
/// it goes by e-mail.
public struct RequestAccount: Command {
    public static let name = "identity.request-account.v1"
    public typealias Reply = Done
    public typealias Refusal = RequestAccountRefusal

    public var request: ID<AccountRequest>
    public var details: RequestedAccount
    public var source: String
    public var key: UUID

    public init(request: ID<AccountRequest>, details: RequestedAccount, source: String, key: UUID) {
        (self.request, self.details, self.source, self.key) = (request, details, source, key)
    }
}

/// What somebody says of themselves; nobody has checked any of it.
public struct RequestedAccount: Codable, Sendable, Equatable {
    /// At most 100 characters, as is the family name.
    public var given: String
    public var family: String
    /// `1961-03-14`
    public var birthDate: String
    public var email: String
    /// At most 40 characters.
    public var phone: String?
    public var language: String?

    public init(given: String, family: String, birthDate: String, email: String, phone: String? = nil, language: String? = nil) {
        self.given = given
        self.family = family
        self.birthDate = birthDate
        self.email = email
        self.phone = phone
        self.language = language
    }
}

public enum RequestAccountRefusal: Codable, Sendable, Equatable {
    case notAnAddress
    /// Something is missing or too long.
    case notUsable
    /// Too many were asked for, from one place or for one address.
    case throttled(until: Date)
}

/// Requests for accounts that the front desk has to look at: no chart had all of what was typed.
public struct ReadAccountRequests: Query {
    public static let name = "identity.read-account-requests.v1"
    public typealias Reply = AccountRequests

    /// Nil: all.
    public var only: ID<AccountRequest>?

    public init(only: ID<AccountRequest>? = nil) { self.only = only }
}

public struct AccountRequests: Codable, Sendable, Equatable {
    /// Oldest first, at most 100.
    public var requests: [AccountRequestLine]
    public var total: Int

    public init(requests: [AccountRequestLine], total: Int) { (self.requests, self.total) = (requests, total) }
}

public struct AccountRequestLine: Codable, Sendable, Equatable {
    public var id: ID<AccountRequest>
    public var asked: Date
    public var details: RequestedAccount

    public init(id: ID<AccountRequest>, asked: Date, details: RequestedAccount) { (self.id, self.asked, self.details) = (id, asked, details) }
}

/// Staff know whose chart a request is about. The patient gets a code by e-mail, at the address on file and not at the one that was typed.
public struct LinkAccountRequest: Command {
    public static let name = "identity.link-account-request.v1"
    public typealias Reply = Done
    public typealias Refusal = LinkAccountRefusal

    public var request: ID<AccountRequest>
    public var patient: ID<Patient>
    /// As on file; the code is good only together with it.
    public var birthDate: String
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(request: ID<AccountRequest>, patient: ID<Patient>, birthDate: String, key: UUID) {
        (self.request, self.patient, self.birthDate, self.key) = (request, patient, birthDate, key)
    }
}

public enum LinkAccountRefusal: String, Codable, Sendable {
    /// Settled already, or too old.
    case notFound
    case alreadyActive
}

/// Staff close a request that leads to no account.
public struct CloseAccountRequest: Command {
    public static let name = "identity.close-account-request.v1"
    public typealias Reply = Done
    public typealias Refusal = CloseAccountRefusal

    public var request: ID<AccountRequest>
    /// Code: not-a-patient, duplicate, not-genuine (nobody who could be meant asked for it), handled (by phone or at the desk).
    public var reason: String
    public var key: UUID

    public init(request: ID<AccountRequest>, reason: String, key: UUID) {
        (self.request, self.reason, self.key) = (request, reason, key)
    }
}

public enum CloseAccountRefusal: String, Codable, Sendable {
    case notFound, unknownReason
}

/// Sets a new password with the code from the e-mail. Signs nobody in, and takes no second factor away.
public struct ResetPassword: Command {
    public static let name = "identity.reset-password.v1"
    public typealias Reply = Done
    public typealias Refusal = ResetRefusal

    public var audience: Audience
    public var code: String
    public var password: String
    public var source: String
    public var key: UUID

    public init(audience: Audience, code: String, password: String, source: String, key: UUID) {
        self.audience = audience
        self.code = code
        self.password = password
        self.source = source
        self.key = key
    }
}

public enum ResetRefusal: Codable, Sendable, Equatable {
    /// Wrong, used, replaced by a later one, or older than ten minutes.
    case codeNotGood
    case throttled(until: Date)
    case passwordTooShort(minimum: Int)
    case passwordTooCommon
}

/// What a letter says, and to whom. For the notification worker, at the moment it sends it.
public struct ReadLetter: Query {
    public static let name = "identity.read-letter.v1"
    public typealias Reply = LetterReply

    public var letter: ID<Letter>

    public init(letter: ID<Letter>) {
        self.letter = letter
    }
}

public struct LetterReply: Codable, Sendable, Equatable {
    /// Nil: there is nothing to send, or nobody to send it to.
    public var letter: LetterView?

    public init(letter: LetterView? = nil) {
        self.letter = letter
    }
}

public struct LetterView: Codable, Sendable, Equatable {
    public var to: String
    public var language: String?
    /// Code: reset, reset-started, password-changed, second-factor-on, second-factor-off, recovery-code-used,
    /// passkey-added, passkey-removed, invitation, account-requested, account-exists, proxy-invitation, proxy-granted, proxy-withdrawn.
    public var kind: String
    /// The gateway its reader uses.
    public var audience: Audience
    /// `K7QF-M2XP-9RTD`, in a letter that carries one.
    public var code: String?
    /// It goes to the address on file of this patient, whatever `to` says.
    public var patient: ID<Patient>?

    public init(
        to: String, language: String? = nil, kind: String, audience: Audience, code: String? = nil, patient: ID<Patient>? = nil
    ) {
        self.to = to
        self.language = language
        self.kind = kind
        self.audience = audience
        self.code = code
        self.patient = patient
    }
}

/// Keeps what came in a form after its session ran out, for the same person to go on with. From any other session nothing is kept.
public struct KeepDraft: Command {
    public static let name = "identity.keep-draft.v1"
    public typealias Reply = Done

    public var audience: Audience
    public var handle: Data
    public var draft: Draft
    public var key: UUID

    public init(audience: Audience, handle: Data, draft: Draft, key: UUID) {
        (self.audience, self.handle, self.draft, self.key) = (audience, handle, draft, key)
    }
}

public struct Draft: Codable, Sendable, Equatable {
    /// Where the form goes.
    public var path: String
    public var fields: [DraftField]

    public init(path: String, fields: [DraftField]) {
        (self.path, self.fields) = (path, fields)
    }
}

public struct DraftField: Codable, Sendable, Equatable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
        (self.name, self.value) = (name, value)
    }
}

/// What the person of a session had typed when an earlier one ran out.
public struct ReadDraft: Query {
    public static let name = "identity.read-draft.v1"
    public typealias Reply = DraftReply

    public var audience: Audience
    public var handle: Data

    public init(audience: Audience, handle: Data) {
        (self.audience, self.handle) = (audience, handle)
    }
}

public struct DraftReply: Codable, Sendable, Equatable {
    public var draft: Draft?

    public init(draft: Draft? = nil) {
        self.draft = draft
    }
}

/// There is an e-mail to send about somebody's account.
public struct LetterWritten: Event, Equatable {
    public static let name = "identity.letter-written.v1"

    public var letter: ID<Letter>

    public init(letter: ID<Letter>) {
        self.letter = letter
    }
}

/// What people are called, by their accounts: for those who keep a trail of what they did. At most 100 at once.
public struct ReadAccountNames: Query {
    public static let name = "identity.read-account-names.v1"
    public struct Reply: Codable, Sendable, Equatable {
        public var names: [AccountName]

        public init(names: [AccountName]) { self.names = names }
    }

    public var accounts: [ID<Account>]

    public init(accounts: [ID<Account>]) { self.accounts = accounts }
}

public struct AccountName: Codable, Sendable, Equatable {
    public var account: ID<Account>
    public var name: String

    public init(account: ID<Account>, name: String) { (self.account, self.name) = (account, name) }
}

/// Since when somebody can see a patient's record in the portal: the patient, or who acts for them.
public struct ReadPortalAccess: Query {
    public static let name = "identity.read-portal-access.v1"
    public struct Reply: Codable, Sendable, Equatable {
        /// The first of those who can now; nil: nobody can.
        public var since: Date?

        public init(since: Date? = nil) { self.since = since }
    }

    public var patient: ID<Patient>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>) { self.patient = patient }
}

public struct AccountInvited: Event, Equatable {
    public static let name = "identity.account-invited.v1"

    public var invitation: ID<Invitation>
    public var patient: ID<Patient>?

    public init(invitation: ID<Invitation>, patient: ID<Patient>? = nil) {
        (self.invitation, self.patient) = (invitation, patient)
    }
}

public struct AccountActivated: Event, Equatable {
    public static let name = "identity.account-activated.v1"

    public var account: ID<Account>
    public var patient: ID<Patient>?

    public init(account: ID<Account>, patient: ID<Patient>? = nil) {
        (self.account, self.patient) = (account, patient)
    }
}

public struct SessionEnded: Event, Equatable {
    public static let name = "identity.session-ended.v1"

    public var session: ID<Session>
    /// Code: signed-out, expired, disabled, ended-by-owner, credentials-changed, role-changed.
    public var reason: String

    public init(session: ID<Session>, reason: String) {
        (self.session, self.reason) = (session, reason)
    }
}
