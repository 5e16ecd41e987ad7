internal import Contracts
internal import Crypto
internal import Foundation
internal import Postgres
internal import Sealing

extension MessageChoice {
    /// What people may choose. Letters about accounts are missing: they are sent whatever somebody wants.
    static let offered: [(topic: MessageTopic, channel: MessageChannel)] = [
        (.visitReminders, .email), (.visitReminders, .sms), (.visitChanges, .email), (.visitChanges, .sms), (.recordNews, .email),
        (.messages, .email), (.messages, .sms), (.bills, .email),
    ]

    static func all(unwanted: [String], daily: [String] = []) -> [MessageChoice] {
        offered.map { topic, channel in
            let code = code(topic, channel)
            return MessageChoice(topic, channel, wanted: !unwanted.contains(code), daily: daily.contains(code) ? true : nil)
        }
    }

    static func isOffered(_ choice: MessageChoice) -> Bool {
        offered.contains { $0.topic == choice.topic && $0.channel == choice.channel } && (choice.daily != true || choice.canBeDaily)
    }

    /// As it stands in the tables: `visitReminders/sms`.
    var code: String { Self.code(topic, channel) }

    static func code(_ topic: MessageTopic, _ channel: MessageChannel) -> String { "\(topic.rawValue)/\(channel.rawValue)" }
}

extension Kind {
    /// What somebody may have said no to.
    var topic: MessageTopic {
        switch self {
        case .reminder: .visitReminders
        case .confirmation, .cancellation: .visitChanges
        }
    }
}

extension Intent {
    var choice: String { MessageChoice.code(kind.topic, channel == .email ? .email : .sms) }
}

/// Recognises a phone number, or an address, without keeping it.
struct Numbers: Sendable {
    let key: SymmetricKey

    /// - Parameter number: E.164.
    func mark(_ number: String) -> [UInt8] { Array(HMAC<SHA256>.authenticationCode(for: Data(number.utf8), using: key)) }

    func mark(email: String) -> [UInt8] { mark("mailto:\(email.lowercased())") }
}

/// What is asked of the tables before somebody is written to, and again in the commit that hands it over.
enum Wanted {
    /// - Parameter choice: as `MessageChoice.code` has it.
    static func isChosen(_ choice: String, by patient: ID<Patient>) -> SQL {
        "NOT EXISTS (SELECT FROM preference WHERE patient = \(patient.uuid) AND \(choice) = ANY (unwanted))"
    }

    /// Whether nobody has said STOP from there. - Parameter number: its mark; nil of what goes to none.
    static func isOpen(_ number: [UInt8]?) -> SQL { "NOT EXISTS (SELECT FROM number_wish WHERE number = \(number) AND stopped)" }

    /// Remembers whom a text to a number is for, so that an answer from there finds them.
    static func noteText(to number: [UInt8], for patient: ID<Patient>, in language: Language, _ tx: Transaction) {
        tx.queue(
            """
            INSERT INTO texted (number, patient, language) VALUES (\(number), \(patient.uuid), \(language.rawValue))
            ON CONFLICT (number, patient) DO UPDATE SET language = excluded.language, at = excluded.at
            """)
    }
}

/// What it takes to know what people want: the key that marks their numbers, and the number they write to.
struct Wishes: Sendable {
    let numbers: Numbers
    let sealer: Sealer
    let text: TextSettings?

    init(key: SymmetricKey, sealer: Sealer, text: TextSettings? = nil) {
        (numbers, self.sealer, self.text) = (Numbers(key: key), sealer, text)
    }

    /// What somebody wrote, sealed; nil where their text was destroyed.
    func sealed(_ words: String, of patient: UUID, consent id: UUID) -> [UInt8]? {
        try? sealer.cipher(for: patient, making: true).seal(Array(words.utf8), at: Self.place(id))
    }

    func opened(_ words: [UInt8], of patient: UUID, consent id: UUID) -> String? {
        guard let bytes = try? sealer.cipher(for: patient).open(words, at: Self.place(id)) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func place(_ id: UUID) -> Place { Place("consent", "words", row: id) }
}
