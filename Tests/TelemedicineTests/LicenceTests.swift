import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Telemedicine

/// Where clinicians are licensed: who is warned of what, and what the trail says.
@Suite struct LicenceTests {
    private static let (illinois, ohio) = (Region("IL"), Region("OH"))

    @Test func onlyWhatIsOnFileIsGoneBy() throws {
        let (illinois, ohio) = (try #require(Self.illinois), try #require(Self.ohio))
        #expect(Licensure(in: illinois, licences: [illinois]) == .held)
        #expect(Licensure(in: illinois, licences: [ohio]) == .lacking)
        #expect(Licensure(in: .elsewhere, licences: [illinois, ohio]) == .lacking)
        // Nothing on file, or nobody asked the patient: nothing is claimed.
        #expect(Licensure(in: illinois, licences: []) == .unknown)
        #expect(Licensure(in: nil, licences: [illinois]) == .unknown)
    }

    @Test func regionsAreThoseWithAPostalCode() throws {
        #expect(Region.all.count == 56 && Set(Region.all).count == 56 && !Region.all.contains(.elsewhere))
        #expect(Region("IL")?.name == "Illinois" && Region("il") == nil && Region("Illinois") == nil && Region("") == nil)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([Region].self, from: Data(#"["ZZ"]"#.utf8)) }
        #expect(try JSONDecoder().decode([Region].self, from: Data(#"["OH", "XX"]"#.utf8)) == [Self.ohio, .elsewhere])
    }

    @Test func whoHoldsNoLicenceThereIsToldAndMayLetThePatientIn() async throws {
        try await VisitRoom.open { room in
            let doctor = try await room.doctorToken()
            try await room.licences([Self.illinois], version: 1)
            _ = try await room.enter(region: Self.ohio)
            let warned = try await room.view(as: doctor)
            #expect(warned.region == Self.ohio && warned.lacksLicence == true)
            // The patient is told neither.
            let own = try await room.view(as: room.patientToken())
            #expect(own.region == nil && own.lacksLicence == nil)
            #expect(try await room.sql("SELECT count(*) FROM call WHERE encode(region, 'escape') LIKE '%OH%'", as: Int.self) == 0)
            guard case .done(let call) = try await room.admit() else { throw Unexpected("not let in") }
            #expect(call.state == .admitted)
            #expect(try await room.remarks() == ["no-licence"])
            // Let in already: nothing is done, and nothing more is to be said.
            _ = try await room.admit()
            #expect(try await room.remarks() == ["no-licence", ""])
        }
    }

    @Test func whoHoldsOneOrHasNothingOnFileIsToldNothing() async throws {
        for (licences, region, lacks) in [
            ([], Self.ohio, nil), ([Self.ohio, Self.illinois], Self.ohio, false), ([Self.illinois], nil, nil),
        ] as [([Region?], Region?, Bool?)] {
            try await VisitRoom.open { room in
                if !licences.isEmpty { try await room.licences(licences, version: 1) }
                _ = try await room.enter(region: region)
                #expect(try await room.view(as: room.doctorToken()).lacksLicence == lacks)
                guard case .done = try await room.admit() else { throw Unexpected("not let in") }
                #expect(try await room.remarks() == [""])
            }
        }
    }

    @Test func theLastThatWasToldCounts() async throws {
        try await VisitRoom.open { room in
            _ = try await room.enter(region: Self.ohio)
            try await room.licences([Self.illinois], version: 2)
            try await room.licences([Self.ohio], version: 1)
            #expect(try await room.view(as: room.doctorToken()).lacksLicence == true, "an older one came later")
            try await room.licences([Self.ohio], version: 3)
            #expect(try await room.view(as: room.doctorToken()).lacksLicence == false)
            try await room.licences([], version: 4)
            #expect(try await room.view(as: room.doctorToken()).lacksLicence == nil, "none is on file any more")
        }
    }
}

extension VisitRoom {
    fileprivate func licences(_ regions: [Region?], version: Int) async throws {
        try await test.hear(
            LicencesChanged(practitioner: okafor, version: version, regions: regions.compactMap { $0 }), handler: "note-licences-on-licences-changed")
    }

    /// What the trail says besides of each time the patient was let in.
    fileprivate func remarks() async throws -> [String] {
        let pool = test.database.pool(test.database.superuser)
        let found = try await pool.all(
            "SELECT coalesce(reason, '') FROM audit_entry WHERE action = \(AdmitPatient.name) AND outcome = 'done' ORDER BY at, id", as: String.self)
        await pool.close()
        return found
    }
}
