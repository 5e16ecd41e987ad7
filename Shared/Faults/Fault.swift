internal import Foundation
internal import Synchronization

/// Guards that can be taken away on purpose, so that a test can show that it would notice. In debug builds only: a release build knows none of them,
/// and refuses to start when `CHARTLINE_FAULTS` is set.
public enum Fault: String, CaseIterable, Sendable {
    /// The relay takes an event for published as soon as it is sent, confirmed or not.
    case relayTrustsSending = "relay-trusts-sending"
    /// A mandatory message that came back counts as taken when the broker confirms it, which it does.
    case returnsIgnored = "returns-ignored"
    /// What a transaction emits is not in the outbox.
    case emitForgets = "emit-forgets"
    /// A subscriber's effect is committed without its inbox row.
    case inboxForgets = "inbox-forgets"
    /// The inbox tells messages apart, but not the subscribers that hear them.
    case inboxIgnoresHandler = "inbox-ignores-handler"
    /// An event is acked when it arrives, not when its effect is committed.
    case ackBeforeCommit = "ack-before-commit"
    /// A consumer that starts takes all it may at once, although the last one may have died of it.
    case startsCarefree = "starts-carefree"
    /// A dead letter is taken for kept as soon as it is sent.
    case deadLettersUnconfirmed = "dead-letters-unconfirmed"
    /// An event of an older version is applied over a newer one.
    case versionsIgnored = "versions-ignored"
    /// A lost answer to COMMIT is told as a failure, without a look at the key.
    case unknownIsFailure = "unknown-is-failure"
    /// COMMIT that PostgreSQL answers with the tag ROLLBACK counts as committed.
    case commitTagIgnored = "commit-tag-ignored"
    /// Role and patients of a transaction stay with its connection.
    case contextOutlives = "context-outlives"
    /// A broker that says nothing is waited for.
    case brokerSilenceBelieved = "broker-silence-believed"
    /// A database that says nothing is waited for.
    case databaseSilenceBelieved = "database-silence-believed"
    /// Who is told `unavailable` asks again at once.
    case askersInsist = "askers-insist"
    /// Every request looks for a missing queue by itself.
    case everyoneProbes = "everyone-probes"
    /// Waits before another try are all of one length.
    case retriesInStep = "retries-in-step"
    /// Stopping does not wait for what is at work.
    case drainGivesUp = "drain-gives-up"
    /// A connection to the broker that fails is not tried again.
    case linkGivesUp = "link-gives-up"
    /// Two sealers of one trail work at the same time, each from what it remembers.
    case sealersTogether = "sealers-together"
    /// An answer goes out although its audit entry could not be written.
    case trailNotNeeded = "trail-not-needed"
    /// The password of somebody who has no account, or none with a password, is refused without being hashed.
    case strangersUnhashed = "strangers-unhashed"
    /// A key's version that a process has not seen yet is one that does not exist.
    case versionsAreCached = "versions-are-cached"
    /// Old text is taken for sealed anew without a second look, when writers may still seal with the old key.
    case resealingTrustsItself = "resealing-trusts-itself"
    /// A copy of keys is put back as it is.
    case destroyedComesBack = "destroyed-comes-back"
    /// A practice patient is a patient like any other.
    case practiceIsReal = "practice-is-real"
    /// What leaves the clinic is noted nowhere.
    case exportsAreUnaccounted = "exports-are-unaccounted"
    /// What people want to be written about is not looked at before a message leaves.
    case wishesIgnored = "wishes-ignored"
    /// Whoever sends documents sends as many as they like.
    case uploadsAreUnlimited = "uploads-are-unlimited"
    /// Holds are not looked at.
    case holdsAreIgnored = "holds-are-ignored"
    /// An order or a result goes from any state to any other.
    case statesAreFree = "states-are-free"
    /// Whoever acknowledged a result is not asked again when it is corrected.
    case seenIsSeen = "seen-is-seen"
    /// Nobody is told that a result was corrected.
    case correctionsAreSilent = "corrections-are-silent"
    /// A patient who waits for the clinic's comment sees results at once.
    case resultsDoNotWait = "results-do-not-wait"
    /// What nobody has answered for in time stays with whoever ordered it.
    case nothingEscalates = "nothing-escalates"
    /// Of two administrators who change a note template the second writes over the first.
    case templatesOverwrite = "templates-overwrite"
    /// The same of hours and kinds of visit.
    case hoursOverwrite = "hours-overwrite"
    /// The same of places.
    case placesOverwrite = "places-overwrite"
    /// The same of what is said of the clinic.
    case textsOverwrite = "texts-overwrite"
    /// The same of what is said of people who work here.
    case staffOverwrite = "staff-overwrite"
    /// The last administrator may go.
    case lastAdministratorGoes = "last-administrator-goes"
    /// A visit is moved whatever became of it since it was read.
    case movesOverwrite = "moves-overwrite"
    /// A visit goes from any state to any other.
    case visitsGoAnywhere = "visits-go-anywhere"

    // Lines of the access policy, each taken away alone.

    /// A patient's account sees any record.
    case anyRecordIsOwn = "any-record-is-own"
    /// What a role never sees it does.
    case everyRoleSeesAll = "every-role-sees-all"
    /// The roles a rule names do not matter.
    case rolesAreAlike = "roles-are-alike"
    /// No treatment relationship is needed.
    case everybodyTreats = "everybody-treats"
    /// Any clinician of a place treats everybody who comes there.
    case siteIsEnough = "site-is-enough"
    /// A visit, past or to come, is a relationship for ever.
    case visitsLastForEver = "visits-last-for-ever"
    /// A care team is one whatever its period says.
    case teamsLastForEver = "teams-last-for-ever"
    /// That a patient denies everything is kept, and not acted on.
    case consentIsFiled = "consent-is-filed"
    /// Where consent cannot be looked up there is none against it.
    case unknownConsentPermits = "unknown-consent-permits"
    /// A document that was shared is shared for ever.
    case sharesLastForEver = "shares-last-for-ever"
    /// What was shared is open whatever the patient says.
    case sharesGoFirst = "shares-go-first"
    /// This machine's clock is a day ahead, or behind; and is believed for when messages are due.
    case clockDayAhead = "clock-day-ahead"
    case clockDayBehind = "clock-day-behind"
    case ownClockBelieved = "own-clock-believed"
    /// The billing office opens every document.
    case officeOpensAll = "office-opens-all"
    /// Whoever pays one bill of a patient opens all of them.
    case payersOpenAll = "payers-open-all"
    /// Kinds of information a patient keeps back are shown.
    case kindsAreAlike = "kinds-are-alike"
    /// The glass once broken stays so.
    case glassStaysBroken = "glass-stays-broken"
    /// What one broke is broken for everybody.
    case glassIsBrokenForAll = "glass-is-broken-for-all"
    /// Staff do what is the operator's.
    case staffOperates = "staff-operates"
    /// Any service asks what one may.
    case workersAreAlike = "workers-are-alike"
    /// Any gateway asks what one may.
    case gatewaysAreAlike = "gateways-are-alike"
    /// Lists hold everybody.
    case listsHoldAll = "lists-hold-all"
    /// A token is believed unread.
    case tokensAreBelieved = "tokens-are-believed"
    /// A token is good after its last moment.
    case tokensLastForEver = "tokens-last-for-ever"
    /// A token is good wherever it was meant for.
    case audienceIgnored = "audience-ignored"
    /// Whoever holds a token may use it.
    case bearersAreBelieved = "bearers-are-believed"
    /// A token outlives its session.
    case sessionsLastForEver = "sessions-last-for-ever"

    /// A token outlives the proxies in it.
    case proxiesLastForEver = "proxies-last-for-ever"
    /// Who may see a part of a record sees all of it.
    case limitsAreIgnored = "limits-are-ignored"
    /// Who acts for a patient lets others in, as the patient does.
    case proxiesAreThemselves = "proxies-are-themselves"

    /// Whether the guard is away at this moment.
    public var isOn: Bool {
        #if DEBUG
            Self.away.withLock { $0.contains(self) }
        #else
            false
        #endif
    }

    #if DEBUG
        private static let away = Mutex(
            Set((ProcessInfo.processInfo.environment["CHARTLINE_FAULTS"] ?? "").split(separator: ",").compactMap { Fault(rawValue: String($0)) }))

        /// Runs `body` without this guard; for tests in one process, one at a time.
        package func injected<R>(_ body: () async throws -> R) async rethrows -> R {
            Self.away.withLock { _ = $0.insert(self) }
            defer { Self.away.withLock { _ = $0.remove(self) } }
            return try await body()
        }

        /// The same for what does not wait.
        package func injectedNow<R>(_ body: () throws -> R) rethrows -> R {
            Self.away.withLock { _ = $0.insert(self) }
            defer { Self.away.withLock { _ = $0.remove(self) } }
            return try body()
        }
    #endif
}
