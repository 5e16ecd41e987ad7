import Access
import Contracts
import Foundation
import MessageBus
import Synchronization
import Testing
@testable import Web

/// What pages say of the clinic, whoever is away.
@Suite struct ClinicFactsTests {
    /// Stands for identity and records on the other side of the bus.
    private final class Owners: Bus {
        struct State {
            var isAway = false
            var hasPicture = true
            var texts: ClinicTexts?
            var asked = 0
        }
        let state = Mutex(State())

        func request<R: Contracts.Request>(_ request: R, as token: ActorToken?, within timeout: Duration) async throws(BusError) -> Answer<R> {
            let now = state.withLock { state in
                if request is ReadClinicLogo { state.asked += 1 }
                return state
            }
            guard !now.isAway else { throw .unavailable }
            let place = DirectoryLocation(id: ID(), name: "Elm", address: "12 Elm Street", phone: "555-0100", zone: "America/Chicago")
            let reply: (any Sendable)? =
                switch request {
                case is ReadClinic: ClinicSettings(name: now.texts?.name ?? "Riverside", zone: "America/Chicago", texts: now.texts)
                case is ReadDirectory: Directory(practitioners: [], locations: [place])
                case is ReadClinicLogo where now.hasPicture: ReadClinicLogo.Reply(bytes: Data([1, 2, 3]))
                default: nil
                }
            guard let reply = reply as? R.Reply else { throw .unavailable }
            return .done(reply)
        }
    }

    private let logo = ClinicLogo(digest: "d1", type: "image/png", width: 640, height: 64)

    @Test func theLastThatWasKnownIsShownWhileItsOwnerIsAway() async throws {
        let owners = Owners()
        let facts = ClinicFacts(owners, isDemo: false)
        await facts.refresh()
        #expect(facts.site.name == "Riverside" && facts.site.phone == "555-0100" && facts.site.logo == nil && facts.site.emergency.isEmpty)
        let texts = ClinicTexts(
            name: "Oak", phone: "555-0111", emergency: ["en": "Call <911>.", "es": ""], welcome: ["en": "Hi"], logoAlt: "An oak", logo: logo)
        owners.state.withLock { $0.texts = texts }
        await facts.refresh()
        await facts.refresh()
        owners.state.withLock { ($0.isAway, $0.texts) = (true, nil) }
        await facts.refresh()
        #expect(facts.site.name == "Oak" && facts.site.phone == "555-0111" && facts.site.welcome == ["en": "Hi"])
        #expect(facts.site.emergency == ["en": "Call <911>."], "what says nothing is none")
        #expect(facts.site.logo?.digest == "d1" && facts.logo("d1") != nil && owners.state.withLock { $0.asked } == 1)
        // A picture that did not come is not shown, and asked for again.
        owners.state.withLock { state in
            (state.isAway, state.hasPicture, state.texts) = (false, false, texts)
            state.texts?.logo?.digest = "d2"
        }
        await facts.refresh()
        #expect(facts.site.logo?.digest == "d1")
        owners.state.withLock { $0.hasPicture = true }
        await facts.refresh()
        #expect(facts.site.logo?.digest == "d2" && facts.logo("d1") != nil, "pages still open show the old one")
        owners.state.withLock { $0.texts?.logo = nil }
        await facts.refresh()
        #expect(facts.site.logo == nil)
    }

    @Test func itIsOnEveryPageInTheRoomThereIs() throws {
        var site = Site(name: "Oak", zone: try #require(Zone("America/Chicago")), isDemo: false)
        site.emergency = ["en": "Call <911>."]
        site.logo = Logo(logo, Data([1]), alt: "An \"oak\"")
        let t = try Texts(folders: []).wording(in: .english)
        let page = Frame(t, site: site, workplace: .portal, stylePath: "/s", path: "/", formKey: "k").page(title: "Hi", "").markup
        #expect(page.contains(#"<img src="/assets/logo/d1" width="160" height="16" alt="An &quot;oak&quot;" translate="no">"#), "\(page)")
        #expect(page.contains("<strong>Call &lt;911&gt;.</strong>") && !page.contains("call 911"))
    }
}
