internal import Contracts
internal import Foundation

/// What a mail server says became of an e-mail of ours (RFC 3464): a report whose parts hold a status and the headers of what it is about.
struct DeliveryStatus: Equatable, Sendable {
    let intent: ID<Contracts.Intent>
    /// Whether no other try will do: an action `failed` with a status of class 5.
    let isFinal: Bool

    /// - Parameters:
    ///   - message: as it lies in the mailbox.
    ///   - domain: of our sender; reports about others' e-mails are none of ours.
    /// - Returns: nil for anything but a report about one of ours.
    init?(_ message: String, domain: String) {
        let text = message.replacing("\r\n", with: "\n")
        guard let end = text.range(of: "\n\n") else { return nil }
        let head = text[..<end.lowerBound].replacing("\n ", with: " ").replacing("\n\t", with: " ").lowercased()
        guard head.contains("multipart/report"), head.contains("delivery-status") else { return nil }
        var (action, status, intent): (String?, String?, ID<Contracts.Intent>?) = (nil, nil, nil)
        for line in text[end.upperBound...].split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            switch line[..<colon].lowercased() {
            case "action": action = action ?? value.lowercased()
            case "status": status = status ?? value
            case "message-id": intent = intent ?? Self.intent(value, domain)
            default: break
            }
        }
        guard let action, let status, let intent else { return nil }
        self.intent = intent
        isFinal = action == "failed" && status.hasPrefix("5.")
    }

    private static func intent(_ messageID: String, _ domain: String) -> ID<Contracts.Intent>? {
        guard messageID.hasPrefix("<"), messageID.hasSuffix("@\(domain)>") else { return nil }
        return ID(String(messageID.dropFirst().prefix { $0 != "@" }))
    }
}
