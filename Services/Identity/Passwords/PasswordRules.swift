internal import Foundation

/// What is wrong with a new password.
enum PasswordProblem: Sendable, Equatable {
    case tooShort(minimum: Int)
    /// On the list of those guessed first, or little more than a name an attacker would think of.
    case tooCommon
}

/// Which passwords are good: long, and not one of those that are guessed first. Nothing is said about digits or signs, and there is no maximum.
struct PasswordRules: Sendable {
    /// As long as there is no second factor.
    static let minimum = 15
    private static let rows = ["01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm"]

    /// In lower case.
    private let common: Set<String>

    /// - Parameter common: passwords and words that are tried first, in any case.
    init(common: some Sequence<String>) { self.common = Set(common.map { $0.lowercased() }) }

    /// - Parameter context: words an attacker would think of for this account: its name, the clinic's.
    /// - Returns: what is wrong with `password`; nil when it is good.
    func problem(of password: String, context: [String]) -> PasswordProblem? {
        let typed = password.precomposedStringWithCanonicalMapping
        guard typed.unicodeScalars.count >= Self.minimum else { return .tooShort(minimum: Self.minimum) }
        return isCommon(typed.lowercased(), context) ? .tooCommon : nil
    }

    private func isCommon(_ password: String, _ context: [String]) -> Bool {
        if common.contains(password) || Set(password).count < 5 || isRow(password) { return true }
        let unit = repeatedUnit(of: password)
        // A word with digits or signs around it is that word to whoever guesses.
        if common.contains(unit.trimmingCharacters(in: .letters.inverted)) || unit.count < 8 { return true }
        let left = context.flatMap(words).reduce(password) { $0.replacingOccurrences(of: $1, with: "") }
        return left != password && left.count < 10
    }

    private func isRow(_ password: String) -> Bool {
        Self.rows.contains { row in
            let twice = row + row
            return twice.contains(password) || twice.contains(String(password.reversed()))
        }
    }

    /// `abcd` of `abcdabcdabcd`; the whole when nothing repeats.
    private func repeatedUnit(of password: String) -> String {
        let all = Array(password)
        let length = (1...(all.count / 2)).first { length in
            all.count.isMultiple(of: length) && all.indices.dropFirst(length).allSatisfy { all[$0] == all[$0 - length] }
        }
        return String(all.prefix(length ?? all.count))
    }

    /// The longest first, so that a part does not spoil the whole.
    private func words(_ text: String) -> [String] {
        let text = text.lowercased()
        let parts = text.split { !$0.isLetter && !$0.isNumber }.map(String.init)
        return ([text, text.filter { $0.isLetter || $0.isNumber }] + parts).filter { $0.count >= 4 }.sorted { $0.count > $1.count }
    }
}
