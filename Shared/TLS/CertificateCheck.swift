internal import COpenSSL

/// Notes what OpenSSL finds wrong with a server's certificate while a C library shakes hands with it: those libraries say only that something was.
/// It must live as long as what it watches, and is used by the thread that shakes hands.
public final class CertificateCheck {
    private let noted = UnsafeMutablePointer<Int32>.allocate(capacity: 1)

    public init() {
        precondition(ProcessEnd.isLeftAlone(), "OpenSSL does not start")
        noted.initialize(to: X509_V_OK)
    }

    deinit { noted.deallocate() }

    /// The first thing that was wrong.
    public var fault: TLSFault? { TLSFault(verification: noted.pointee) }

    /// Every session of a context, an `SSL_CTX *`. From now on a certificate that does not pass ends the handshake.
    public func watch(context: UnsafeMutableRawPointer) {
        let context = OpaquePointer(context)
        SSL_CTX_set_ex_data(context, ofContext, noted)
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, note)
    }

    /// One session, an `SSL *`, whose handshake has not come to the certificate; it stays as strict as it is.
    public func watch(session: UnsafeMutableRawPointer) {
        let session = OpaquePointer(session)
        SSL_set_ex_data(session, ofSession, noted)
        SSL_set_verify(session, SSL_get_verify_mode(session), note)
    }
}

private let ofSession = CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nil, nil, nil, nil)
private let ofContext = CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_CTX, 0, nil, nil, nil, nil)

private let note: @convention(c) (Int32, OpaquePointer?) -> Int32 = { passed, store in
    guard passed == 0, let session = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()).map({ OpaquePointer($0) }) else {
        return passed
    }
    let noted = SSL_get_ex_data(session, ofSession) ?? SSL_CTX_get_ex_data(SSL_get_SSL_CTX(session), ofContext)
    if let noted = noted?.assumingMemoryBound(to: Int32.self), noted.pointee == X509_V_OK { noted.pointee = X509_STORE_CTX_get_error(store) }
    return passed
}
