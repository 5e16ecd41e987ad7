internal import Contracts
internal import FHIR
internal import Foundation

/// Collects what is wrong with the fields that somebody filled in.
struct EntryCheck {
    /// Nowhere on Earth is it later than this.
    private static let farthestEast: TimeInterval = 14 * 3600
    private static let itemsAtMost = 10

    /// What dates are held against.
    var now = Date()
    var problems: [EntryProblem] = []

    mutating func needed(_ field: String, _ text: String) {
        if text.isEmpty { problems.append(EntryProblem(field, .missing)) }
    }

    mutating func text(_ field: String, _ text: String?, atMost length: Int) {
        if let text, text.count > length { problems.append(EntryProblem(field, .tooLong)) }
    }

    /// Why something is done: 3 to 500 characters, where nothing else is said.
    mutating func why(_ field: String, _ text: String, atMost length: Int = 500) {
        if text.count < 3 { problems.append(EntryProblem(field, .missing)) }
        self.text(field, text, atMost: length)
    }

    mutating func number(_ field: String, _ number: Int, in possible: ClosedRange<Int>) {
        if !possible.contains(number) { problems.append(EntryProblem(field, .notPossible)) }
    }

    mutating func name(_ field: String, _ name: CodedText) {
        needed(field, name.text)
        text(field, name.text, atMost: 200)
        text(field, name.code, atMost: 60)
        text(field, name.system, atMost: 200)
    }

    mutating func list(_ field: String, _ texts: [String]) {
        if texts.count > Self.itemsAtMost { problems.append(EntryProblem(field, .tooMany)) }
        if let longest = texts.map(\.count).max(), longest > 200 { problems.append(EntryProblem(field, .tooLong)) }
    }

    mutating func code(_ field: String, _ code: String?, in codes: Set<String>) {
        if let code, !codes.contains(code) { problems.append(EntryProblem(field, code.isEmpty ? .missing : .unknownCode)) }
    }

    /// - Parameter old: what stood there and may stay, whatever it is.
    mutating func date(_ field: String, _ text: String?, notBefore first: String? = nil, mayBeToCome: Bool = false, unless old: String?) {
        guard let text, !text.isEmpty, text != old else { return }
        guard let date = FHIRDate(text) else { return problems.append(EntryProblem(field, .notADate)) }
        if !mayBeToCome, date.start > now.addingTimeInterval(Self.farthestEast) { problems.append(EntryProblem(field, .inTheFuture)) }
        if let first = first.flatMap(FHIRDate.init), date.range(in: .gmt).upperBound <= first.start {
            problems.append(EntryProblem(field, .beforeTheFirst))
        }
    }
}
