/// The drawings of the interface. Each stands beside a word, so screen readers pass over it.
public enum Icon: Sendable, Part {
    case home, calendar, message, results, record, menu, info, done, warning, notDone, clock, person

    public var html: HTML { "<svg class=\"icon\" viewBox=\"0 0 24 24\" aria-hidden=\"true\">\(strokes)</svg>" }

    private var strokes: HTML {
        switch self {
        case .home: "<path d=\"M3 11 12 4l9 7M6 9.5V20h12V9.5\"/>"
        case .calendar: "<rect x=\"3.5\" y=\"5\" width=\"17\" height=\"15.5\" rx=\"2\"/><path d=\"M3.5 10h17M8 3v4M16 3v4\"/>"
        case .message: "<path d=\"M4 5h16v11H10l-5 4v-4H4z\"/>"
        case .results: "<path d=\"M4 19V5M4 19h16M8 14l4-4 3 2 5-6\"/>"
        case .record: "<path d=\"M6 3.5h9l4 4v13H6zM9.500 11h6M9.500 15h6\"/>"
        case .menu: "<path d=\"M4 7h16M4 12h16M4 17h16\"/>"
        case .info: "<circle cx=\"12\" cy=\"12\" r=\"9\"/><path d=\"M12 11v5.5M12 7.5v.1\"/>"
        case .done: "<circle cx=\"12\" cy=\"12\" r=\"9\"/><path d=\"m7.5 12.5 3 3 6-6.5\"/>"
        case .warning: "<path d=\"M12 3.5 22 20.5H2z\"/><path d=\"M12 10v5M12 17.6v.1\"/>"
        case .notDone: "<path d=\"M8 2.8h8L21.2 8v8L16 21.2H8L2.8 16V8z\"/><path d=\"m8.5 8.5 7 7M15.5 8.5l-7 7\"/>"
        case .clock: "<circle cx=\"12\" cy=\"12\" r=\"9\"/><path d=\"M12 7v5.5l3.5 2\"/>"
        case .person: "<circle cx=\"12\" cy=\"8\" r=\"4\"/><path d=\"M4 20.500c1-4.500 4-6 8-6s7 1.500 8 6\"/>"
        }
    }

    /// The mark of the product: a line that leaves its band.
    static let mark: HTML = """
        <svg viewBox="0 0 32 32" aria-hidden="true"><rect class="mark-tile" width="32" height="32" rx="8"/>\
        <rect class="mark-band" x="0" y="11" width="32" height="9"/><path class="mark-line" d="M5 23l6-5 5 2 9-11"/>\
        <circle class="mark-dot" cx="25.5" cy="8.5" r="3.2"/></svg>
        """
}
