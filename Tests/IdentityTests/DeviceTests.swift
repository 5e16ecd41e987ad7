import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import Sealing
import TestSupport
import Testing

@testable import Identity

/// A device that stands in for the second factor, and for nothing else.
@Suite struct DeviceTests {
    private let name = "nurse@example.org"

    /// A nurse whose device is remembered.
    private func remembered(_ desk: Desk) async throws -> (handle: Data, secret: TimeCodes, device: Data) {
        let (secret, first, second, device) = (TimeCodes.random(), Data.handle(), Data.handle(), Data.handle())
        try await desk.account(name, role: .nurse, secret: secret)
        _ = try await desk.signIn(name, goodPassword, .clinic, handle: first)
        guard try await desk.verify(secret.now(), first, to: second, device: device).isDone else { throw TryLater("not signed in") }
        return (second, secret, device)
    }

    private func needs(
        _ desk: Desk, _ username: String? = nil, _ audience: Audience = .clinic, device: Data?, handle: Data = .handle(), source: String = "home"
    ) async throws -> SignInStep? {
        let answer = try await desk.signIn(username ?? name, goodPassword, audience, source: source, handle: handle, device: device)
        guard case .done(let signedIn) = answer else { throw TryLater("\(answer)") }
        #expect(try await (desk.session(handle, audience) != nil) == (signedIn.needs == nil))
        return signedIn.needs
    }

    @Test func aRememberedDeviceNeedsNoCodeForThirtyDaysAndIsProofOfNothing() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let (_, _, device) = try await remembered(desk)
            let handle = Data.handle()
            #expect(try await needs(desk, device: device, handle: handle) == nil)
            #expect(try await needs(desk, device: nil) == .code)
            #expect(try await needs(desk, device: .handle()) == .code)
            // The password is asked for as ever.
            #expect(try await desk.signIn(name, "wrong", .clinic, device: device) == .refused(.failed))
            // What asks for proof asks for the code too.
            let change = ChangePassword(
                audience: .clinic, handle: handle, newHandle: .handle(), password: "another horse with better staples", key: .v7())
            #expect(try await desk.bus.request(change, as: desk.clinic, within: .seconds(20)) == .refused(.stepUp))
            // Of no use to another account.
            try await desk.account("other@example.org", role: .nurse, secret: .random())
            #expect(try await needs(desk, "other@example.org", device: device) == .code)
            #expect(try await desk.read("SELECT count(*) FROM device WHERE token_hash = \([UInt8](device))", as: Int.self) == [0])
            #expect(try await desk.read("SELECT expires_at <= now() + interval '30 days' FROM device", as: Bool.self) == [true])
            try await desk.change("UPDATE device SET expires_at = now() - interval '1 s'")
            #expect(try await needs(desk, device: device) == .code)
            try await desk.service.pool.asWorker(of: "identity") { try await forgetEnded(in: $0) }
            #expect(try await desk.read("SELECT count(*) FROM device", as: Int.self) == [0])
        }
    }

    @Test func aDeviceIsListedAndForgottenByItsOwner() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let (handle, _, device) = try await remembered(desk)
            func devices(_ handle: Data) async throws -> [DeviceLine] {
                try await desk.bus.ask(ReadSecurity(audience: .clinic, handle: handle), as: desk.clinic).security?.devices ?? []
            }
            func forget(_ handle: Data, _ device: ID<Device>?) async throws -> Answer<ForgetDevices> {
                try await desk.bus.request(ForgetDevices(audience: .clinic, handle: handle, device: device, key: .v7()), as: desk.clinic)
            }
            let line = try #require(try await devices(handle).first)
            let (stranger, _) = try await desk.staffMember("other@example.org")
            #expect(try await devices(stranger) == [])
            for one in [line.device, nil] { #expect(try await forget(stranger, one) == .done(Done())) }
            #expect(try await needs(desk, device: device) == nil)
            #expect(try await forget(handle, line.device) == .done(Done()))
            #expect(try await needs(desk, device: device) == .code)
            #expect(try await forget(.handle(), nil) == .refused(.sessionEnded))
        }
    }

    @Test func aDeviceForgottenDuringASignInStandsInForNothing() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let (_, _, device) = try await remembered(desk)
            guard case .done(let signedIn) = try await desk.signIn(name, .clinic, device: device, during: "DELETE FROM device") else {
                Issue.record("not signed in")
                return
            }
            #expect(signedIn.needs == .code)
            #expect(try await desk.read("SELECT count(*) FROM session WHERE second_factor_at IS NULL", as: Int.self) == [1])
        }
    }

    @Test func whoChangesHowTheySignInIsAskedEverywhereAgain() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let (handle, _, device) = try await remembered(desk)
            let change = ChangePassword(audience: .clinic, handle: handle, newHandle: .handle(), password: goodPassword + " again", key: .v7())
            #expect(try await desk.bus.request(change, as: desk.clinic, within: .seconds(20)).isDone)
            #expect(try await desk.read("SELECT count(*) FROM device", as: Int.self) == [0])
            let answer = try await desk.signIn(name, goodPassword + " again", .clinic, device: device)
            guard case .done(let signedIn) = answer else {
                Issue.record("\(answer)")
                return
            }
            #expect(signedIn.needs == .code)
        }
    }

    @Test func aRecoveryCodeRemembersNothing() async throws {
        try await withIdentity { (desk: Desk) async throws in
            try await desk.account(name, role: .nurse)
            let (first, second, device) = (Data.handle(), Data.handle(), Data.handle())
            _ = try await desk.signIn(name, goodPassword, .clinic, handle: first)
            let secret = try #require(try await desk.offer(first))
            guard case .done(let enrolled) = try await desk.enrol(secret.now(), first) else {
                Issue.record("not enrolled")
                return
            }
            _ = try await desk.signIn(name, goodPassword, .clinic, handle: second)
            #expect(try await desk.verify(enrolled.recoveryCodes[0], second, device: device).isDone)
            #expect(try await needs(desk, device: device) == .code)
        }
    }

    /// Strangers who guess, even from the same place, hold up everybody there but a device that is known.
    @Test func aKnownDeviceGetsInWhileOthersGuess() async throws {
        try await withIdentity { (desk: Desk) async throws in
            let (_, _, device) = try await remembered(desk)
            for guess in 0..<25 { _ = try await desk.signIn(name, "wrong", .clinic, source: "bot \(guess)") }
            for _ in 0..<6 { _ = try await desk.signIn(name, "wrong", .clinic, source: "home") }
            for source in ["home", "a new place"] {
                guard case .refused(.throttled) = try await desk.signIn(name, goodPassword, .clinic, source: source) else {
                    Issue.record("not throttled at \(source)")
                    continue
                }
                #expect(try await needs(desk, device: device, source: source) == nil)
            }
            // Nor is a stolen one a way to guess on.
            for _ in 0..<5 { #expect(try await desk.signIn(name, "wrong", .clinic, device: device) == .refused(.failed)) }
            guard case .refused(.throttled) = try await desk.signIn(name, "wrong", .clinic, device: device) else {
                Issue.record("not throttled with the device")
                return
            }
        }
    }
}
