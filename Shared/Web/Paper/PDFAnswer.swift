import HTTPTypes
public import Hummingbird
import NIOCore

extension PDFPrinter {
    /// A page as a PDF to keep. Where none can be made: 503, and the way to the page that can be printed.
    /// - Parameters:
    ///   - page: the markup, refused to whom the page itself is refused.
    ///   - path: of that page.
    ///   - frame: of the page that says that there is no PDF.
    public func file(_ name: String, of page: String, orElse path: String, in frame: Frame) async -> Response {
        do throws(NoPDF) {
            let file = try await pdf(of: page)
            return Response(
                status: .ok, headers: [.contentType: "application/pdf", .contentDisposition: "attachment; filename=\"\(name)\""],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: file)))
        } catch {
            var response = noPDFPage(error, orElse: path, in: frame).response(.serviceUnavailable)
            response.headers[.retryAfter] = "30"
            return response
        }
    }
}

extension GatewayParts {
    /// The same frame for a page that becomes a PDF.
    public func onPaper(_ frame: Frame) -> Frame { frame.onPaper(gateway.assets.paper) }
}

func noPDFPage(_ reason: NoPDF, orElse path: String, in frame: Frame) -> HTML {
    let t = frame.t
    let title = reason == .notInstalled ? t("pdf.not-here") : t("pdf.failed")
    return frame.page(
        title: title,
        """
        <div class="wrap-narrow stack"><h1>\(title)</h1><p class="lead">\(t("pdf.instead"))</p>\
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
