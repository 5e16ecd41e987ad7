internal import Foundation

/// The kinds of visit that take place by video.
struct VideoKinds: Sendable {
    private let codes: Set<String>

    /// - Parameter listed: their codes, with commas between.
    init(listed: String) { codes = Set(listed.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }) }

    func contains(_ service: String) -> Bool { codes.contains(service) }
}
