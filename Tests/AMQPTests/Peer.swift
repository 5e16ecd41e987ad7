import Foundation
import Synchronization

/// A listener on 127.0.0.1 that is no broker: it greets with given bytes and reads what comes, or passes everything on to a broker and changes
/// some of the bytes the broker sends.
final class Peer: Sendable {
    struct CannotListen: Error {}

    let port: Int
    private let listener: Int32

    /// - Parameter greeting: sent to each client; then the connection stays open.
    init(greeting: [UInt8]) throws {
        (listener, port) = try Self.listen()
        let listener = listener
        Thread.detachNewThread {
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                _ = greeting.withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                Thread.detachNewThread {
                    var buffer = [UInt8](repeating: 0, count: 4096)
                    while recv(client, &buffer, buffer.count, 0) > 0 {}
                    close(client)
                }
            }
        }
    }

    /// - Parameter change: gets what the broker sends, chunk by chunk, and how many bytes it sent before.
    init(brokerPort: Int, change: @escaping @Sendable ([UInt8], _ offset: Int) -> [UInt8]) throws {
        (listener, port) = try Self.listen()
        let listener = listener
        Thread.detachNewThread {
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                let broker = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
                var address = Self.loopback(brokerPort)
                _ = withUnsafePointer(to: &address) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(broker, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
                }
                Thread.detachNewThread { Self.pass(from: client, to: broker) { bytes, _ in bytes } }
                Thread.detachNewThread {
                    Self.pass(from: broker, to: client, change)
                    Thread.sleep(forTimeInterval: 0.5)
                    close(broker)
                    close(client)
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private static func pass(from: Int32, to: Int32, _ change: ([UInt8], Int) -> [UInt8]) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var offset = 0
        while true {
            let count = recv(from, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            let changed = change(Array(buffer[..<count]), offset)
            offset += count
            guard changed.withUnsafeBytes({ send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }) == changed.count else { break }
        }
        shutdown(from, Int32(SHUT_RDWR))
        shutdown(to, Int32(SHUT_RDWR))
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }

    private static func listen() throws -> (Int32, Int) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listening = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && Foundation.listen(listener, 16) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard listening else { throw CannotListen() }
        return (listener, Int(UInt16(bigEndian: address.sin_port)))
    }
}
