internal import Contracts
internal import Foundation
internal import MessageBus

/// Why a file was not imported, a line a problem.
struct BadFile: Error {
    let lines: [String]
    init(_ lines: [String]) { self.lines = lines }
}

/// Sends one file, by parts, and has it imported.
struct FileImport {
    static let part = 48 << 10
    static let largest = 32 << 20
    private static let patience = Duration.seconds(120)
    private static let tries = 5

    let path: String
    let bus: RabbitBus

    func run() async -> Result<ImportOutcome, BadFile> {
        guard let content = FileManager.default.contents(atPath: path) else { return .failure(BadFile(["cannot be read"])) }
        return await run(content)
    }

    func run(_ content: Data) async -> Result<ImportOutcome, BadFile> {
        guard content.count <= Self.largest else {
            let size = String(format: "%.1f", Double(content.count) / 1_048_576)
            return .failure(BadFile(["has \(size) MiB; one file may have 32 MiB. Split the bundle."]))
        }
        guard !content.isEmpty else { return .failure(BadFile(["is empty"])) }
        do { return try await send(content) } catch let bad as BadFile {
            return .failure(bad)
        } catch {
            return .failure(BadFile([Self.words(error)]))
        }
    }

    private func send(_ content: Data) async throws -> Result<ImportOutcome, BadFile> {
        let upload = ID<Upload>()
        for offset in stride(from: 0, to: content.count, by: Self.part) {
            let part = PutUploadPart(upload: upload, offset: offset, bytes: content.subdata(in: offset..<min(offset + Self.part, content.count)))
            if case .refused = try await again({ try await bus.request(part, as: nil, within: .seconds(10)) }) {
                throw BadFile(["has more than 32 MiB"])
            }
        }
        let command = ImportBundle(upload: upload, size: content.count)
        switch try await again({ try await bus.request(command, as: nil, within: Self.patience) }) {
        case .done(let outcome): return .success(outcome)
        case .refused(let refusal): return .failure(BadFile(refusal.problems.map(Self.words)))
        }
    }

    /// The same request with the same key: whatever happened to the first, it is done once.
    private func again<R>(_ ask: () async throws -> R) async throws -> R {
        for attempt in 1..<Self.tries {
            do { return try await ask() } catch let error as BusError where error == .unavailable || error == .timeout {
                try await Task.sleep(for: .seconds(attempt))
            }
        }
        return try await ask()
    }

    private static func words(_ problem: ImportProblem) -> String {
        let place = [problem.entry.map { "entry \($0)" }, problem.path].compactMap(\.self).joined(separator: ", ")
        return place.isEmpty ? problem.reason : "\(place): \(problem.reason)"
    }

    static func words(_ error: any Error) -> String {
        switch error as? BusError {
        case .unavailable: "the records service, its database or the broker cannot be reached; nothing of this file was stored. Try again."
        case .timeout: "no answer in time; try again, nothing is stored twice"
        case .notAllowed: "the operator's key is not one this installation knows"
        case .invalid(let what): what
        case .keyReused, .failed: "the records service met an error; its log says which"
        case .destroyed(let date): "is about a record that was destroyed on \(date.formatted(.iso8601.year().month().day())); nothing was stored"
        case nil: "\(error)"
        }
    }
}
