import Access
import Contracts
import FHIR
import Foundation
import MessageBus
import Testing
import TestSupport
@testable import Records

/// What a patient looks like (U1).
@Suite struct PhotoTests {
    private static let person = """
        {"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient",
         "name":[{"family":"Moss","given":["Ida"]}],"gender":"female"}}]}
        """
    /// 64 by 80 pixels, with a comment in it.
    private static let png = Data(
        base64Encoded:
            "iVBORw0KGgoAAAANSUhEUgAAAEAAAABQCAAAAACM1CyZAAAAEnRFWHRDb21tZW50AFF6bG9jYXRpb24HuCxyAAAALElEQVR42u3MMQEAAAwCIKMb3RA7BwFI"
            + "jyIQCAQCgUAgEAgEAoFAIBAIvgQDCBoAlxNPxw8AAAAASUVORK5CYII=")

    @Test func thePictureAloneIsKeptAndShownAndTakenAway() async throws {
        try await withRecords { service in
            let patient = try await service.importedPatient(Self.person)
            let (desk, own) = (try await service.keys.staff(.frontDesk), try await service.keys.patient(patient))
            #expect(try await service.bus.request(ReadPhoto(patient: patient), as: desk) == .refused(.notFound))
            let file = try #require(Self.png)
            #expect(file.range(of: Data("Qzlocation".utf8)) != nil)
            let kept = KeepPhoto(patient: patient, photo: file, key: .v7())
            #expect(try await service.bus.request(kept, as: desk) == .done(DemographicsChanged(version: 2)))
            #expect(try await service.bus.request(kept, as: desk) == .done(DemographicsChanged(version: 2)))
            for asker in [desk, own] {
                guard case .done(let photo) = try await service.bus.request(ReadPhoto(patient: patient), as: asker) else {
                    Issue.record("no photo")
                    return
                }
                #expect(photo.type == "image/png" && photo.bytes.count < file.count && photo.bytes.range(of: Data("Qzlocation".utf8)) == nil)
            }
            let summary = try await service.bus.ask(ReadPatientSummaries(patients: [patient]), as: desk).patients.first
            #expect(summary?.photo == true && summary?.version == 2 && summary?.gender == "female")
            let none = KeepPhoto(patient: patient, photo: nil, key: .v7())
            #expect(try await service.bus.request(none, as: desk) == .done(DemographicsChanged(version: 3)))
            #expect(try await service.bus.request(ReadPhoto(patient: patient), as: desk) == .refused(.notFound))
            #expect(try await service.bus.ask(ReadPatientSummaries(patients: [patient]), as: desk).patients.first?.photo == nil)
            #expect(try await service.emitted(ContactChanged.self).map(\.version) == [2, 3])
        }
    }

    @Test func whatIsNoPictureIsNotKept() async throws {
        try await withRecords { service in
            let patient = try await service.importedPatient(Self.person)
            let desk = try await service.keys.staff(.frontDesk)
            let wrong: [(Data, ImageProblem)] = [
                (Data("<svg/>".utf8), .notAnImage), (Data(count: KeepPhoto.mostBytes + 1), .tooLarge),
                (try #require(Self.png).dropLast(20), .notAnImage),
            ]
            for (file, problem) in wrong {
                let command = KeepPhoto(patient: patient, photo: Data(file), key: .v7())
                #expect(try await service.bus.request(command, as: desk) == .refused(.image(problem: problem)))
            }
            let other = KeepPhoto(patient: .init(), photo: Self.png, key: .v7())
            #expect(try await service.bus.request(other, as: desk) == .refused(.notFound))
            #expect(try await service.emitted(ContactChanged.self).isEmpty)
        }
    }

    /// A file from elsewhere may hold any picture in its Patient; what is none is not shown.
    @Test func aPictureThatCameWithAFileIsShownOnlyIfItIsOne() async throws {
        try await withRecords { service in
            let desk = try await service.keys.staff(.frontDesk)
            let photo = try #require(Self.png).base64EncodedString()
            for (data, isOne) in [(photo, true), (Data("<html>".utf8).base64EncodedString(), false)] {
                let bundle = Self.person.replacing("\"gender\"", with: "\"photo\":[{\"data\":\"\(data)\"}],\"gender\"")
                let patient = try await service.importedPatient(bundle.replacing("urn:uuid:1", with: "urn:uuid:\(UUID())"))
                let answer = try await service.bus.request(ReadPhoto(patient: patient), as: desk)
                if case .done = answer { #expect(isOne) } else { #expect(!isOne) }
            }
        }
    }
}
