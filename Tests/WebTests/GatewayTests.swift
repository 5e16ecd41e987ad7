import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Testing
@testable import Web

/// The steps every request passes, without a socket.
@Suite struct GatewayTests {
    struct TestSource: RequestContextSource { let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    struct Context: WebContext {
        typealias Source = TestSource
        var coreContext: CoreRequestContextStorage
        var web = WebRequest()
        init(source: TestSource) { coreContext = .init(source: source) }
    }

    struct Secret: Error { let text = "select * from patient" }

    let gateway: Gateway<Context>
    let responder: RouterResponder<Context>

    init() throws {
        let site = Site(name: "Riverside <Clinic>", phone: "555-0142", zone: try #require(Zone("America/Chicago")), isDemo: true)
        gateway = Gateway(
            .portal, texts: try Texts(folders: []), assets: try Assets(), session: HostCookie("portal", sameSite: .lax), site: { site },
            logo: { $0 == "d1" ? Logo(ClinicLogo(digest: "d1", type: "image/png", width: 64, height: 64), Data("png".utf8), alt: "An elm") : nil },
            keys: FormKeys(secret: Data(repeating: 1, count: 32)), publicURL: "https://portal.test", allowsPseudo: false)
        let gateway = gateway
        let router = gateway.router()
        var pages = PageRoutes(router)
        pages.get("/") { request, context in gateway.bareFrame(request, context).page(title: "Hi", "<h1>\(context.web.formKey)</h1>").response() }
        pages.get("/ended") { request, context in
            let frame = gateway.frameWithoutRecord(request, context)
            return frame.page(title: "Over", "<h1>\(frame.formKey)</h1>").response().forgetting(gateway.record)
        }
        pages.get("/fail") { _, _ in throw Secret() }
        pages.get("/busy") { _, _ in throw HTTPError(.serviceUnavailable) }
        pages.post("/save") { _, context in Response.seeOther("/saved/\(context.web.form["a"] ?? "")") }
        pages.refuseOtherMethods()
        responder = router.buildResponder()
    }

    func send(_ method: HTTPRequest.Method, _ path: String, _ headers: [String: String] = [:], body: String = "") async throws -> (Response, String) {
        var head = HTTPRequest(method: method, scheme: "https", authority: "portal.test", path: path)
        for (name, value) in headers { head.headerFields[try #require(HTTPField.Name(name))] = value }
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer(string: body)))
        let response = try await responder.respond(to: request, context: Context(source: TestSource()))
        let writer = Written()
        try await response.body.write(Collector(into: writer))
        return (response, writer.text)
    }

    final class Written: @unchecked Sendable { var text = "" } // one writer at a time

    struct Collector: ResponseBodyWriter {
        let into: Written
        init(into: Written) { self.into = into }
        mutating func write(_ buffer: ByteBuffer) async throws { into.text += String(buffer: buffer) }
        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }

    func header(_ response: Response, _ name: String) -> String? { HTTPField.Name(name).flatMap { response.headers[$0] } }

    @Test(arguments: ["/", "/nowhere", "/fail", "/busy", "/save", "/assets/none.css"])
    func everyAnswerIsGuarded(_ path: String) async throws {
        let (response, _) = try await send(.get, path)
        #expect(header(response, "Content-Security-Policy")?.hasPrefix("default-src 'none'") == true)
        #expect(header(response, "X-Content-Type-Options") == "nosniff")
        #expect(header(response, "Strict-Transport-Security") == "max-age=31536000; includeSubDomains")
        #expect(header(response, "Cross-Origin-Opener-Policy") == "same-origin")
        #expect(header(response, "Referrer-Policy") == "same-origin")
        #expect(header(response, "Cache-Control") == "no-store")
        for cookie in response.headers[values: .setCookie] {
            #expect(cookie.hasPrefix("__Host-") && cookie.contains("; Path=/; Secure; HttpOnly; SameSite="))
        }
    }

    @Test(arguments: [
        ("/nowhere", 404, "This page is not here"), ("/fail", 500, "We made a mistake"), ("/busy", 503, "not ready"), ("/save", 405, "that way"),
    ])
    func failuresArePages(_ path: String, _ status: Int, _ words: String) async throws {
        let (response, body) = try await send(.get, path)
        #expect(response.status.code == status)
        #expect(body.contains(words) && body.contains("Riverside &lt;Clinic&gt;"))
        #expect(!body.contains("select") && !body.contains("Secret"))
        if status == 503 { #expect(header(response, "Retry-After") == "5") }
        if status == 405 { #expect(header(response, "Allow") == "POST") }
        let (_, spanish) = try await send(.get, path, ["Accept-Language": "es"])
        #expect(spanish.contains("<html lang=\"es\">"))
    }

    @Test func aFormNeedsItsOriginItsCookieAndItsKey() async throws {
        let (page, body) = try await send(.get, "/")
        let visitor = try #require(page.headers[.setCookie]?.split(separator: ";").first.map(String.init))
        let key = try #require(body.firstMatch(of: /<h1>([^<]+)<\/h1>/)).1
        let good = ["Cookie": visitor, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"]
        func status(_ headers: [String: String], _ body: String) async throws -> Int {
            Int(try await send(.post, "/save", headers, body: body).0.status.code)
        }

        #expect(try await status(good, "form-key=\(key)&a=1") == 303)
        #expect(try await status(good.merging(["Sec-Fetch-Site": "cross-site"]) { $1 }, "form-key=\(key)&a=1") == 403)
        #expect(try await status(good.merging(["Sec-Fetch-Site": "same-site"]) { $1 }, "form-key=\(key)&a=1") == 403)
        #expect(try await status(good.merging(["Cookie": "__Host-visitor=other"]) { $1 }, "form-key=\(key)&a=1") == 403)
        #expect(try await status(good.merging(["Cookie": "\(visitor); \(visitor)"]) { $1 }, "form-key=\(key)&a=1") == 403)
        // Shown for one record, it is not taken for another.
        #expect(try await status(good.merging(["Cookie": "\(visitor); __Host-portal-record=other"]) { $1 }, "form-key=\(key)&a=1") == 403)
        #expect(try await status(good, "form-key=\(key)x&a=1") == 403)
        #expect(try await status(good, "a=1") == 403)
        #expect(try await status(good, "form-key=\(key)&a=%ff") == 400)
        #expect(try await status(good, "form-key=\(key)&a=" + String(repeating: "x", count: 70_000)) == 413)
        #expect(try await status(good.merging(["Content-Type": "text/plain"]) { $1 }, "form-key=\(key)&a=1") == 415)
        var old = good
        old["Sec-Fetch-Site"] = nil
        #expect(try await status(old, "form-key=\(key)&a=1") == 403)
        old["Origin"] = "https://portal.test"
        #expect(try await status(old, "form-key=\(key)&a=1") == 303)
        old["Origin"] = "https://evil.test"
        #expect(try await status(old, "form-key=\(key)&a=1") == 403)
        #expect(try await send(.delete, "/").0.status.code == 405)
        #expect(try await send(.post, "/", good, body: "form-key=\(key)").0.status.code == 405)
    }

    /// The record that was chosen is gone with the answer: whoever signs out on that page comes without it.
    @Test func aPageThatForgetsTheRecordHasFormsOfTheSessionAlone() async throws {
        let session = "__Host-portal=secret"
        let (page, body) = try await send(.get, "/ended", ["Cookie": "\(session); __Host-portal-record=other"])
        #expect(page.headers[values: .setCookie].contains { $0.hasPrefix("__Host-portal-record=;") })
        let key = try #require(body.firstMatch(of: /<h1>([^<]+)<\/h1>/)).1
        let good = ["Cookie": session, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"]
        #expect(try await send(.post, "/save", good, body: "form-key=\(key)&a=1").0.status.code == 303)
    }

    @Test func theLanguageIsKeptAndThePseudoLanguageIsNotForEveryone() async throws {
        let (spanish, body) = try await send(.get, "/?lang=es&x=1")
        #expect(body.contains("<html lang=\"es\">") && body.contains("href=\"/?x=1&amp;lang=en\""))
        #expect(spanish.headers[values: .setCookie].contains { $0.hasPrefix("__Host-language=es;") })
        #expect(try await send(.get, "/", ["Cookie": "__Host-language=es"]).1.contains("<html lang=\"es\">"))
        #expect(try await !send(.get, "/?lang=qps").1.contains("⟦"))
        #expect(try await send(.get, "//evil.test/?lang=es").1.contains("href=\"/evil.test/?lang=en\""))
    }

    @Test func aPhoneCanKeepTheSiteOnItsHomeScreen() async throws {
        let (response, body) = try await send(.get, "/manifest.webmanifest")
        #expect(response.status == .ok && header(response, "Content-Type") == "application/manifest+json")
        let manifest = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
        #expect(manifest["display"] as? String == "standalone" && manifest["start_url"] as? String == "/")
        let icons = try #require(manifest["icons"] as? [[String: String]])
        #expect(Set(icons.compactMap { $0["sizes"] }) == ["any", "192x192", "512x512"] && icons.contains { $0["purpose"] == "maskable" })
        for icon in icons {
            let answer = try await send(.get, try #require(icon["src"])).0
            #expect(answer.status == .ok && header(answer, "Content-Type") == icon["type"])
        }
        #expect(header(response, "Content-Security-Policy")?.contains("manifest-src 'self'") == true)
    }

    @Test func theStyleSheetIsKeptForAYear() async throws {
        let (response, body) = try await send(.get, gateway.assets.style.path)
        #expect(response.status == .ok && body.contains(":root"))
        #expect(header(response, "Cache-Control") == "public, max-age=31536000, immutable")
        #expect(body.utf8.count < 34 * 1024)
    }

    @Test func aLogoIsKeptForAYearAndRunsNothing() async throws {
        let (response, body) = try await send(.get, "/assets/logo/d1")
        #expect(response.status == .ok && body == "png" && header(response, "Content-Type") == "image/png")
        #expect(header(response, "Cache-Control") == "public, max-age=31536000, immutable")
        #expect(header(response, "Content-Security-Policy") == "default-src 'none'; sandbox")
        #expect(header(response, "X-Content-Type-Options") == "nosniff")
        #expect(try await send(.get, "/assets/logo/d2").0.status == .notFound)
    }
}
