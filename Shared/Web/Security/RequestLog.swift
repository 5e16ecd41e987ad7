import Foundation
public import Hummingbird
import Logging

/// One line a request: route template, method, status, milliseconds, trace. Never the address as it was sent: it may hold what a person typed.
public struct RequestLog<Context: WebContext>: RouterMiddleware {
    public init() {}

    public func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        context.logger[metadataKey: "trace"] = .string(context.web.trace)
        let response = try await next(request, context)
        let duration = (ContinuousClock.now - start).components
        let milliseconds = Double(duration.seconds) * 1_000 + Double(duration.attoseconds) / 1e15
        context.logger.info(
            "request",
            metadata: [
                "route": .string(context.endpointPath ?? "none"),
                "method": .string(Self.known.contains(request.method) ? request.method.rawValue : "other"),
                "status": .stringConvertible(response.status.code),
                "ms": .stringConvertible((milliseconds * 10).rounded() / 10),
            ])
        return response
    }

    private static var known: Set<HTTPRequest.Method> { [.get, .head, .post, .put, .patch, .delete, .options] }
}
