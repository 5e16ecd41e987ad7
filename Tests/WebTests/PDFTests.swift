import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Testing
@testable import Web

/// Pages that become PDF in a child process. Where its bounds are looked at, a library of a few lines stands in for WeasyPrint.
@Suite(.serialized) struct PDFTests {
    private static let installed = "/usr/lib/python3/dist-packages/weasyprint"
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func made(_ page: String, by library: String, limit: Duration = .seconds(20)) async throws -> String {
        try await withPrinter(library, limit: limit) { printer in String(decoding: try await printer.pdf(of: page), as: UTF8.self) }
    }

    private func withPrinter<Value>(_ body: String, limit: Duration = .seconds(20), _ use: (PDFPrinter) async throws -> Value) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appending(path: "pdf-\(UUID().uuidString)/weasyprint")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder.deletingLastPathComponent()) }
        let library = """
            import os, socket, subprocess, time, urllib.request
            class HTML:
                def __init__(self, string, url_fetcher):
                    self.page, self.fetch = string, url_fetcher
                def write_pdf(self, variant):
                    return b"%PDF-" + str(self.made()).encode()
                def made(self):
            \(body.split(separator: "\n").map { "        \($0)" }.joined(separator: "\n"))

            """
        try library.write(to: folder.appending(path: "__init__.py"), atomically: true, encoding: .utf8)
        return try await use(PDFPrinter(library: folder.path, limit: limit, logger: logger))
    }

    @Test func thePageIsGivenAndNothingElse() async throws {
        #expect(try await made("<p>Ñandú</p>", by: "return self.page") == "%PDF-<p>Ñandú</p>")
        let seen = try await made("", by: "return sorted(set(os.environ) - {'LC_CTYPE'}), os.getcwd(), len(os.listdir('/proc/self/fd'))")
        // Input, output, errors, and the list itself.
        #expect(seen == "%PDF-(['LANG'], '/', 4)")
    }

    @Test(arguments: [
        "socket.create_connection(('127.0.0.1', 9))", "socket.socket(socket.AF_UNIX).connect('/run/nothing')",
        "urllib.request.urlopen('http://127.0.0.1:9/')",
        "subprocess.run(['/bin/true'])", "os.system('true')", "os.fork()", "self.fetch('file:///etc/hostname')", "self.fetch('http://127.0.0.1:9/')",
        "open('/etc/hostname')", "open('/usr/../etc/hostname')", "os.open('/proc/self/environ', os.O_RDONLY)", "open('/proc/self/fd/0')",
        "open('/usr/share/left-behind', 'w')",
    ])
    func nothingIsReachedFromIt(_ act: String) async throws {
        #expect(try await made("", by: "try: \(act)\nexcept PermissionError: return 'refused'") == "%PDF-refused")
    }

    @Test(arguments: [
        "x = bytes(1 << 30)", "import tempfile; tempfile.TemporaryFile().write(b'x' * 99999)", "raise ValueError('x')", "os._exit(0)", "os.abort()",
    ])
    func aChildThatFailsIsNoPDF(_ act: String) async throws {
        await #expect(throws: NoPDF.failed) { try await made("", by: act) }
    }

    /// It would never end by itself: that the printer comes back, and no child is left, is the proof, however long the machine takes.
    @Test(.timeLimit(.minutes(2))) func aChildThatHangsIsKilled() async throws {
        try await withPrinter("while True: time.sleep(1)", limit: .seconds(4)) { printer in
            let began = Task {
                while !Task.isCancelled, children(of: printer) == 0 { try? await Task.sleep(for: .milliseconds(20)) }
                return !Task.isCancelled
            }
            await #expect(throws: NoPDF.failed) { try await printer.pdf(of: "") }
            began.cancel()
            #expect(await began.value, "it was not there to be killed")
            #expect(children(of: printer) == 0)
        }
    }

    @Test func twoAreMadeAtOnceFourWaitAndMoreAreRefused() async throws {
        try await withPrinter("time.sleep(1)", limit: .seconds(30)) { printer in
            let most = Task {
                var most = 0
                while !Task.isCancelled {
                    most = max(most, children(of: printer))
                    try? await Task.sleep(for: .milliseconds(50))
                }
                return most
            }
            let made = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<9 { group.addTask { (try? await printer.pdf(of: "")) != nil } }
                return await group.reduce(into: 0) { count, done in count += done ? 1 : 0 }
            }
            most.cancel()
            #expect(made == 6)
            #expect(await most.value == 2)
        }
    }

    @Test func aPageThatIsTooLongIsRefused() async throws {
        await #expect(throws: NoPDF.tooLong) { try await made(String(repeating: "x", count: PDFPrinter.longestPage + 1), by: "return 1") }
    }

    @Test func withoutTheLibraryThereIsNone() async throws {
        let printer = PDFPrinter(library: "/nowhere/weasyprint", logger: logger)
        #expect(!printer.isAvailable)
        await #expect(throws: NoPDF.notInstalled) { try await printer.pdf(of: "<p>x</p>") }
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: PDFTests.installed))) func theInstalledOneTagsAndFetchesNothing() async throws {
        let page = """
            <!doctype html><html lang="es"><head><title>Visita</title><link rel="attachment" href="file:///etc/hostname">
            <link rel="stylesheet" href="file:///etc/hostname"></head><body><h1>Visita</h1><img src="file:///etc/hostname" alt="x"></body></html>
            """
        let file = String(decoding: try await PDFPrinter(library: Self.installed, logger: logger).pdf(of: page), as: UTF8.self)
        #expect(file.hasPrefix("%PDF-") && file.contains("/StructTreeRoot") && file.contains("/Lang (es)"))
        #expect(!file.contains("/EmbeddedFile"))
    }

    @Test func whereThereIsNoneThePageIsNamed() async throws {
        let texts = try Texts(folders: [])
        let site = Site(name: "Riverside", zone: try #require(Zone("America/Chicago")), isDemo: true)
        for language in Language.offered {
            let frame = Frame(texts.wording(in: language), site: site, workplace: .portal, stylePath: "/x.css", path: "/", formKey: "key")
            try await withPrinter("raise ValueError('x')") { printer in
                let absent = PDFPrinter(library: "/nowhere/weasyprint", logger: logger)
                for one in [printer, absent] {
                    let answer = await one.file("visit.pdf", of: "<p>x</p>", orElse: "/record/visits/1", in: frame)
                    #expect(answer.status == .serviceUnavailable && answer.headers[.retryAfter] == "30")
                    #expect(answer.headers[.contentType] == "text/html; charset=utf-8")
                }
            }
            #expect(noPDFPage(.failed, orElse: "/record/visits/1", in: frame).markup.contains("href=\"/record/visits/1\""))
        }
    }

    @Test func paperHasNoKeyAndNowhereToGo() throws {
        let site = Site(name: "Riverside", zone: try #require(Zone("America/Chicago")), isDemo: true)
        let frame = Frame(
            try Texts(folders: []).wording(in: .spanish), site: site, workplace: .portal, stylePath: "/x.css", path: "/", formKey: "secret-key",
            signedIn: "maria", banner: "<p>Maria</p>")
        let page = frame.onPaper(try Assets().paper).page(title: "Visit", "<h1>Visit</h1>").markup
        #expect(page.contains("<html lang=\"es") && page.contains("<p>Maria</p>") && page.contains("@page"))
        #expect(!page.contains("secret-key") && !page.contains("<form") && !page.contains("href=") && !page.contains("/x.css"))
    }

    /// How many children of this printer there are now.
    private func children(of printer: PDFPrinter) -> Int {
        let ids = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return ids.filter { id in
            guard Int(id) != nil, let line = FileManager.default.contents(atPath: "/proc/\(id)/cmdline") else { return false }
            return String(decoding: line, as: UTF8.self).hasSuffix("\(printer.library)\0")
        }.count
    }
}
