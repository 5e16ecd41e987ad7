public import CoreMetrics
internal import Synchronization

/// Keeps what swift-metrics is told and writes it as Prometheus text. Labels must be bounded: message names and queues, never ids.
public final class PrometheusMetrics: MetricsFactory {
    struct Series: Hashable, Sendable {
        let name: String
        let labels: String
    }

    /// Cells are shared with the handlers and live as long as the process.
    final class Cell: Sendable {
        let value = Mutex(0.0)
    }

    final class Histogram: Sendable {
        /// Seconds.
        static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
        struct State {
            var buckets = [UInt64](repeating: 0, count: bounds.count)
            var count: UInt64 = 0
            var sum = 0.0
        }
        let state = Mutex(State())

        func record(_ seconds: Double) {
            state.withLock { state in
                state.count += 1
                state.sum += seconds
                if let bucket = Self.bounds.firstIndex(where: { seconds <= $0 }) { state.buckets[bucket] += 1 }
            }
        }
    }

    private struct State {
        var counters: [Series: Cell] = [:]
        var gauges: [Series: Cell] = [:]
        var histograms: [Series: Histogram] = [:]
    }

    private let state = Mutex(State())

    public init() {}

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler { CounterCell(cell(\.counters, label, dimensions)) }
    public func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        CounterCell(cell(\.counters, label, dimensions))
    }
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        GaugeCell(cell(\.gauges, label, dimensions))
    }
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler { GaugeCell(cell(\.gauges, label, dimensions)) }
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let series = Series(name: label, labels: Self.labels(dimensions))
        return TimerCell(
            state.withLock { state in
                if let known = state.histograms[series] { return known }
                let made = Histogram()
                state.histograms[series] = made
                return made
            })
    }

    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}

    private func cell(_ kind: any WritableKeyPath<State, [Series: Cell]> & Sendable, _ label: String, _ dimensions: [(String, String)]) -> Cell {
        let series = Series(name: label, labels: Self.labels(dimensions))
        return state.withLock { state in
            if let known = state[keyPath: kind][series] { return known }
            let made = Cell()
            state[keyPath: kind][series] = made
            return made
        }
    }

    private static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.map { name, value in "\(name)=\"\(escaped(value))\"" }.joined(separator: ",")
    }

    /// Nearly no label needs it, and labels are written for every request.
    private static func escaped(_ value: String) -> String {
        guard value.utf8.contains(where: { [UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "\n")].contains($0) }) else { return value }
        return value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    /// The text exposition format, version 0.0.4.
    public var text: String {
        let state = state.withLock { $0 }
        var text = ""
        for (cells, kind) in [(state.counters, "counter"), (state.gauges, "gauge")] {
            for name in Set(cells.keys.map(\.name)).sorted() {
                text += "# TYPE \(name) \(kind)\n"
                for (series, cell) in cells.filter({ $0.key.name == name }).sorted(by: { $0.key.labels < $1.key.labels }) {
                    text += "\(Self.line(name, series.labels)) \(cell.value.withLock { $0 })\n"
                }
            }
        }
        for name in Set(state.histograms.keys.map(\.name)).sorted() {
            text += "# TYPE \(name) histogram\n"
            for (series, histogram) in state.histograms.filter({ $0.key.name == name }).sorted(by: { $0.key.labels < $1.key.labels }) {
                let values = histogram.state.withLock { $0 }
                var below: UInt64 = 0
                for (bound, count) in zip(Histogram.bounds, values.buckets) {
                    below += count
                    text += "\(Self.line(name + "_bucket", series.labels, "le=\"\(bound)\"")) \(below)\n"
                }
                text += "\(Self.line(name + "_bucket", series.labels, "le=\"+Inf\"")) \(values.count)\n"
                text += "\(Self.line(name + "_sum", series.labels)) \(values.sum)\n\(Self.line(name + "_count", series.labels)) \(values.count)\n"
            }
        }
        return text
    }

    private static func line(_ name: String, _ labels: String, _ more: String = "") -> String {
        let all = [labels, more].filter { !$0.isEmpty }.joined(separator: ",")
        return all.isEmpty ? name : "\(name){\(all)}"
    }
}

private final class CounterCell: CounterHandler, FloatingPointCounterHandler {
    let cell: PrometheusMetrics.Cell
    init(_ cell: PrometheusMetrics.Cell) { self.cell = cell }
    func increment(by amount: Int64) { cell.value.withLock { $0 += Double(amount) } }
    func increment(by amount: Double) { cell.value.withLock { $0 += amount } }
    func reset() { cell.value.withLock { $0 = 0 } }
}

private final class GaugeCell: RecorderHandler, MeterHandler {
    let cell: PrometheusMetrics.Cell
    init(_ cell: PrometheusMetrics.Cell) { self.cell = cell }
    func record(_ value: Int64) { cell.value.withLock { $0 = Double(value) } }
    func record(_ value: Double) { cell.value.withLock { $0 = value } }
    func set(_ value: Int64) { cell.value.withLock { $0 = Double(value) } }
    func set(_ value: Double) { cell.value.withLock { $0 = value } }
    func increment(by amount: Double) { cell.value.withLock { $0 += amount } }
    func decrement(by amount: Double) { cell.value.withLock { $0 -= amount } }
}

private final class TimerCell: TimerHandler {
    let histogram: PrometheusMetrics.Histogram
    init(_ histogram: PrometheusMetrics.Histogram) { self.histogram = histogram }
    func recordNanoseconds(_ duration: Int64) { histogram.record(Double(duration) / 1_000_000_000) }
}
