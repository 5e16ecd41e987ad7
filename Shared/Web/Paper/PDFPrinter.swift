import Foundation
public import Logging
import Subprocess
import SystemPackage

/// Makes PDF of pages with WeasyPrint, in a child process a page. What bounds a child from within is in `Assets/pdf.py`.
public struct PDFPrinter: Sendable {
    /// 512 KiB: some 2,000 lines of a record.
    public static let longestPage = 512 << 10
    private static let largestFile = 32 << 20

    /// Whether WeasyPrint was there when the process started.
    public let isAvailable: Bool
    let library: String
    private let program: String
    private let limit: Duration
    private let turns = Turns(2, waiting: 4)
    private let logger: Logger

    /// - Parameters:
    ///   - library: the folder of the Python package `weasyprint`.
    ///   - limit: how long a child may take.
    public init(library: String, limit: Duration = .seconds(40), logger: Logger) {
        self.library = library
        self.limit = limit
        self.logger = logger
        program = Bundle.module.bundleURL.appending(path: "Assets/pdf.py").path
        isAvailable = FileManager.default.isReadableFile(atPath: "\(library)/__init__.py")
        if !isAvailable { logger.notice("no PDF: weasyprint is not installed", metadata: ["folder": .string(library)]) }
    }

    /// The page as a tagged PDF. Two are made at once and four wait; more are refused.
    /// - Parameter page: with all its style; it can refer to nothing else.
    public func pdf(of page: String) async throws(NoPDF) -> [UInt8] {
        guard isAvailable else { throw .notInstalled }
        guard page.utf8.count <= Self.longestPage else { throw .tooLong }
        guard let made = await turns.inTurn({ await make(page) }) else { throw failed("too many at once") }
        return try made.get()
    }

    private func make(_ page: String) async -> Result<[UInt8], NoPDF> {
        do {
            let file: [UInt8]? = try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
                group.addTask { try await run(page) }
                group.addTask {
                    try await Task.sleep(for: limit)
                    return nil
                }
                // Whichever is left is cancelled: a child that is still there is killed.
                defer { group.cancelAll() }
                return try await group.next().flatMap(\.self)
            }
            guard let file else { return .failure(failed("took too long")) }
            guard file.starts(with: "%PDF-".utf8) else { return .failure(failed("child failed")) }
            return .success(file)
        } catch {
            return .failure(failed("child was not run"))
        }
    }

    private func run(_ page: String) async throws -> [UInt8] {
        let run = try await Subprocess.run(
            .path("/usr/bin/python3"), arguments: ["-IB", program, library], environment: .custom(["LANG": "C.UTF-8"]), workingDirectory: "/",
            input: .array(Array(page.utf8)), output: .bytes(limit: Self.largestFile), error: .discarded)
        return run.terminationStatus.isSuccess ? run.standardOutput : []
    }

    private func failed(_ reason: String) -> NoPDF {
        logger.warning("no PDF was made", metadata: ["reason": .string(reason)])
        return .failed
    }
}

/// There is no PDF of a page.
public enum NoPDF: Error { case notInstalled, tooLong, failed }
