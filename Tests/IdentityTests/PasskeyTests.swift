import Access
import Contracts
import Crypto
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Identity

/// An authenticator in software: what a phone does, and what a phone does not do.
private struct Phone {
    let key = P256.Signing.PrivateKey()
    let credential = Data((0..<32).map { _ in UInt8.random(in: 0...255) })
    var origin = "https://portal.example.org"
    var host = "portal.example.org"
    /// Present and verified.
    var flags: UInt8 = 0x05
    var signatures: UInt32 = 0
    /// What the browser says the key is, where that is something else.
    var publicKey: Data?

    private func client(_ type: String, _ challenge: Data) -> Data {
        Data(#"{"type":"\#(type)","challenge":"\#(challenge.passkeyText)","origin":"\#(origin)","crossOrigin":false}"#.utf8)
    }

    private func data(_ more: UInt8 = 0) -> Data {
        Data(SHA256.hash(data: Data(host.utf8))) + [flags | more] + withUnsafeBytes(of: signatures.bigEndian) { Data($0) }
    }

    func added(to question: PasskeyQuestion, type: String = "webauthn.create") -> (authenticator: Data, publicKey: Data, client: Data) {
        let point = key.publicKey.rawRepresentation
        let cose: [UInt8] = [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20] + point.prefix(32) + [0x22, 0x58, 0x20] + point.suffix(32)
        let made = data(0x40) + Data(count: 16) + [0, UInt8(credential.count)] + credential + cose
        return (made, publicKey ?? key.publicKey.derRepresentation, client(type, question.challenge))
    }

    func signed(_ question: PasskeyQuestion, type: String = "webauthn.get") throws -> (authenticator: Data, client: Data, signature: Data) {
        let (authenticator, client) = (data(), client(type, question.challenge))
        return (authenticator, client, try key.signature(for: authenticator + Data(SHA256.hash(data: client))).derRepresentation)
    }
}

@Suite struct PasskeyTests {
    private let name = "maria@example.org"

    private func question() -> PasskeyQuestion { PasskeyQuestion(challenge: .handle(), origin: "https://portal.example.org") }

    private func add(_ phone: Phone, _ desk: Desk, _ handle: Data, label: String = "Phone") async throws -> Answer<AddPasskey> {
        let question = question()
        let (authenticator, publicKey, client) = phone.added(to: question)
        return try await desk.bus.request(
            AddPasskey(
                audience: .portal, handle: handle, label: label, question: question, authenticator: authenticator, publicKey: publicKey,
                client: client, key: .v7()),
            as: desk.portal)
    }

    private func enter(
        _ phone: Phone, _ desk: Desk, _ audience: Audience = .portal, handle: Data = .handle(), asked: PasskeyQuestion? = nil,
        key: UUID = .v7(), change: (inout SignInWithPasskey) -> Void = { _ in }
    ) async throws -> Answer<SignInWithPasskey> {
        let question = asked ?? question()
        let (authenticator, client, signature) = try phone.signed(question)
        var command = SignInWithPasskey(
            audience: audience, question: question, credential: phone.credential, authenticator: authenticator, client: client, signature: signature,
            handle: handle, source: UUID().uuidString, key: key)
        change(&command)
        return try await desk.bus.request(command, as: desk.gateway(audience))
    }

    /// A patient who has signed in, and has a passkey.
    private func patient(_ desk: Desk, _ phone: Phone = Phone()) async throws -> (handle: Data, phone: Phone) {
        let handle = Data.handle()
        try await desk.account(name)
        _ = try await desk.signIn(name, handle: handle)
        #expect(try await add(phone, desk, handle).isDone)
        return (handle, phone)
    }

    @Test func aPasskeyOpensAWholeSessionAndItsOwnerIsTold() async throws {
        try await withIdentity { desk in
            let (handle, phone) = try await patient(desk)
            let entered = Data.handle()
            guard case .done(let signedIn) = try await enter(phone, desk, handle: entered) else {
                Issue.record("not signed in")
                return
            }
            #expect(signedIn.needs == nil)
            #expect(try await desk.session(entered)?.username == name)
            let view = try await desk.bus.ask(ReadSecurity(audience: .portal, handle: handle), as: desk.portal).security
            #expect(view?.passkeys?.map(\.label) == ["Phone"] && view?.passkeys?.first?.lastUsed != nil)
            #expect(try await desk.read("SELECT kind FROM letter", as: String.self) == ["passkey-added"])
            guard let passkey = view?.passkeys?.first?.passkey else { return }
            let remove = RemovePasskey(audience: .portal, handle: handle, passkey: passkey, key: .v7())
            #expect(try await desk.bus.request(remove, as: desk.portal).isDone)
            #expect(try await desk.session(entered) == nil)
            #expect(try await desk.session(handle) != nil)
            #expect(try await enter(phone, desk) == .refused(.failed))
        }
    }

    @Test func whatIsNoAnswerToTheQuestionIsRefused() async throws {
        try await withIdentity { desk in
            var (_, phone) = try await patient(desk)
            phone.signatures = 0
            let others: [(Phone) -> Phone] = [
                { var phone = $0; phone.origin = "https://portal.example.org.evil.example"; return phone },
                { var phone = $0; phone.host = "evil.example"; return phone },
                { var phone = $0; phone.flags = 0x01; return phone },  // nobody verified
                { var phone = $0; phone.flags = 0x04; return phone },  // nobody there
            ]
            for (number, other) in others.enumerated() { #expect(try await enter(other(phone), desk) == .refused(.failed), "\(number)") }
            #expect(try await enter(phone, desk) { $0.question.challenge = .handle() } == .refused(.failed))
            #expect(try await enter(phone, desk) { $0.signature = Data([0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01]) } == .refused(.failed))
            #expect(try await enter(phone, desk) { $0.credential = .handle() } == .refused(.failed))
            #expect(try await enter(phone, desk) { $0.authenticator = Data() } == .refused(.failed))
            #expect(try await enter(phone, desk) { $0.client = Data("rubbish".utf8) } == .refused(.failed))
            // What was said when the passkey was made is no proof of who is there.
            let (asked, made) = (question(), phone.added(to: question()))
            #expect(try await enter(phone, desk, asked: asked) { $0.client = made.client } == .refused(.failed))
            // A patient's is of no use in the clinic.
            #expect(try await enter(phone, desk, .clinic) == .refused(.failed))
            #expect(try await enter(phone, desk).isDone)
            try await desk.change("UPDATE account SET state = 'closed'")
            #expect(try await enter(phone, desk) == .refused(.failed))
        }
    }

    @Test func anAnswerIsGoodOnceAndACopyIsNoticed() async throws {
        try await withIdentity { desk in
            var (_, phone) = try await patient(desk)
            let (asked, key) = (question(), UUID.v7())
            #expect(try await enter(phone, desk, asked: asked, key: key).isDone)
            await #expect(throws: BusError.self) { try await enter(phone, desk, asked: asked, key: key) }
            phone.signatures = 7
            #expect(try await enter(phone, desk).isDone)
            #expect(try await enter(phone, desk) == .refused(.failed))
            phone.signatures = 8
            #expect(try await enter(phone, desk).isDone)
        }
    }

    @Test func onlyWhatVerifiesItsOwnerIsAdded() async throws {
        try await withIdentity { desk in
            let handle = Data.handle()
            try await desk.account(name)
            _ = try await desk.signIn(name, handle: handle)
            var (unverified, elsewhere, other, longer) = (Phone(), Phone(), Phone(), Phone())
            unverified.flags = 0x01
            elsewhere.origin = "https://evil.example"
            other.publicKey = P256.Signing.PrivateKey().publicKey.derRepresentation
            longer.publicKey = P384.Signing.PrivateKey().publicKey.derRepresentation  // which was not asked for
            for phone in [unverified, elsewhere, other, longer] { #expect(try await add(phone, desk, handle) == .refused(.notGood)) }
            #expect(try await add(Phone(), desk, handle, label: " ") == .refused(.notGood))
            let phone = Phone()
            #expect(try await add(phone, desk, handle).isDone)
            #expect(try await add(phone, desk, handle) == .refused(.taken))
            for _ in 1..<10 { #expect(try await add(Phone(), desk, handle).isDone) }
            #expect(try await add(Phone(), desk, handle) == .refused(.tooMany))
            try await desk.change("UPDATE session SET proven_at = now() - interval '6 minutes'")
            #expect(try await add(Phone(), desk, handle) == .refused(.stepUp))
            #expect(try await add(Phone(), desk, .handle()) == .refused(.sessionEnded))
        }
    }

    @Test func whatIsCutOffIsNotRead() {
        let said = Array(Phone().added(to: question()).authenticator)
        for length in 0..<(said.count - 77) { #expect(AuthenticatorData(Array(said.prefix(length))) == nil) }
        var endless = said
        (endless[53], endless[54]) = (0xFF, 0xFF)
        #expect(AuthenticatorData(endless) == nil)
        #expect(AuthenticatorData(said)?.made?.credential.count == 32)
    }
}
