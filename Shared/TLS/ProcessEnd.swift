internal import COpenSSL

/// OpenSSL tidies up as the process ends, and whatever thread ends at that moment frees the same memory again: the process dies of an end
/// that went well. Nothing needs the tidying.
enum ProcessEnd {
    /// To be told before OpenSSL is asked for anything else. - Returns: whether OpenSSL is there.
    static func isLeftAlone() -> Bool { OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil) == 1 }
}
