import Access
public import Contracts
import Crypto
public import Foundation
public import Hummingbird
import MessageBus

/// A file that is with records now, and not filed yet.
public struct UploadedFile: Sendable {
    public var upload: ID<Upload>
    public var size: Int
    /// SHA-256.
    public var digest: Data
}

/// Why no file came.
public enum UploadProblem: Error, Sendable, Equatable {
    case nothingChosen
    case tooLarge
    /// So much of this record is on its way, or came today, that no more is taken.
    case tooMuch
    /// Records did not answer, or the browser stopped in the middle.
    case notSent
    /// The scanner knows it.
    case infected
    /// The scanner did not answer.
    case notScanned
}

extension GatewayParts {
    /// The most one document may have, in bytes.
    public static var largestDocument: Int { 50 << 20 }
    static var documentPart: Int { 48 << 10 }
    private static var partTime: Duration { .seconds(10) }
    private static var partTries: Int { 3 }

    /// Sends a posted file on to a patient's record as it arrives, a part at a time: of a file however large no more is in memory.
    /// - Parameters:
    ///   - upload: made with the form, so that the same form sent again sends the same parts.
    ///   - largest: bytes it may have.
    public func upload(
        _ file: PostedFile?, as upload: ID<Upload>, to patient: ID<Patient>, atMost largest: Int = Self.largestDocument, of request: Incoming
    ) async throws -> Result<UploadedFile, UploadProblem> {
        guard let file, file.name != nil else { return .failure(.nothingChosen) }
        // Fields and delimiters stand beside it.
        if let announced = file.announced, announced > largest + (64 << 10) {
            try await file.passOver()
            return .failure(.tooLarge)
        }
        var (hash, size, part) = (SHA256(), 0, Data())
        // It takes as long as the browser takes.
        return try await Deadline.$current.withValue(nil) {
            do {
                let scan = try await beginScan()
                defer { scan?.stop() }
                while let bytes = try await file.next() {
                    part += bytes
                    try await look(scan, at: bytes)
                    guard size + part.count <= largest else {
                        try await file.passOver()
                        return .failure(.tooLarge)
                    }
                    while part.count >= Self.documentPart {
                        let full = Data(part.prefix(Self.documentPart))
                        part = Data(part.dropFirst(Self.documentPart))
                        hash.update(data: full)
                        try await send(full, at: size, of: upload, to: patient, request)
                        size += full.count
                    }
                }
                guard size + part.count > 0 else { return .failure(.nothingChosen) }
                if !part.isEmpty {
                    hash.update(data: part)
                    try await send(part, at: size, of: upload, to: patient, request)
                    size += part.count
                }
                try await judge(scan)
            } catch let problem as UploadProblem {
                try await file.passOver()
                return .failure(problem)
            } catch is PostedFile.Fault { return .failure(.notSent) } catch let error as BusError where error.isPassing { return .failure(.notSent) }
            return .success(UploadedFile(upload: upload, size: size, digest: Data(hash.finalize())))
        }
    }

    func beginScan() async throws -> VirusScan? {
        do { return try await scanner?.begin() } catch { throw UploadProblem.notScanned }
    }

    func look(_ scan: VirusScan?, at bytes: [UInt8]) async throws {
        do { try await scan?.look(at: bytes) } catch { throw UploadProblem.notScanned }
    }

    /// Nothing is filed that was not seen to be clean: what cannot be asked about is not taken either.
    func judge(_ scan: VirusScan?) async throws {
        guard let scan else { return }
        let verdict: VirusScanner.Verdict
        do { verdict = try await scan.verdict() } catch { throw UploadProblem.notScanned }
        if verdict == .infected { throw UploadProblem.infected }
    }

    func send(_ bytes: Data, at offset: Int, of upload: ID<Upload>, to patient: ID<Patient>, _ request: Incoming) async throws {
        let command = PutDocumentPart(patient: patient, upload: upload, offset: offset, bytes: bytes)
        _ = try await uploadTurns.inTurn { try await put(command, request) }
    }

    private func put(_ command: PutDocumentPart, _ request: Incoming) async throws {
        for attempt in 1...Self.partTries {
            do {
                // An upload may outlast the token it began with.
                switch try await bus.request(command, as: token(of: request), within: Self.partTime) {
                case .done: return
                case .refused(.tooLarge): throw UploadProblem.tooLarge
                case .refused(.tooManyOpen), .refused(.tooMuchToday): throw UploadProblem.tooMuch
                }
            } catch let error as BusError where error.isPassing && attempt < Self.partTries {
                try await Task.sleep(for: .milliseconds(300 * attempt))
            }
        }
    }

    /// What is filed is looked at as a whole, which takes a moment.
    public func file(_ command: FileDocument, of request: Incoming) async throws -> Answer<FileDocument> {
        try await Deadline.$current.withValue(nil) { try await bus.request(command, as: token(of: request), within: .seconds(20)) }
    }

    /// What is done with a document that was filed: in the name of whoever is signed in by then, for the file may have taken long.
    public func follow<C: Command>(_ command: C, of request: Incoming) async throws -> Answer<C> {
        try await bus.request(command, as: token(of: request))
    }

    /// Of whoever is signed in with the request's cookie, now.
    func token(of request: Incoming) async throws -> ActorToken {
        guard let person = try await sessions.read(gateway.session.read(request)) else { throw HTTPError(.forbidden) }
        return person.token
    }
}

extension BusError {
    /// Asking again may do.
    var isPassing: Bool { self == .unavailable || self == .timeout }
}
