import CQRencode

/// A text as a QR code, for a camera that looks at the page: drawn here, so that no script and no other server ever has the text.
public struct QRCode: Part {
    /// White around the code, in modules: cameras need it.
    private static let margin = 4
    private let width: Int
    private let path: String
    private let label: HTML

    /// Nil when the text is too long for any code.
    public init?(_ text: String, label: HTML) {
        guard let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else { return nil }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        guard let data = code.pointee.data else { return nil }
        var path = ""
        for y in 0..<width {
            var x = 0
            while x < width {
                // The lowest bit is a module's colour; what stands side by side is one stroke.
                let dark = (x..<width).prefix { data[y * width + $0] & 1 == 1 }.count
                if dark > 0 { path += "M\(x + Self.margin) \(y + Self.margin)h\(dark)v1h-\(dark)z" }
                x += max(dark, 1)
            }
        }
        (self.width, self.path, self.label) = (width, path, label)
    }

    public var html: HTML {
        let side = width + 2 * Self.margin
        return """
            <svg class="qr" viewBox="0 0 \(side) \(side)" role="img" aria-label="\(label)" shape-rendering="crispEdges">\
            <rect class="qr-paper" width="\(side)" height="\(side)"/><path class="qr-ink" d="\(path)"/></svg>
            """
    }
}
