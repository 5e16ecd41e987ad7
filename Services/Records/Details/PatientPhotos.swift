internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import MessageBus
internal import Pictures
internal import Postgres
internal import Sealing

/// Patient.photo: FHIR keeps it in the resource, so it is sealed, exported and destroyed with it.
extension RecordStore {
    private static let sides = 64...2_048

    /// The picture alone is kept, in the place of any before.
    @Sendable func keepPhoto(_ command: KeepPhoto, actor: Actor, tx: Transaction) async throws -> Answer<KeepPhoto> {
        var picture: CleanPicture?
        if let photo = command.photo {
            do { picture = try CleanPicture(photo, atMost: KeepPhoto.mostBytes, sides: Self.sides) } catch {
                return .refused(.image(problem: error))
            }
        }
        guard let person = try await PatientVersion.locked(command.patient, sealer, in: tx) else { return .refused(.notFound) }
        let writer = EntryWriter(store: self, patient: command.patient, cipher: person.cipher, actor: actor, tx: tx, now: Date())
        let (resource, version) = (person.details.with(photo: picture), person.version + 1)
        try writer.write(resource, "Patient", ID(command.patient.uuid), version: version)
        tx.queue("UPDATE patient SET version = \(version), photo = \(picture != nil) WHERE id = \(command.patient.uuid)")
        try tx.emit(ContactChanged(patient: command.patient, version: version))
        return .done(DemographicsChanged(version: version))
    }

    /// A file from elsewhere may hold any picture: only what browsers show as one leaves.
    @Sendable func readPhoto(_ query: ReadPhoto, actor: Actor, tx: Transaction) async throws -> Answer<ReadPhoto> {
        let patient = query.patient.uuid
        try sealer.refuseDestroyed(patient)
        let row = try await tx.first("SELECT body FROM resource WHERE type = 'Patient' AND id = \(patient) AND NOT deleted", as: [UInt8].self)
        guard let row else { return .refused(.notFound) }
        let photos = try sealer.cipher(for: patient).resource(row, row: patient).list("photo")
        for text in photos.compactMap({ $0.string("data") }) {
            guard let file = Data(base64Encoded: text),
                let picture = try? CleanPicture(file, atMost: KeepPhoto.mostBytes, sides: 1...Self.sides.upperBound)
            else { continue }
            return .done(PatientPhoto(type: picture.type, bytes: Data(picture.bytes)))
        }
        return .refused(.notFound)
    }
}
