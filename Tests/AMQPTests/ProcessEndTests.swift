import Foundation
import TLS
import Testing

@Suite struct ProcessEndTests {
    /// What is registered first runs last: where OpenSSL had gone by then, it would begin nothing any more.
    @Test func openSSLIsStillThereWhenTheProcessEnds() async {
        await #expect(processExitsWith: .exitCode(7)) {
            atexit {
                _ = CertificateCheck()
                _exit(7)
            }
            _ = CertificateCheck()
            TLSFault.forgetHandshakes()
            exit(0)
        }
    }
}
