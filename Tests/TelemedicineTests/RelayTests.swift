import Contracts
import Crypto
import Foundation
import MessageBus
import TestSupport
import Testing

@testable import Telemedicine

/// What lets a browser in at the TURN server: who is told it, and for how long it is good.
@Suite struct RelayTests {
    @Test func credentialsAreAsCoturnReadsThem() {
        let relay = RelayServer(urls: ["turn:clinic.example:3478"], secret: "a secret")
        let window = UUID.v7()
        let shown = relay.credentials(for: window, at: Date(timeIntervalSince1970: 1_795_538_460))
        #expect(shown.urls == ["turn:clinic.example:3478"])
        #expect(shown.username == "1795539060:\(window.uuidString.lowercased())")
        let code = HMAC<Insecure.SHA1>.authenticationCode(for: Data(shown.username.utf8), using: SymmetricKey(data: Data("a secret".utf8)))
        #expect(shown.credential == Data(code).base64EncodedString())
    }

    @Test func whoHasAWindowOfAnOpenCallIsToldThem() async throws {
        try await VisitRoom.open(relay: RelayServer(urls: ["turn:clinic.example:3478"], secret: "a secret")) { room in
            let (patient, doctor) = (try await room.patientToken(), try await room.doctorToken())
            _ = try await room.enter()
            let (theirs, _) = try await room.window(as: patient)
            // Who waits was not let in.
            #expect(try await room.view(as: patient).relay == nil)
            _ = try await room.admit()
            let shown = try await room.view(as: patient).relay
            #expect(shown?.username.hasSuffix(":\(theirs)") == true)
            let ends = shown?.username.split(separator: ":").first.flatMap { Double($0) } ?? 0
            #expect(abs(ends - Date().timeIntervalSince1970 - 600) < 30)
            // The clinician has no window yet.
            #expect(try await room.view(as: doctor).relay == nil)
            let (ours, _) = try await room.window(as: doctor)
            #expect(try await room.view(as: doctor).relay?.username.hasSuffix(":\(ours)") == true)
            _ = try await room.bus.request(EndCall(patient: room.patient, appointment: room.appointment, key: .v7()), as: doctor)
            #expect(try await room.view(as: patient).relay == nil)
        }
    }
}
