/// One thing to do on the line: when, what, one plain sentence, one button.
public struct TaskEntry: Part {
    public var needsYouNow: Bool
    public var when: HTML
    public var title: HTML
    public var plain: HTML
    public var action: Action?

    public init(needsYouNow: Bool, when: HTML, title: HTML, plain: HTML, action: Action?) {
        self.needsYouNow = needsYouNow
        self.when = when
        self.title = title
        self.plain = plain
        self.action = action
    }

    public var html: HTML {
        """
        <li class="task\(when: needsYouNow, " now")"><div><p class="when">\(when)</p><h3>\(title)</h3>\
        <p class="plain">\(plain)</p></div>\(action)</li>
        """
    }
}

/// Things that hang on the line, soonest first.
public struct TaskLine: Part {
    public var entries: [TaskEntry]
    public init(_ entries: [TaskEntry]) { self.entries = entries }
    public var html: HTML { "<ol class=\"line\">\(each: entries, \.html)</ol>" }
}

/// Pairs of a name and a value.
public struct Facts: Part {
    public var pairs: [(name: HTML, value: HTML)]
    public init(_ pairs: [(name: HTML, value: HTML)]) { self.pairs = pairs }
    public var html: HTML { "<dl class=\"facts\">\(each: pairs, { "<dt>\($0.name)</dt><dd>\($0.value)</dd>" })</dl>" }
}

/// "6 of 38": how much of a list is shown.
public struct ShownOf: Part {
    public let html: HTML
    public init(_ shown: Int, of total: Int, _ t: Wording) {
        html = "<span class=\"of\">\(t("list.of", ["shown": shown, "total": total]))</span>"
    }
}

/// A table that becomes a card a row on a phone. The first column names the row.
public struct CardTable: Part {
    public struct Column: Sendable {
        public var title: HTML
        public var isNumber: Bool
        public init(_ title: HTML, isNumber: Bool = false) {
            self.title = title
            self.isNumber = isNumber
        }
    }

    public var caption: HTML
    public var hidesCaption: Bool
    public var columns: [Column]
    public var rows: [[HTML]]

    /// - Parameter hidesCaption: when a heading above says the same.
    public init(caption: HTML, hidesCaption: Bool = false, columns: [Column], rows: [[HTML]]) {
        self.caption = caption
        self.hidesCaption = hidesCaption
        self.columns = columns
        self.rows = rows
    }

    // Once the style sheet lays rows out as blocks, browsers drop the table's meaning; the roles keep it.
    public var html: HTML {
        """
        <table class="card-rows" role="table"><caption\(when: hidesCaption, " class=\"hide\"")>\(caption)</caption>\
        <thead role="rowgroup"><tr role="row">\
        \(each: columns, { "<th scope=\"col\" role=\"columnheader\"\(when: $0.isNumber, " class=\"num\"")>\($0.title)</th>" })\
        </tr></thead><tbody role="rowgroup">\(each: rows, row)</tbody></table>
        """
    }

    private func row(_ cells: [HTML]) -> HTML {
        var out: HTML = "<tr role=\"row\">"
        for (column, (heading, cell)) in zip(columns, cells).enumerated() {
            if column == 0 {
                out += "<th scope=\"row\" role=\"rowheader\">\(cell)</th>"
            } else {
                let kind: HTML = heading.isNumber ? " class=\"num\"" : ""
                out += "<td role=\"cell\"\(kind) data-label=\"\(heading.title)\"><span>\(cell)</span></td>"
            }
        }
        out += "</tr>"
        return out
    }
}
