import Foundation

/// The package's files, as they lie on disk.
enum Tree {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func entries(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)) ?? []).sorted()
    }

    static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: root.appending(path: path).path, isDirectory: &isFolder) && isFolder.boolValue
    }

    static func text(_ path: String) throws -> String { try String(contentsOf: root.appending(path: path), encoding: .utf8) }

    /// Paths from the root of all files below `folders` whose names end so; hidden ones left out.
    static func files(_ folders: [String], ending suffix: String) -> [String] {
        folders.flatMap { folder -> [String] in
            if folder.split(separator: "/").last?.hasPrefix(".") == true { return [] }
            return entries(folder).flatMap { name -> [String] in
                let path = "\(folder)/\(name)"
                if isFolder(path) { return files([path], ending: suffix) }
                return name.hasSuffix(suffix) ? [path] : []
            }
        }
    }

    static func sources(_ folders: String...) throws -> [Source] { try files(folders, ending: ".swift").map(Source.init) }
}

/// A Swift file, with what it says apart from what it only mentions.
struct Source {
    let path: String
    let lines: [Substring]
    /// The same lines without comments and without the text of string literals.
    let code: [String]

    init(_ path: String) throws {
        self.path = path
        let text = try Tree.text(path)
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        code = Source.stripped(text).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// `Shared/AMQP/Wire.swift:12`
    func place(_ index: Int) -> String { "\(path):\(index + 1)" }

    /// Places whose code matches.
    func places(_ pattern: Regex<Substring>) -> [String] {
        code.indices.filter { code[$0].firstMatch(of: pattern) != nil }.map(place)
    }

    /// The modules the file imports.
    var imports: [String] {
        // `@testable public import struct Module.Name` is the longest form.
        let form = /^\s*(?:@\w+\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+(?:[a-z]+\s+)?(\w+)/
        return code.compactMap { line in line.firstMatch(of: form).map { String($0.1) } }
    }
}

extension Source {
    private enum State: Equatable {
        case code
        case lineComment
        case blockComment(depth: Int)
        case string(quotes: Int, hashes: Int)
    }

    /// `text` with blanks for comments and string literals; what is interpolated stays out too. Lines stay where they are.
    static func stripped(_ text: String) -> String {
        let characters = Array(text)
        var result = ""
        var state = State.code
        var index = 0
        func hasPrefix(_ prefix: String) -> Bool {
            var at = index
            for character in prefix {
                guard at < characters.count, characters[at] == character else { return false }
                at += 1
            }
            return true
        }
        while index < characters.count {
            let character = characters[index]
            if character == "\n" {
                // Neither goes on in the next line, however it was misread.
                if state == .lineComment || isShortString(state) { state = .code }
                result.append("\n")
                index += 1
                continue
            }
            switch state {
            case .code:
                if hasPrefix("//") {
                    state = .lineComment
                } else if hasPrefix("/*") {
                    state = .blockComment(depth: 1)
                    index += 1
                } else if let (quotes, hashes) = opening(characters, index) {
                    state = .string(quotes: quotes, hashes: hashes)
                    result.append("\"\"")
                    index += quotes + hashes - 1
                } else {
                    result.append(character)
                }
                index += 1
            case .lineComment: index += 1
            case .blockComment(let depth):
                if hasPrefix("*/") {
                    state = depth == 1 ? .code : .blockComment(depth: depth - 1)
                    index += 2
                } else if hasPrefix("/*") {
                    state = .blockComment(depth: depth + 1)
                    index += 2
                } else {
                    index += 1
                }
            case .string(let quotes, let hashes):
                let sharps = String(repeating: "#", count: hashes)
                if hasPrefix("\\" + sharps + "(") {
                    let end = afterInterpolation(characters, index + hashes + 2)
                    result += String(repeating: "\n", count: characters[index..<end].count { $0 == "\n" })
                    index = end
                } else if hasPrefix("\\" + sharps), index + hashes + 1 < characters.count, characters[index + hashes + 1] != "\n" {
                    index += hashes + 2
                } else if hasPrefix(String(repeating: "\"", count: quotes) + sharps) {
                    state = .code
                    index += quotes + hashes
                } else {
                    index += 1
                }
            }
        }
        return result
    }

    private static func isShortString(_ state: State) -> Bool {
        if case .string(quotes: 1, hashes: _) = state { true } else { false }
    }

    /// The quotes and hashes of the literal that opens at `index`.
    private static func opening(_ characters: [Character], _ index: Int) -> (quotes: Int, hashes: Int)? {
        var at = index
        while at < characters.count, characters[at] == "#" { at += 1 }
        let hashes = at - index
        guard at < characters.count, characters[at] == "\"" else { return nil }
        let isLong = at + 2 < characters.count && characters[at + 1] == "\"" && characters[at + 2] == "\""
        return (isLong ? 3 : 1, hashes)
    }

    /// Where an interpolation that begins at `start`, after its parenthesis, is over. Literals inside may hold parentheses.
    private static func afterInterpolation(_ characters: [Character], _ start: Int) -> Int {
        var depth = 1
        var at = start
        var isInside = false
        while at < characters.count, depth > 0 {
            switch characters[at] {
            case "\\" where isInside: at += 1
            case "\"": isInside.toggle()
            case "(" where !isInside: depth += 1
            case ")" where !isInside: depth -= 1
            default: break
            }
            at += 1
        }
        return at
    }
}
