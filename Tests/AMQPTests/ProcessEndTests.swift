import COpenSSL
import Foundation
import TLS
import Testing

@Suite struct ProcessEndTests {
    /// What is registered first runs last: OpenSSL would have gone by then, and begins nothing any more.
    @Test func openSSLIsStillThereWhenTheProcessEnds() async {
        await #expect(processExitsWith: .exitCode(7)) {
            atexit { _exit(OPENSSL_init_crypto(0, nil) == 1 ? 7 : 8) }
            _ = CertificateCheck()
            OPENSSL_init_ssl(0, nil)
            TLSFault.forgetHandshakes()
            exit(0)
        }
    }
}
