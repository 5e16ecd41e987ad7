import Access
import Contracts
import Faults
import Foundation
import MessageBus
import Postgres
import Synchronization
import Testing
import TestSupport

@testable import Identity

/// Who acts for whom: granted, taken up, over, withdrawn.
@Suite struct ProxyTests {
    /// A clock that a test turns.
    private final class Clock: Sendable {
        private let date: Mutex<Date>
        init(_ text: String) throws { date = Mutex(try Date(text, strategy: .iso8601)) }
        var now: Date { date.withLock { $0 } }
        func turn(to text: String) throws {
            let new = try Date(text, strategy: .iso8601)
            date.withLock { $0 = new }
        }
    }

    /// A clinic in Chicago, and Rosa, who is a patient there and is signed in.
    private struct Family {
        let desk: Desk
        let clock: Clock
        let own: ID<Patient>
        let child: ID<Patient>
        let handle: Data

        func session() async throws -> SessionView { try #require(try await desk.session(handle)) }

        func grant(
            _ patient: ID<Patient>? = nil, born: String = "2015-06-01", to email: String = "rosa@example.org", _ level: ProxyLevel = .full,
            as relationship: String = "parent", until: String? = nil, by token: ActorToken? = nil, proxy: ID<Proxy> = .init(), key: UUID = .v7()
        ) async throws -> Answer<GrantProxy> {
            try await desk.bus.request(
                GrantProxy(
                    proxy: proxy, patient: patient ?? child, birthDate: born, proxyName: "Rosa Diaz", email: email, relationship: relationship,
                    level: level, until: until, language: "es", key: key), as: token ?? desk.nurse)
        }

        func withdraw(
            _ proxy: ID<Proxy>, of patient: ID<Patient>? = nil, by token: ActorToken, _ reason: String? = nil
        ) async throws -> Answer<WithdrawProxy> {
            try await desk.bus.request(WithdrawProxy(proxy: proxy, patient: patient ?? child, reason: reason, key: .v7()), as: token)
        }

        func list(_ patient: ID<Patient>? = nil) async throws -> [ProxyLine] {
            try await desk.bus.ask(ReadProxies(patient: patient ?? child), as: desk.nurse).proxies
        }

        /// What was written about proxies, as the notification worker reads it.
        func letters() async throws -> [LetterView] {
            let worker = try await desk.service.keys.worker("notifications")
            var letters: [LetterView] = []
            for written in try await desk.service.emitted(LetterWritten.self) {
                if let letter = try await desk.bus.ask(ReadLetter(letter: written.letter), as: worker).letter { letters.append(letter) }
            }
            return letters
        }

        func changes() async throws -> [ProxyState] { try await desk.service.emitted(ProxyChanged.self).map(\.state) }
    }

    private func withFamily(at time: String = "2026-11-26T12:00:00Z", _ body: (Family) async throws -> Void) async throws {
        let clock = try Clock(time)
        try await withIdentity(clock: { clock.now }) { (desk: Desk) async throws in
            let clinic = CreateClinic(name: "Riverside", zone: "America/Chicago", invitation: .init(), key: .v7())
            guard case .done = try await desk.bus.request(clinic, as: desk.operatorToken) else { throw TryLater("no clinic") }
            let (own, handle) = (ID<Patient>(), Data.handle())
            try await desk.account("rosa@example.org", patient: own)
            guard try await desk.signIn("rosa@example.org", handle: handle).isDone else { throw TryLater("not signed in") }
            try await body(Family(desk: desk, clock: clock, own: own, child: .init(), handle: handle))
        }
    }

    @Test func aParentActsUntilTheBirthdaysByTheClinicsMidnight() async throws {
        try await withFamily { family in
            let proxy = ID<Proxy>()
            let ofAge = try Date("2033-06-01T05:00:00Z", strategy: .iso8601)
            #expect(try await family.grant(proxy: proxy) == .done(GrantedProxy(state: .granted, ends: ofAge)))
            let twelve = try Date("2027-06-01T05:00:00Z", strategy: .iso8601)
            let before = try await family.session()
            #expect(before.patients == [family.own, family.child])
            #expect(before.acting == [ActingFor(proxy: proxy, patient: family.child, level: .full, until: twelve)])
            // The token says the same.
            let actor = try await family.desk.service.keys.verifier.verify(.init(before.actorToken))
            #expect(actor.patients == before.patients && actor.acting == before.acting)

            try family.clock.turn(to: "2027-06-01T04:59:59Z")
            #expect(try await family.session().acting?.first?.level == .full)
            try family.clock.turn(to: "2027-06-01T05:00:00Z")
            #expect(try await family.session().acting == [ActingFor(proxy: proxy, patient: family.child, level: .limited, until: ofAge)])
            #expect(try await family.list().map(\.level) == [.limited])
            try family.clock.turn(to: "2033-06-01T04:59:59Z")
            #expect(try await family.session().acting?.count == 1)

            try family.clock.turn(to: "2033-06-01T05:00:00Z")
            let after = try await family.session()
            #expect(after.patients == [family.own] && after.acting == nil)
            #expect(try await family.list().map(\.state) == [.expired])
            let book = ProxyBook(try requests(family.desk), clock: { family.clock.now })
            #expect(try await family.desk.service.pool.asWorker(of: "identity", book.expireProxies) == 1)
            #expect(try await family.desk.service.pool.asWorker(of: "identity", book.expireProxies) == 0)
            #expect(try await family.changes() == [.granted, .expired])
            #expect(try await family.list().map(\.state) == [.expired])
        }
    }

    private func requests(_ desk: Desk) throws -> AccountRequestBook {
        AccountRequestBook(
            sealer: desk.service.sealer, throttle: Throttle(key: desk.service.keys.auditKey), codes: OneTimeCodes(key: desk.service.keys.auditKey))
    }

    @Test func aBirthdayOnTheLeapDayIsTheDayBefore() async throws {
        try await withFamily { family in
            let ends = try Date("2030-02-28T06:00:00Z", strategy: .iso8601)
            #expect(try await family.grant(born: "2012-02-29", .limited) == .done(GrantedProxy(state: .granted, ends: ends)))
        }
    }

    @Test func aLastDayEndsItWithTheMidnightAfter() async throws {
        try await withFamily { family in
            let ends = try Date("2026-12-02T06:00:00Z", strategy: .iso8601)
            #expect(try await family.grant(until: "2026-12-01") == .done(GrantedProxy(state: .granted, ends: ends)))
            try family.clock.turn(to: "2026-12-02T05:59:59Z")
            #expect(try await family.session().acting?.first?.until == ends)
            try family.clock.turn(to: "2026-12-02T06:00:00Z")
            #expect(try await family.session().acting == nil)
        }
    }

    @Test func whoGrantsWhatToWhom() async throws {
        try await withFamily { family in
            let adult = ID<Patient>()
            let (me, teenager) = (try await family.desk.service.keys.patient(adult), try await family.desk.service.keys.patient(family.child))
            // An adult by nobody else, a minor by the desk alone.
            #expect(try await family.grant(adult, born: "1961-03-14") == .refused(.ofAge))
            #expect(try await family.grant(born: "2010-06-01", .limited, by: teenager) == .refused(.notOfAge))
            #expect(try await family.grant(born: "2010-06-01", .full) == .refused(.limitedAtMost))
            #expect(try await family.grant(born: "2015-06") == .refused(.birthDateMissing))
            #expect(try await family.grant(born: "2015-02-30") == .refused(.birthDateMissing))
            #expect(try await family.grant(as: "neighbour") == .refused(.unknownRelationship))
            #expect(try await family.grant(to: "rosa") == .refused(.notAnAddress))
            #expect(try await family.grant(until: "2026-11-25") == .refused(.untilNotGood))
            #expect(try await family.grant(until: "soon") == .refused(.untilNotGood))
            let rosa = try await family.desk.service.keys.patient(family.own)
            #expect(try await family.grant(family.own, born: "1961-03-14", by: rosa) == .refused(.oneself))

            let (proxy, key) = (ID<Proxy>(), UUID.v7())
            for _ in 0..<2 { #expect(try await family.grant(adult, born: "1961-03-14", by: me, proxy: proxy, key: key).isDone) }
            #expect(try await family.grant(adult, born: "1961-03-14", by: me) == .refused(.alreadyGranted))
            #expect(try await family.list(adult).map(\.proxy) == [proxy])
            #expect(try await family.session().acting == [ActingFor(proxy: proxy, patient: adult, level: .full)])
            let bodies = try await family.desk.read("SELECT encode(body, 'escape') FROM proxy", as: String.self)
            #expect(!bodies.isEmpty && !bodies.contains { $0.contains("Diaz") || $0.contains("rosa") })
        }
    }

    @Test func whatIsWithdrawnIsGoneAtOnceAndToldToThePatient() async throws {
        try await withFamily { family in
            let proxy = ID<Proxy>()
            _ = try await family.grant(proxy: proxy)
            let desk = try await family.desk.service.keys.staff(.frontDesk)
            #expect(try await family.withdraw(proxy, by: desk) == .refused(.unknownReason))
            #expect(try await family.withdraw(proxy, by: desk, "no-reason-at-all") == .refused(.unknownReason))
            // Not the child's own to end, nor another proxy's.
            let teenager = try await family.desk.service.keys.patient(family.child)
            #expect(try await family.withdraw(proxy, by: teenager) == .refused(.notFound))
            let another = try await family.desk.service.keys.proxy(for: family.child)
            #expect(try await family.withdraw(proxy, by: another) == .refused(.notFound))
            #expect(try await family.session().acting?.count == 1)

            #expect(try await family.withdraw(proxy, by: desk, "court-order") == .done(Done()))
            #expect(try await family.session().acting == nil)
            #expect(try await family.withdraw(proxy, by: desk, "court-order") == .refused(.notFound))
            let line = try #require(try await family.list().first)
            #expect(line.state == .withdrawn && line.reason == "court-order" && line.ended != nil && line.name == "Rosa Diaz")
            let event = try #require(try await family.desk.service.emitted(ProxyChanged.self).last)
            let account = try await family.session().account
            #expect(event == ProxyChanged(proxy: proxy, patient: family.child, account: account, state: .withdrawn))
            let letters = try await family.letters()
            #expect(letters.map(\.kind) == ["proxy-granted", "proxy-withdrawn"])
            #expect(letters.allSatisfy { $0.patient == family.child && $0.to.isEmpty && $0.code == nil })

            // Granted anew it is another one.
            #expect(try await family.grant().isDone)
            #expect(try await family.session().acting?.first?.proxy != proxy)
        }
    }

    @Test func eitherSideEndsWhatAnAdultGranted() async throws {
        try await withFamily { family in
            let adult = ID<Patient>()
            let me = try await family.desk.service.keys.patient(adult)
            for byRosa in [true, false] {
                let proxy = ID<Proxy>()
                #expect(try await family.grant(adult, born: "1961-03-14", by: me, proxy: proxy).isDone)
                let account = try await family.session().account
                let rosa = try await family.desk.service.keys.proxy(for: adult, .limited, proxy: proxy, account: account)
                #expect(try await family.withdraw(proxy, of: adult, by: byRosa ? rosa : me) == .done(Done()))
                #expect(try await family.session().acting == nil)
                #expect(try await family.list(adult).first { $0.proxy == proxy }?.reason == (byRosa ? "by-proxy" : "by-patient"))
            }
        }
    }

    @Test func whoHasNoAccountGetsACodeThatIsGoodWithThePatientsBirthDate() async throws {
        try await withFamily { family in
            let adult = ID<Patient>()
            let me = try await family.desk.service.keys.patient(adult)
            let proxy = ID<Proxy>()
            let invited = try await family.grant(adult, born: "1961-03-14", to: "Leo@Example.org", .limited, by: me, proxy: proxy)
            #expect(invited == .done(GrantedProxy(state: .invited)))
            let letter = try #require(try await family.letters().first { $0.kind == "proxy-invitation" })
            let code = try #require(letter.code)
            #expect(letter.to == "leo@example.org" && letter.language == "es" && letter.patient == nil)

            #expect(try await family.desk.activate(code, birthDate: "1961-03-15", username: "leo@example.org") == .refused(.codeNotGood))
            guard case .done(let opened) = try await family.desk.activate(code, birthDate: "1961-03-14", username: "leo@example.org") else {
                Issue.record("the code is not good")
                return
            }
            let handle = Data.handle()
            #expect(try await family.desk.signIn("leo@example.org", handle: handle).isDone)
            let session = try #require(try await family.desk.session(handle))
            #expect(session.account == opened.account && session.patients == [adult])
            #expect(session.acting == [ActingFor(proxy: proxy, patient: adult, level: .limited)])
            #expect(try await family.list(adult).map(\.state) == [.granted])
            #expect(try await family.changes() == [.invited, .granted])
            let names = try await family.desk.bus.ask(
                ReadAccountNames(accounts: [opened.account]), as: family.desk.service.keys.worker("audit")
            ).names
            #expect(names.map(\.name) == ["Rosa Diaz"])
            // Nobody who works here sees it among the codes for colleagues.
            let administrator = try await family.desk.service.keys.staff(.administrator)
            _ = try await family.grant(adult, born: "1961-03-14", to: "ida@example.org", by: me)
            #expect(try await family.desk.bus.ask(ReadStaff(), as: administrator).invitations.allSatisfy { $0.role != "patient" })
        }
    }

    /// Since when a record can be seen in the portal, whoever sees it; and by nobody any more once the last is gone.
    @Test func sinceWhenARecordIsSeenInThePortalIsKnown() async throws {
        try await withFamily { family in
            let worker = try await family.desk.service.keys.worker("notifications")
            func since(_ patient: ID<Patient>) async throws -> Date? {
                try await family.desk.bus.ask(ReadPortalAccess(patient: patient), as: worker).since
            }
            #expect(try await since(family.own) != nil)
            #expect(try await since(family.child) == nil)
            let (proxy, invited) = (ID<Proxy>(), ID<Proxy>())
            #expect(try await family.grant(to: "leo@example.org", proxy: invited).isDone)
            #expect(try await since(family.child) == nil)
            #expect(try await family.grant(proxy: proxy).isDone)
            #expect(try await since(family.child) == family.clock.now)
            #expect(try await family.withdraw(proxy, by: family.desk.nurse, "asked").isDone)
            #expect(try await since(family.child) == nil)
        }
    }

    @Test func nobodyActsForWhoHasDied() async throws {
        try await withFamily { family in
            #expect(try await family.grant().isDone)
            #expect(try await family.grant(to: "leo@example.org").isDone)
            for version in 2...3 {
                try await family.desk.service.hear(
                    PatientDeceased(patient: family.child, version: version), handler: "end-proxies-on-patient-deceased")
            }
            #expect(try await family.session().acting == nil)
            #expect(try await family.list().map(\.reason) == ["patient-deceased", "patient-deceased"])
            #expect(try await family.changes() == [.granted, .invited, .withdrawn, .withdrawn])
        }
    }

    @Test func aCodeIsNoGoodOnceItsProxyIsWithdrawn() async throws {
        try await withFamily { family in
            let (proxy, desk) = (ID<Proxy>(), try await family.desk.service.keys.staff(.frontDesk))
            #expect(try await family.grant(to: "leo@example.org", proxy: proxy).isDone)
            let code = try #require(try await family.letters().first { $0.kind == "proxy-invitation" }?.code)
            #expect(try await family.withdraw(proxy, by: desk, "mistake") == .done(Done()))
            #expect(try await family.desk.activate(code, birthDate: "2015-06-01", username: "leo@example.org") == .refused(.codeNotGood))
            #expect(try await family.letters().map(\.kind) == ["proxy-granted", "proxy-withdrawn"])
        }
    }
}
