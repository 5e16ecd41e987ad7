import Testing

/// What no source may hold.
@Suite struct SourceTests {
    @Test func linesAreAtMost150Columns() throws {
        let long = try Tree.sources("Services", "Shared", "Tests").flatMap { source in
            source.lines.indices.filter { source.lines[$0].count > 150 }.map(source.place)
        }
        #expect(long == [])
    }

    @Test func nothingTrapsOnPurpose() throws {
        for source in try Tree.sources("Services", "Shared") {
            #expect(source.places(/\btry!/) == [])
            #expect(source.places(/\bfatalError\(/) == [])
            // After a name, a parenthesis or a bracket, and not the `!=` of a comparison.
            #expect(source.places(/[A-Za-z0-9_)\]>"`]!(?!=[^=])/) == [])
        }
    }

    @Test func nothingIsLeftToDo() throws {
        for source in try Tree.sources("Services", "Shared", "Tests") where !source.path.hasPrefix("Tests/TidyTests/") {
            let left = source.lines.indices.filter { source.lines[$0].firstMatch(of: /\b(TODO|FIXME|XXX|HACK)\b/) != nil }
            #expect(left.map(source.place) == [])
        }
    }

    /// Services log; only the command line talks to people.
    @Test func servicesDoNotPrint() throws {
        for source in try Tree.sources("Services", "Shared") where !source.path.hasPrefix("Services/Chartline/") {
            // The list of settings, asked for on the command line, is the one exception.
            guard source.path != "Shared/ServiceHost/Lifecycle/ServiceHost.swift" else { continue }
            #expect(source.places(/\b(?:debugPrint|print|dump)\(/) == [])
        }
    }

    @Test func uncheckedIsSaidWhy() throws {
        for source in try Tree.sources("Services", "Shared") {
            let silent = source.lines.indices.filter { index in
                guard source.code[index].contains("@unchecked Sendable") else { return false }
                return !source.lines[max(0, index - 1)...index].contains { $0.contains("//") }
            }
            #expect(silent.map(source.place) == [])
        }
    }

    /// SQL is put together from literals and binds, never from text.
    @Test func onlyPostgresAndTestsTrustText() throws {
        let trusted = ["Shared/Postgres/", "Shared/TestSupport/"]
        for source in try Tree.sources("Services", "Shared") where !trusted.contains(where: source.path.hasPrefix) {
            #expect(source.places(/SQL\(trusted:/) == [])
        }
    }

    /// The scanner itself: what it must see and what it must not.
    @Test func theScannerTellsCodeFromText() {
        let text = #"""
            let a = b! // c!
            let d = "e!\(f("g)!"))h!" /* i! /* j! */ k! */ + l
            let m = """
                n! "o!"
                """
            if !p, q != r { s() }
            """#
        let code = Source.stripped(text)
        #expect(code.split(separator: "\n", omittingEmptySubsequences: false).count == 6)
        let found = code.matches(of: /([a-z])!(?!=)/).map { String($0.1) }
        #expect(found == ["b"])
        #expect(code.contains("+ l") && code.contains("q != r"))
    }
}
