internal import COpenSSL

/// Why a server was not trusted, in words that may stand in a log.
public enum TLSFault: Sendable {
    case authority
    case expired
    case notYetValid
    case name
    /// Something else about the certificate.
    case certificate
    case version
    case noTLS
    /// Our own side's: the file of authorities is missing or holds none.
    case authorityFile

    public var reason: StaticString {
        switch self {
        case .authority: "the server's certificate is from no authority that is trusted"
        case .expired: "the server's certificate has expired"
        case .notYetValid: "the server's certificate is not valid yet"
        case .name: "the server's certificate is for another name"
        case .certificate: "the server's certificate is not acceptable"
        case .version: "the server speaks no TLS that is accepted: 1.2 or newer"
        case .noTLS: "the server does not speak TLS"
        case .authorityFile: "the file of trusted authorities cannot be used"
        }
    }

    /// What OpenSSL kept of this thread's last handshake, when it was no certificate that ended it.
    public static var ofLastHandshake: TLSFault? {
        switch ERR_GET_REASON(ERR_peek_last_error()) {
        case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, SSL_R_UNSUPPORTED_PROTOCOL: .version
        case SSL_R_WRONG_VERSION_NUMBER: .noTLS
        default: nil
        }
    }

    /// Before a handshake that `ofLastHandshake` is to tell of.
    public static func forgetHandshakes() { ERR_clear_error() }

    init?(verification code: Int32) {
        switch code {
        case X509_V_OK: return nil
        case X509_V_ERR_CERT_HAS_EXPIRED: self = .expired
        case X509_V_ERR_CERT_NOT_YET_VALID: self = .notYetValid
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: self = .name
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
            X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_CERT_SIGNATURE_FAILURE:
            self = .authority
        default: self = .certificate
        }
    }
}
