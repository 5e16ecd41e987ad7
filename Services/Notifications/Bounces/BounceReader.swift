internal import Contracts
internal import CoreMetrics
internal import Foundation
internal import Logging
internal import MessageBus
internal import Postgres

/// Reads what mail servers send back from a Maildir, and notes what could not be delivered. What was read goes to `cur`.
struct BounceReader: Sendable {
    private static let pause = Duration.seconds(5)
    private static let batch = 100
    /// Bytes of a message that are looked at.
    private static let longest = 1 << 20

    let folder: URL
    let domain: String
    let database: any WorkerTransactions
    let logger: Logger

    func run() async throws {
        while !Task.isCancelled {
            if try await round() < Self.batch { try await Task.sleep(for: Self.pause * Double.random(in: 0.8...1.2)) }
        }
    }

    /// - Returns: how many messages were read.
    @discardableResult
    func round() async throws -> Int {
        let new = folder.appending(path: "new")
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: new.path)) ?? []).filter { !$0.hasPrefix(".") }.sorted().prefix(Self.batch)
        for name in names {
            let file = new.appending(path: name)
            let content = (try? FileHandle(forReadingFrom: file).read(upToCount: Self.longest)) ?? Data()
            if let status = DeliveryStatus(String(decoding: content, as: UTF8.self), domain: domain), status.isFinal {
                try await note(status)
            }
            // Only now: what is read twice after a crash changes nothing.
            let read = folder.appending(path: "cur").appending(path: name.contains(":2,") ? name : "\(name):2,S")
            do { try FileManager.default.moveItem(at: file, to: read) } catch {
                logger.warning("message stays in the mailbox", metadata: ["reason": "\(type(of: error))"])
                try await Task.sleep(for: Self.pause)
            }
        }
        return names.count
    }

    private func note(_ status: DeliveryStatus) async throws {
        let changed = try await database.transaction { tx in
            let intents = try await tx.run(
                """
                UPDATE intent SET state = 'bounced', reason = \(Reason.addressRefused), receipt = 'failed', receipt_at = now(), next_at = NULL
                WHERE (id = \(status.intent.uuid) AND leader IS NULL OR leader = \(status.intent.uuid))
                    AND channel = 'email' AND state IN ('sent', 'delivered', 'unknown')
                """)
            guard intents == 0 else { return intents }
            let letter = ID<Letter>(status.intent.uuid)
            let letters = try await tx.run(
                "UPDATE letter SET state = 'bounced', reason = \(Reason.addressRefused) WHERE id = \(letter.uuid) AND state IN ('sent', 'unknown')")
            if letters == 1 { LetterSender.tellByText(of: letter, tx) }
            return letters
        }
        if changed > 0 { Counter(label: "chartline_notify_total", dimensions: [("channel", "email"), ("outcome", "bounced")]).increment() }
    }
}
