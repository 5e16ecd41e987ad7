import Access
import Contracts
import Faults
import Foundation
import Testing

/// The one decision, case by case: who asks, how they take part in the treatment, what the patient wants, what is asked for.
@Suite(.serialized) struct DecisionTests {
    private static let patient = ID<Patient>()
    private static let me = ID<Practitioner>()
    private static let later = Date(timeIntervalSince1970: 2_000_000_000)

    private static func actor(_ role: Role, patients: [ID<Patient>] = []) -> Actor {
        Actor(issuer: "identity", role: role, account: .init(), practitioner: me, patients: patients, purpose: "treatment")
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let actor: Actor
        let content: Content
        var kinds: Sensitivity = []
        let facts: AccessFacts
        let expected: Decision
        var testDescription: String { name }

        init(_ name: String, _ actor: Actor, _ content: Content, _ facts: AccessFacts, kinds: Sensitivity = [], _ expected: Decision) {
            (self.name, self.actor, self.content, self.facts, self.kinds, self.expected) = (name, actor, content, facts, kinds, expected)
        }

        /// Where facts do not matter.
        init(_ name: String, _ actor: Actor, _ content: Content, _ expected: Decision) {
            self.init(name, actor, content, AccessFacts(), expected)
        }
    }

    private static func proxy(_ level: ProxyLevel) -> Actor {
        let acting = ActingFor(proxy: .init(), patient: patient, level: level)
        return Actor(issuer: "identity", role: .patient, account: .init(), patients: [.init(), patient], acting: [acting], purpose: "own-record")
    }

    private static func rule(_ permits: Bool, _ recipient: ConsentRule.Recipient, _ kind: Sensitivity? = nil) -> ConsentRule {
        ConsentRule(permits: permits, recipient: recipient, kind: kind)
    }

    private static func team(_ consent: [ConsentRule]?) -> AccessFacts { AccessFacts(treatment: .team, consent: consent) }

    static let cases: [Case] = [
        Case("a patient, own record", actor(.patient, patients: [patient]), .clinical, .allow),
        Case("a patient, another's record", actor(.patient, patients: [.init()]), .clinical, .deny(.otherRecord)),
        Case("a patient, what they decide", actor(.patient, patients: [patient]), .wishes, .allow),
        Case("a patient's proxy", proxy(.full), .clinical, .allow),
        Case("a patient's proxy, a sensitive thing", proxy(.full), .clinical, AccessFacts(), kinds: .hiv, .allow),
        Case("a patient's proxy, what the patient decides", proxy(.full), .wishes, .allow),
        Case("a limited proxy, a list", proxy(.limited), .clinical, .allow(Granted(withheld: .all))),
        Case("a limited proxy, visits", proxy(.limited), .schedule, .allow(Granted(withheld: .all))),
        Case("a limited proxy, a sensitive thing", proxy(.limited), .clinical, AccessFacts(), kinds: .behavioralHealth, .deny(.sensitive)),
        Case("a limited proxy, what the patient decides", proxy(.limited), .wishes, .deny(.limited)),
        Case("a proxy whose time is over", proxy(.full).without { _ in true }, .clinical, .deny(.otherRecord)),
        Case("a clinician, what the patient decides", actor(.clinician), .wishes, team([rule(true, .everybody)]), .deny(.role)),
        Case("a patient who acts for nobody", actor(.patient), .demographics, .deny(.otherRecord)),
        Case("a patient denies everybody, and still sees", actor(.patient, patients: [patient]), .clinical, team([rule(false, .everybody)]), .allow),

        Case("a clinician of the team", actor(.clinician), .clinical, team([]), .allow),
        Case("a clinician with a visit", actor(.clinician), .clinical, AccessFacts(treatment: .visit), .allow),
        Case("a clinician of the place alone", actor(.clinician), .clinical, AccessFacts(treatment: .site), .breakGlass(.treatment)),
        Case("a nurse of the place", actor(.nurse), .clinical, AccessFacts(treatment: .site), .allow),
        Case("a nurse of another place", actor(.nurse), .clinical, AccessFacts(), .breakGlass(.treatment)),
        Case("a clinician off the team, visits", actor(.clinician), .schedule, AccessFacts(), .breakGlass(.treatment)),
        Case("a clinician off the team, finding", actor(.clinician), .demographics, AccessFacts(), .allow),

        Case("the desk, visits", actor(.frontDesk), .schedule, .allow),
        Case("the desk, the record", actor(.frontDesk), .clinical, team([]), .deny(.role)),
        Case("the desk with permission, the record", actor(.frontDesk), .clinical, team([rule(true, .everybody)]), .deny(.role)),
        Case("the desk breaks no glass", actor(.frontDesk), .clinical, AccessFacts(glassBrokenUntil: later), .deny(.role)),
        Case("an administrator, the record", actor(.administrator), .clinical, team([]), .deny(.role)),
        Case("the billing office, visits", actor(.billingOffice), .schedule, .deny(.role)),
        Case("the billing office, who it is", actor(.billingOffice), .demographics, .allow),
        Case("the operator sees nobody", actor(.operator), .demographics, .deny(.role)),
        Case("a service sees nobody", actor(.worker), .clinical, team([]), .deny(.role)),
        Case("nobody sees nobody", actor(.anonymous), .demographics, .deny(.role)),

        Case("denied to everybody", actor(.clinician), .clinical, team([rule(false, .everybody)]), .breakGlass(.consent)),
        Case("denied to the role", actor(.nurse), .clinical, team([rule(false, .role(.nurse))]), .breakGlass(.consent)),
        Case("denied to another role", actor(.clinician), .clinical, team([rule(false, .role(.nurse))]), .allow),
        Case("denied to the person", actor(.clinician), .schedule, team([rule(false, .practitioner(me))]), .breakGlass(.consent)),
        Case("denied to another person", actor(.clinician), .clinical, team([rule(false, .practitioner(.init()))]), .allow),
        Case(
            "denied to all but this person", actor(.clinician), .clinical, team([rule(true, .practitioner(me)), rule(false, .everybody)]), .allow),
        Case(
            "permitted to all but this person", actor(.clinician), .clinical, team([rule(false, .practitioner(me)), rule(true, .everybody)]),
            .breakGlass(.consent)),
        Case(
            "permitted and denied alike", actor(.clinician), .clinical, team([rule(false, .role(.clinician)), rule(true, .role(.clinician))]),
            .breakGlass(.consent)),
        Case("permitted though off the team", actor(.clinician), .clinical, AccessFacts(consent: [rule(true, .practitioner(me))]), .allow),
        Case("not known, on the team", actor(.clinician), .clinical, team(nil), .breakGlass(.consentUnknown)),

        Case(
            "a kind denied, a list", actor(.clinician), .clinical, team([rule(false, .everybody, .hiv)]), .allow(Granted(withheld: .hiv))),
        Case(
            "a kind denied, a thing of it", actor(.clinician), .clinical, team([rule(false, .role(.clinician), .hiv)]), kinds: [.hiv],
            .breakGlass(.sensitive)),
        Case(
            "a kind denied, a thing of another", actor(.clinician), .clinical, team([rule(false, .everybody, .hiv)]), kinds: .genetic,
            .allow(Granted(withheld: .hiv))),
        Case(
            "a kind denied to all but this person", actor(.clinician), .clinical,
            team([rule(false, .everybody, .hiv), rule(true, .practitioner(me), .hiv)]), kinds: .hiv, .allow),
        Case(
            "everything permitted to the person, a kind denied to all", actor(.clinician), .clinical,
            team([rule(true, .practitioner(me)), rule(false, .everybody, .violence)]), .allow(Granted(withheld: .violence))),

        Case(
            "the glass is broken", actor(.clinician), .clinical, AccessFacts(consent: [rule(false, .everybody)], glassBrokenUntil: later),
            kinds: .hiv,
            .allow(Granted(glassBrokenUntil: later))),
        Case(
            "the glass is broken, consent is not known", actor(.nurse), .clinical, AccessFacts(consent: nil, glassBrokenUntil: later),
            .allow(Granted(glassBrokenUntil: later))),
    ]

    @Test(arguments: cases) func isAsTheTableSays(_ one: Case) {
        #expect(one.actor.decide(on: one.content, of: Self.patient, kinds: one.kinds, one.facts) == one.expected)
    }

    @Test func aLineOfThePolicyThatIsTakenAwayIsNoticed() async {
        let lines: [Fault] = [
            .anyRecordIsOwn, .everyRoleSeesAll, .everybodyTreats, .siteIsEnough, .consentIsFiled, .unknownConsentPermits, .kindsAreAlike,
            .limitsAreIgnored,
        ]
        for line in lines {
            let wrong = await line.injected {
                Self.cases.filter { $0.actor.decide(on: $0.content, of: Self.patient, kinds: $0.kinds, $0.facts) != $0.expected }
            }
            #expect(!wrong.isEmpty, "\(line) is not missed")
        }
    }

    /// A share stands in for treating the patient, and for nothing else.
    @Test func aShareOpensOneDocumentAndGoesBeforeNothing() {
        let document = ID<Resource>()
        var byShare = Granted()
        byShare.basis = "share"
        func decided(_ role: Role = .clinician, kinds: Sensitivity = [], says consent: [ConsentRule]? = [], shared: Bool = true) -> Decision {
            let facts = AccessFacts(consent: consent, glassBrokenUntil: Self.later, shared: shared ? [document: kinds] : [.init(): []])
            return Rule.sharedWith.decide(Self.actor(role), [Self.patient], [Self.patient: facts], shared: document)
        }
        #expect(decided() == .allow(byShare))
        #expect(decided(.nurse) == .allow(byShare))
        #expect(decided(shared: false) == .deny(.notShared))
        for role in Role.allCases where role != .clinician && role != .nurse { #expect(decided(role) == .deny(.role), "\(role)") }
        #expect(decided(says: [Self.rule(false, .everybody)]) == .deny(.consent))
        #expect(decided(says: nil) == .deny(.consentUnknown))
        #expect(decided(kinds: .hiv) == .allow(byShare))
        #expect(decided(kinds: .hiv, says: [Self.rule(false, .practitioner(Self.me), .hiv)]) == .deny(.sensitive))
        #expect(decided(kinds: .genetic, says: [Self.rule(false, .everybody, .hiv)]).isAllowed)
        let first = Fault.sharesGoFirst.injectedNow { decided(says: [Self.rule(false, .everybody)]) }
        #expect(first == .allow(byShare))
        // Without a document that is asked for there is nothing to decide on.
        let facts = [Self.patient: AccessFacts(shared: [document: []])]
        #expect(Rule.sharedWith.decide(Self.actor(.clinician), [Self.patient], facts) == .deny(.role))
        #expect((Rule.careTeam || .sharedWith).decide(Self.actor(.clinician), [Self.patient], facts) == .breakGlass(.treatment))
    }

    /// Whom a bill was issued to opens that one, and so does whoever decides for them; nobody else.
    @Test func aBillOpensForWhomItWasIssuedTo() {
        let (bill, payer) = (UUID(), ID<Patient>())
        var granted = Granted()
        granted.basis = "guarantor"
        func decided(_ actor: Actor, bill asked: UUID? = nil) -> Decision {
            let facts = [Self.patient: AccessFacts(billedTo: [bill: payer])]
            return (Rule.ownWishes || .billedTo).decide(actor, [Self.patient], facts, bill: asked ?? bill)
        }
        func acting(_ level: ProxyLevel) -> Actor {
            let acting = ActingFor(proxy: .init(), patient: payer, level: level)
            return Actor(issuer: "identity", role: .patient, account: .init(), patients: [.init(), payer], acting: [acting], purpose: "own-record")
        }
        #expect(decided(Self.actor(.patient, patients: [payer])) == .allow(granted))
        #expect(decided(acting(.full)) == .allow(granted))
        #expect(!decided(acting(.limited)).isAllowed)
        #expect(!decided(Self.actor(.patient, patients: [.init()])).isAllowed)
        #expect(!decided(Self.actor(.patient, patients: [payer]), bill: UUID()).isAllowed)
        for role in Role.allCases where role != .patient { #expect(!decided(Self.actor(role, patients: [payer])).isAllowed, "\(role)") }
        #expect(!Rule.ownWishes.needsPayers(Self.actor(.patient)) && Rule.billedTo.needsPayers(Self.actor(.patient)))
        #expect(!Rule.billedTo.needsPayers(Self.actor(.nurse)))
    }

    /// What a patient does alone, whoever acts for them.
    @Test func aProxyIsNotThePatient() {
        let themselves = Self.actor(.patient, patients: [Self.patient])
        #expect(Rule.themselves.decide(themselves, [Self.patient]) == .allow)
        #expect(Rule.themselves.decide(Self.proxy(.full), [Self.patient]) == .deny(.notThemselves))
        #expect(Rule.themselves.decide(Self.proxy(.full), [.init()]) == .deny(.otherRecord))
        #expect(Rule.themselves.decide(themselves, []) == .deny(.noPatient))
        #expect(Rule.ownWishes.decide(Self.proxy(.full), [Self.patient]) == .allow)
        #expect(Rule.ownWishes.decide(Self.proxy(.limited), [Self.patient]) == .deny(.limited))
        #expect(Rule.ownRecord.decide(Self.proxy(.limited), [Self.patient]) == .allow(Granted(withheld: .all)))
        let everybody = Fault.proxiesAreThemselves.injectedNow { Rule.themselves.decide(Self.proxy(.full), [Self.patient]) }
        #expect(everybody == .allow)
    }

    /// Nobody gets more because the patient said no once more, and nobody less because of a yes.
    @Test func consentOnlyEverTightensByADenialAndLoosensByAPermission() {
        var random = SystemRandomNumberGenerator()
        let recipients: [ConsentRule.Recipient] = [.everybody, .role(.nurse), .role(.clinician), .practitioner(Self.me), .practitioner(.init())]
        func sees(_ facts: AccessFacts, _ actor: Actor) -> (Bool, Sensitivity) {
            guard case .allow(let granted) = actor.decide(on: .clinical, of: Self.patient, facts) else { return (false, []) }
            return (true, granted.withheld)
        }
        for _ in 0..<5_000 {
            func line(_ permits: Bool) -> ConsentRule {
                let kind: Sensitivity? = Bool.random() ? nil : Sensitivity.kinds.randomElement(using: &random)?.kind
                return Self.rule(permits, recipients.randomElement(using: &random) ?? .everybody, kind)
            }
            let actor = Self.actor(Bool.random() ? .nurse : .clinician)
            let before = AccessFacts(
                treatment: Treatment.allCases.randomElement(using: &random) ?? .none,
                consent: (0..<Int.random(in: 0...4)).map { _ in line(Bool.random()) })
            var (denied, permitted) = (before, before)
            denied.consent?.append(line(false))
            permitted.consent?.append(line(true))
            let (now, less, more) = (sees(before, actor), sees(denied, actor), sees(permitted, actor))
            #expect(!less.0 || now.0)
            #expect(!now.0 || more.0)
            if less.0, now.0 { #expect(less.1.isSuperset(of: now.1)) }
            if more.0, now.0 { #expect(now.1.isSuperset(of: more.1)) }
        }
    }
}
