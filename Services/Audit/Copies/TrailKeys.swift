internal import AuditTrail
internal import Foundation
internal import Sealing
internal import ServiceHost

/// The public keys of those whose trails are kept here. Setting: `CHARTLINE_AUDIT_KEYS`, a folder of `<service>.pub`.
struct TrailKeys: Sendable {
    private(set) var verifiers: [String: TrailVerifier] = [:]

    init(_ verifiers: [String: TrailVerifier]) { self.verifiers = verifiers }

    init(_ settings: Settings) {
        let folder = settings.string("audit.keys", "folder with the public keys of those whose audit trails are kept here, <service>.pub")
        for file in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where file.hasSuffix(".pub") {
            let service = String(file.dropLast(4))
            guard let text = try? SecretFile.text("\(folder)/\(file)"), let key = [UInt8](hex: text),
                let verifier = TrailVerifier(of: service, publicKey: key)
            else {
                settings.problem("audit.keys", "holds \(file), which is not 64 hexadecimal digits")
                continue
            }
            verifiers[service] = verifier
        }
        if verifiers.isEmpty { settings.problem("audit.keys", "names a folder without any .pub file") }
    }
}
