import Foundation
import HTTPTypes
public import Hummingbird
import Logging

/// A record was destroyed on purpose: 410, with the day.
struct RecordDestroyed: HTTPResponseError {
    let date: Date
    var status: HTTPResponse.Status { .gone }
    func response(from request: Request, context: some RequestContext) throws -> Response { Response(status: status) }
}

/// Turns every failure into a page: errors thrown, unknown routes, answers without a body.
public struct ErrorPages<Context: WebContext>: RouterMiddleware {
    private let frame: @Sendable (Request, Context) -> Frame

    /// - Parameter frame: what stands around an error page.
    public init(frame: @escaping @Sendable (Request, Context) -> Frame) { self.frame = frame }

    public func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
        do {
            let response = try await next(request, context)
            guard response.status.code >= 400, response.headers[.contentType]?.hasPrefix("text/html") != true else { return response }
            return page(response.status, keeping: response.headers, request, context)
        } catch let gone as RecordDestroyed {
            return page(gone.status, keeping: [:], since: gone.date, request, context)
        } catch let error as any HTTPResponseError {
            let headers = (error as? HTTPError)?.headers ?? [:]
            return page(error.status, keeping: headers, request, context)
        } catch {
            // Only the kind of error: its text may hold what a person typed.
            context.logger.error("request failed", metadata: ["error": .string(String(describing: type(of: error)))])
            return page(.internalServerError, keeping: [:], request, context)
        }
    }

    private func page(
        _ status: HTTPResponse.Status, keeping headers: HTTPFields, since: Date? = nil, _ request: Request, _ context: Context
    ) -> Response {
        var response = ErrorPage.html(status, since: since, reference: context.web.trace, in: frame(request, context)).response(status)
        for name in [HTTPField.Name.allow, .retryAfter, .setCookie] {
            for value in headers[values: name] { response.headers.append(HTTPField(name: name, value: value)) }
        }
        if response.headers[.retryAfter] == nil {
            if status == .serviceUnavailable { response.headers[.retryAfter] = "5" }
            if status == .tooManyRequests { response.headers[.retryAfter] = "60" }
        }
        return request.method == .head ? response.createHeadResponse() : response
    }
}
