extension Day {
    /// A birth date as people type it in a form: `1961-03-14`, `14 3 1961`, `14/03/1961` with the day first, or `3/14/1961` where
    /// only the month can be first. Nil when it is unclear or no date.
    public init?(typed: String) {
        let parts = typed.split { !$0.isASCII || !$0.isNumber }.map(String.init)
        guard parts.count == 3, typed.allSatisfy({ $0.isNumber || "-/. ".contains($0) }) else { return nil }
        func padded(_ text: String) -> String { text.utf8.count == 1 ? "0\(text)" : text }
        if parts[0].utf8.count == 4 {
            self.init("\(parts[0])-\(padded(parts[1]))-\(padded(parts[2]))")
        } else if let dayFirst = Day("\(parts[2])-\(padded(parts[1]))-\(padded(parts[0]))") {
            self = dayFirst
        } else {
            self.init("\(parts[2])-\(padded(parts[0]))-\(padded(parts[1]))")
        }
    }
}
