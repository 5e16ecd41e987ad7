internal import Foundation

/// What a text message to the clinic asks for.
enum ReplyWord: Sendable, Equatable {
    case stop, start, help
    /// They come to the visit they were written about; or they do not.
    case accept, decline
    /// Nothing a machine understands.
    case other

    private static let stops: Set<String> = [
        "STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "OPT OUT", "ALTO", "PARAR", "BASTA", "BAJA",
        "DETENER",
    ]
    private static let starts: Set<String> = ["START", "UNSTOP", "INICIAR", "EMPEZAR", "ALTA"]
    private static let accepts: Set<String> = ["C", "CONFIRM", "CONFIRMED", "CONFIRMAR", "CONFIRMO", "Y", "YES", "SI"]
    // CANCEL alone is a word carriers end all texts by: it does that, and says that visits stay.
    private static let declines: Set<String> = ["X", "CANCEL VISIT", "CANCEL MY VISIT", "CANCELAR", "CANCELAR CITA", "CANCELAR MI CITA"]
    private static let helps: Set<String> = ["HELP", "INFO", "AYUDA"]
    /// What makes a longer text one of these: nobody who writes it wants more messages.
    private static let firstWords: Set<Substring> = ["STOP", "STOPALL", "UNSUBSCRIBE", "ALTO"]
    private static let spanish: Set<String> = [
        "ALTO", "PARAR", "BASTA", "BAJA", "DETENER", "INICIAR", "EMPEZAR", "ALTA", "AYUDA", "CONFIRMAR", "CONFIRMO", "SI",
        "CANCELAR", "CANCELAR CITA", "CANCELAR MI CITA",
    ]

    /// - Parameter text: as it came.
    init(_ text: String) {
        let words = Self.plain(text)
        if Self.stops.contains(words) || words.split(separator: " ").first.map({ Self.firstWords.contains($0) }) == true {
            self = .stop
        } else if Self.starts.contains(words) {
            self = .start
        } else if Self.accepts.contains(words) {
            self = .accept
        } else if Self.declines.contains(words) {
            self = .decline
        } else {
            self = Self.helps.contains(words) ? .help : .other
        }
    }

    /// The language a word is of; nil where it is of both.
    static func language(of text: String) -> Language? { spanish.contains(plain(text)) ? .spanish : nil }

    /// In capitals, without accents and punctuation.
    private static func plain(_ text: String) -> String {
        let folded = text.folding(options: [.diacriticInsensitive, .widthInsensitive], locale: nil).uppercased()
        let letters = folded.unicodeScalars.map { CharacterSet.alphanumerics.contains($0) ? Character($0) : " " }
        return String(letters).split(separator: " ").joined(separator: " ")
    }
}
