import Contracts
import Crypto
import Foundation
import Web

/// The two charts a browser opened last, so that they never have the same colour.
///
/// The cookie holds a mark for each, which names nobody, and goes when the browser is closed or its person signs out.
struct OpenCharts: Equatable {
    static let cookie = HostCookie("charts", sameSite: .strict)

    private var first = ""
    private var second = ""
    /// Whether the chart opened last is the one with the second colour.
    private(set) var isSecond = false

    /// - Parameter stored: the cookie's value.
    init(_ stored: String?) {
        guard let parts = stored?.split(separator: ".", omittingEmptySubsequences: false), parts.count == 3 else { return }
        (first, second, isSecond) = (String(parts[0].prefix(8)), String(parts[1].prefix(8)), parts[2] == "2")
    }

    var stored: String { "\(first).\(second).\(isSecond ? 2 : 1)" }

    /// A chart keeps its colour while it is one of the two; another takes the colour that is not in front of the reader.
    mutating func open(_ patient: ID<Patient>) {
        let mark = SHA256.hash(data: Data("\(patient)".utf8)).prefix(4).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        switch mark {
        case first: isSecond = false
        case second: isSecond = true
        default:
            isSecond = !first.isEmpty && !isSecond
            if isSecond { second = mark } else { first = mark }
        }
    }
}
