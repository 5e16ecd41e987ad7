/// A value for a placeholder of a text: `String` and `Int` are escaped, `HTML` passes.
public protocol TextValue: Sendable {
    func write(into out: inout HTML)
}

extension String: TextValue {
    public func write(into out: inout HTML) { out += HTML(text: self) }
}

extension Int: TextValue {
    public func write(into out: inout HTML) { out += HTML(markup: String(self)) }
}

extension HTML: TextValue {
    public func write(into out: inout HTML) { out += self }
}

/// The texts in one language: `t("home.title", ["name": name])`.
///
/// Keys are static strings, so that a scan of the sources finds every one. A key that is not in the catalogue shows as itself between ⟨⟩;
/// a test keeps that from happening.
public struct Wording: Sendable {
    public let language: Language
    let entries: [String: Texts.Entry]

    /// The text of a key, its placeholders filled in. `count` chooses between "one" and "other" and fills `{count}`.
    public func callAsFunction(_ key: StaticString, count: Int? = nil, _ values: KeyValuePairs<StaticString, any TextValue> = [:]) -> HTML {
        text(key.description, count: count, values)
    }

    /// The text of a key that is put together at run time, of a catalogue whose keys a test compares with what asks for them.
    public func text(named key: String) -> HTML { text(key) }

    /// Whether the catalogue knows a key that is put together at run time (names of cities only).
    func has(_ key: String) -> Bool { entries[key] != nil }

    func text(_ key: String, count: Int? = nil, _ values: KeyValuePairs<StaticString, any TextValue> = [:]) -> HTML {
        guard let entry = entries[key] else { return HTML(text: "⟨\(key)⟩") }
        var out = HTML()
        for segment in count == 1 ? entry.one ?? entry.other : entry.other {
            switch segment {
            case .text(let escaped): out += escaped
            case .hole(let name):
                if let value = values.first(where: { $0.key.description == name })?.value {
                    value.write(into: &out)
                } else if name == "count", let count {
                    count.write(into: &out)
                } else {
                    out += HTML(text: "{\(name)}")
                }
            }
        }
        return out
    }
}
