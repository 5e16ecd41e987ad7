internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres
internal import ServiceHost

extension RecordStore {
    /// Imports an uploaded file, all of it or nothing. What was imported before and is unchanged stays as it is.
    @Sendable func importBundle(_ command: ImportBundle, actor: Actor, tx: Transaction) async throws -> Answer<ImportBundle> {
        guard let bytes = try await upload(command.upload, size: command.size, in: tx) else {
            return .refused(ImportRefusal([.init(reason: "the upload is not complete; send it again")]))
        }
        do {
            let file = try ImportFile.checked(bytes)
            let outcome = try await BundleImport.run(file, into: self, by: actor, in: tx)
            tx.queue("DELETE FROM upload_part WHERE upload = \(command.upload.uuid) AND patient IS NULL")
            return .done(outcome)
        } catch let wrong as ImportProblems {
            return .refused(ImportRefusal(wrong.problems.map(Contracts.ImportProblem.init)))
        }
    }

    /// Forgets uploads that were neither imported nor filed.
    func forgetUploads(of service: Service) async throws {
        while true {
            try await service.transaction { tx in self.forgetOldUploads(in: tx) }
            try await Task.sleep(for: .seconds(3_600))
        }
    }

    func forgetOldUploads(in tx: Transaction) {
        tx.queue("DELETE FROM upload_part WHERE at < now() - interval '1 day'")
        tx.queue("DELETE FROM document_upload WHERE at < now() - interval '1 day'")
    }
}

extension Contracts.ImportProblem {
    fileprivate init(_ problem: FHIR.ImportProblem) {
        let place = problem.line.map { " (line \($0))" } ?? ""
        self.init(entry: problem.entry, path: problem.path.isEmpty ? nil : problem.path, reason: problem.reason + place)
    }
}
