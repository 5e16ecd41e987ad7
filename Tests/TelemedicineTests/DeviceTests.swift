import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Telemedicine

/// What the patient's device could do, tried before the visit.
@Suite struct DeviceTests {
    @Test func whatThereIsDecidesHowTheVisitTakesPlace() {
        for camera in DeviceState.allCases {
            for microphone in DeviceState.allCases {
                for speaker in SpeakerState.allCases {
                    for network in NetworkState.allCases {
                        let way = DeviceTest(camera: camera, microphone: microphone, speaker: speaker, network: network).way
                        let canSpeak = microphone == .works && speaker != .notHeard && network != .unreachable
                        #expect(way == (canSpeak ? camera == .works ? .video : .audio : .phone))
                    }
                }
            }
        }
    }

    @Test func theNewestTestIsToldToTheDesk() async throws {
        try await VisitRoom.open(in: 3 * 24 * 60) { room in
            let desk = try await room.keys.staff(.frontDesk)
            let query = ReadDeviceTest(patient: room.patient, appointment: room.appointment)
            #expect(try await room.bus.request(query, as: desk) == .done(KeptDeviceTest(state: .scheduled)))
            let first = DeviceTest(camera: .denied, microphone: .works, speaker: .unasked, network: .untested)
            let second = DeviceTest(camera: .works, microphone: .works, speaker: .heard, network: .reached)
            for test in [first, second] {
                #expect(try await room.keep(test) == .done(Done()))
                guard case .done(let kept) = try await room.bus.request(query, as: desk) else { throw Unexpected("no test") }
                #expect(kept.test == test)
                #expect(abs(kept.testedAt?.timeIntervalSinceNow ?? 100) < 10)
            }
            try await room.run("UPDATE call SET state = 'ended', consented_at = now()")
            #expect(try await room.keep(first) == .refused(.notNow(.ended)))
        }
    }

    @Test func credentialsForATryAreGoodForTenMinutesAndOneName() async throws {
        try await VisitRoom.open(in: 3 * 24 * 60, relay: RelayServer(urls: ["turn:clinic.example:3478"], secret: "a secret")) { room in
            let query = ReadTestRelay(patient: room.patient, appointment: room.appointment)
            for _ in 0..<2 {
                guard case .done(let found) = try await room.bus.request(query, as: room.patientToken()) else { throw Unexpected("refused") }
                #expect(found.relay?.username.hasSuffix(":\(room.appointment)") == true)
                let ends = found.relay?.username.split(separator: ":").first.flatMap { Double($0) } ?? 0
                #expect(abs(ends - Date().timeIntervalSince1970 - 600) < 30)
            }
            try await room.run("UPDATE call SET state = 'cancelled'")
            #expect(try await room.bus.request(query, as: room.patientToken()) == .refused(.notNow(.cancelled)))
        }
    }

    @Test func aVisitOfAnotherKindHasNoTest() async throws {
        try await VisitRoom.open(isVideo: false) { room in
            let query = ReadDeviceTest(patient: room.patient, appointment: room.appointment)
            let (kept, read) = (
                try await room.keep(DeviceTest(camera: .works, microphone: .works, speaker: .heard, network: .reached)),
                try await room.bus.request(query, as: room.patientToken())
            )
            #expect(kept == .refused(.notFound))
            #expect(read == .refused(.notFound))
        }
    }
}

extension VisitRoom {
    fileprivate func keep(_ test: DeviceTest) async throws -> Answer<KeepDeviceTest> {
        try await bus.request(KeepDeviceTest(patient: patient, appointment: appointment, test: test, key: .v7()), as: patientToken())
    }
}
