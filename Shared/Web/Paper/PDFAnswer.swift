import HTTPTypes
public import Hummingbird
import NIOCore

extension PDFPrinter {
    /// A page as a PDF to keep. Where none can be made: 503, or 413 where it is too long, and the way to the page that can be printed.
    /// - Parameters:
    ///   - page: the markup, refused to whom the page itself is refused.
    ///   - path: of that page.
    ///   - shorter: what to do where the page is too long; nil where nothing makes it shorter.
    ///   - frame: of the page that says that there is no PDF.
    public func file(_ name: String, of page: String, orElse path: String, shorter: HTML? = nil, in frame: Frame) async -> Response {
        do throws(NoPDF) {
            let file = try await pdf(of: page)
            return Response(
                status: .ok, headers: [.contentType: "application/pdf", .contentDisposition: "attachment; filename=\"\(name)\""],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: file)))
        } catch {
            let page = noPDFPage(error, orElse: path, shorter: shorter, in: frame)
            guard error != .tooLong else { return page.response(.contentTooLarge) }
            var response = page.response(.serviceUnavailable)
            response.headers[.retryAfter] = "30"
            return response
        }
    }
}

extension GatewayParts {
    /// The same frame for a page that becomes a PDF.
    public func onPaper(_ frame: Frame) -> Frame { frame.onPaper(gateway.assets.paper) }
}

func noPDFPage(_ reason: NoPDF, orElse path: String, shorter: HTML? = nil, in frame: Frame) -> HTML {
    let t = frame.t
    let title =
        switch reason {
        case .notInstalled: t("pdf.not-here")
        case .tooLong: t("pdf.too-long")
        case .failed: t("pdf.failed")
        }
    let instead = (reason == .tooLong ? shorter : nil) ?? t("pdf.instead")
    return frame.page(
        title: title,
        """
        <div class="wrap-narrow stack"><h1>\(title)</h1><p class="lead">\(instead)</p>\
        <p>\(Action(t("pdf.to-page"), to: path))</p></div>
        """)
}

/// The way to a page's PDF, or that there is none.
public struct PDFLink: Part {
    public let html: HTML

    /// - Parameter isThere: `PDFPrinter.isAvailable`.
    public init(_ path: String, isThere: Bool, _ t: Wording) {
        html =
            isThere ? "<p class=\"no-print\">\(Action(t("pdf.get"), to: path, .plain))</p>" : "<p class=\"no-print plain\">\(t("pdf.not-here"))</p>"
    }
}
