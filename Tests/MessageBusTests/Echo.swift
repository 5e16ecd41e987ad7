import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import Sealing
import TestSupport

/// A service as small as one can be: keeps notes of patients, counts events.
struct Say: Query {
    static let name = "echo.say.v1"
    typealias Reply = Said
    enum Refusal: String, Codable { case mute }
    var word: String
    var waitMilliseconds = 0
}

struct Said: Codable, Sendable, Equatable { var word: String }

struct ReadNotes: Query {
    static let name = "echo.read-notes.v1"
    struct Reply: Codable, Sendable { var words: [String] }
    var patient: ID<Patient>
    var patients: [ID<Patient>] { [patient] }
}

struct WriteNote: Command {
    static let name = "echo.write-note.v1"
    typealias Reply = Said
    enum Refusal: String, Codable { case idInUse, empty }
    var id: UUID
    var patient: ID<Patient>
    var word: String
    var key: UUID
    var patients: [ID<Patient>] { [patient] }
}

struct NoteWritten: Event, Equatable {
    static let name = "echo.note-written.v1"
    var id: UUID
    var fail: String?
}

enum Echo {
    static let migrations = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Migrations")

    static func build(_ registry: Registry, _ sealer: Sealer) {
        registry.answer(Say.self, to: .anyStaff || .anyPatient || .workers("echo")) { query, _, tx in
            if query.waitMilliseconds > 0 {
                _ = try await tx.first("SELECT 1 FROM pg_sleep(\(Double(query.waitMilliseconds) / 1000))", as: Int.self)
            }
            if query.word == "crash" { _ = try await tx.all("SELECT 1 / 0", as: Int.self) }
            if query.word == "later" { throw TryLater("test") }
            return query.word.isEmpty ? .refused(.mute) : .done(Said(word: query.word))
        }
        registry.answer(ReadNotes.self, to: .ownRecord || .frontOffice) { query, _, tx in
            .done(.init(words: try await tx.all("SELECT word FROM note ORDER BY word", as: String.self)))
        }
        registry.answer(
            WriteNote.self, to: .ownRecord || .frontOffice,
            with: { command, _, tx in
                guard !command.word.isEmpty else { return .refused(.empty) }
                tx.queue("INSERT INTO note (id, patient, word) VALUES (\(command.id), \(command.patient.uuid), \(command.word))")
                try tx.emit(NoteWritten(id: command.id, fail: command.word == "poison" ? "dead" : nil))
                return .done(Said(word: command.word))
            },
            refusing: { _, constraint, _, _ in constraint == "note_pkey" ? .idInUse : nil })
        hear(registry)
    }

    static func hear(_ registry: Registry) {
        registry.on(NoteWritten.self, "count-on-note-written", where: { $0.fail != "of no interest" }) { event, tx in
            switch event.fail {
            case "dead": throw DeadLetter("told-to")
            case "crash": abort()
            case "slow": try await Task.sleep(for: .milliseconds(100))
            default: break
            }
            tx.queue("INSERT INTO counted (event) VALUES (\(event.id))")
        }
    }
}
