internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import ServiceLifecycle

/// `/livez`: the process runs. `/readyz`: it can do its work, else 503 and what is missing. `/metrics`: Prometheus text.
struct Health {
    let application: any ServiceLifecycle.Service

    init(host: String, port: Int, metrics: PrometheusMetrics, logger: Logger, missing: @escaping @Sendable () async -> [String]) {
        let router = Router()
        router.get("livez") { _, _ in "ok\n" }
        router.get("readyz") { _, _ -> Response in
            let missing = await missing()
            let text = missing.isEmpty ? "ready\n" : "not ready: \(missing.joined(separator: ", "))\n"
            return Response(
                status: missing.isEmpty ? .ok : .serviceUnavailable, headers: [.contentType: "text/plain; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: text)))
        }
        router.get("metrics") { _, _ -> Response in
            Response(status: .ok, headers: [.contentType: "text/plain; version=0.0.4"], body: .init(byteBuffer: ByteBuffer(string: metrics.text)))
        }
        var quiet = logger
        quiet.logLevel = .warning
        application = Application(router: router, configuration: .init(address: .hostname(host, port: port), serverName: nil), logger: quiet)
    }
}
