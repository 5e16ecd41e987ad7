internal import ArgumentParser
internal import Contracts
internal import Foundation
internal import MessageBus
internal import ServiceHost

/// `chartline fees …`: what services cost.
struct Fees: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Loads what services cost.", subcommands: [Load.self])

    struct Load: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Loads a list; from then on visits are charged by it, and codes that are not in it no more.",
            discussion: """
                The file is CSV with the first line "code,name_en,name_es,amount,currency,visit". The amount is in the smallest unit of the currency \
                (16800 of USD are $168.00). A fee with a kind of visit (office-visit) is charged whenever one of that kind is over.
                """)
        @Argument(help: "The file.") var path: String

        func run() async throws {
            guard let content = FileManager.default.contents(atPath: path), let text = String(data: content, encoding: .utf8) else {
                throw ValidationError("\(path) cannot be read.")
            }
            let fees: [Fee]
            do { fees = try FeeFile.read(text) } catch { throw ValidationError("\(path), line \(error.line): \(error.what)") }
            switch try await OperatorSession.run({ try await $0.request(LoadFees(fees: fees, key: .v7()), as: nil, within: .seconds(30)) }) {
            case .done: print("\(fees.count) fees")
            case .refused(.invalid(let line)):
                throw ValidationError(
                    "\(path), line \(line + 1): names in both languages, an amount above 0 and a currency are needed; codes and kinds of visit once.")
            }
        }
    }
}

/// Fees as comma-separated values (RFC 4180).
enum FeeFile {
    struct Wrong: Error, Equatable {
        /// From 1.
        let line: Int
        let what: String
    }

    static let header = ["code", "name_en", "name_es", "amount", "currency", "visit"]

    static func read(_ text: String) throws(Wrong) -> [Fee] {
        var fees: [Fee] = []
        // A mark at the start, as spreadsheets write it, is no part of the first name.
        let lines = (text.first == "\u{FEFF}" ? String(text.dropFirst()) : text).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (number, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
            guard let cells = cells(of: line), cells.count == header.count else {
                throw Wrong(line: number + 1, what: "\(header.count) values are needed: \(header.joined(separator: ","))")
            }
            if number == 0 {
                guard cells == header else { throw Wrong(line: 1, what: "the first line is \(header.joined(separator: ","))") }
                continue
            }
            guard let amount = Int(cells[3]) else { throw Wrong(line: number + 1, what: "the amount is no whole number") }
            fees.append(
                Fee(
                    code: cells[0], name: ["en": cells[1], "es": cells[2]], price: Money(amount, cells[4]), visit: cells[5].isEmpty ? nil : cells[5]))
        }
        return fees
    }

    /// - Returns: nil for a quote that is not closed.
    private static func cells(of line: Substring) -> [String]? {
        var (cells, cell, isQuoted, wasQuote) = ([String](), "", false, false)
        for character in line {
            if character == "\"" {
                // Twice within quotes it stands for itself.
                if wasQuote { cell.append("\"") }
                wasQuote = isQuoted
                isQuoted.toggle()
            } else {
                wasQuote = false
                if character == ",", !isQuoted {
                    cells.append(cell.trimmingCharacters(in: .whitespaces))
                    cell = ""
                } else {
                    cell.append(character)
                }
            }
        }
        return isQuoted ? nil : cells + [cell.trimmingCharacters(in: .whitespaces)]
    }
}
