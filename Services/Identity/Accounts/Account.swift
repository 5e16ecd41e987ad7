internal import Access
internal import Contracts
internal import Foundation

/// What people sign in with: an e-mail address, in lower case.
struct Username: Sendable, Equatable {
    let text: String

    init(_ typed: String) {
        let printable = String(String.UnicodeScalarView(typed.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }))
        text = printable.trimmingCharacters(in: .whitespaces).precomposedStringWithCanonicalMapping.lowercased()
    }

    /// Looks like an address; only a message that arrives proves one.
    var isAddress: Bool {
        let sides = text.split(separator: "@", omittingEmptySubsequences: false)
        guard sides.count == 2, (1...64).contains(sides[0].utf8.count), text.utf8.count <= 254 else { return false }
        let labels = sides[1].split(separator: ".", omittingEmptySubsequences: false)
        return labels.count >= 2 && labels.allSatisfy { !$0.isEmpty && !$0.hasPrefix("-") && !$0.hasSuffix("-") }
            && !text.contains { $0.isWhitespace || "()<>,;:\\\"[]".contains($0) }
    }
}

extension Audience {
    /// Patients use the portal, staff the clinic.
    init?(of role: Role) {
        switch role {
        case .patient: self = .portal
        case .clinician, .nurse, .frontDesk, .billingOffice, .administrator: self = .clinic
        case .operator, .worker, .anonymous: return nil
        }
    }
}
