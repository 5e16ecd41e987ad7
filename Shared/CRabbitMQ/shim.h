// librabbitmq 0.11, and what it leaves out: capabilities announced at login, a TLS 1.2 floor and certificates for IP addresses.
#ifndef CHARTLINE_CRABBITMQ_SHIM_H
#define CHARTLINE_CRABBITMQ_SHIM_H
#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <amqp_ssl_socket.h>
#include <amqp_framing.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

// Without these capabilities the broker neither says that it blocks a connection nor that a consumer's queue is gone.
static inline amqp_rpc_reply_t chartline_login(amqp_connection_state_t connection, const char *virtual_host, int heartbeat, const char *user,
                                               const char *password, const char *name) {
    static const char *const names[4] = {"connection.blocked", "consumer_cancel_notify", "basic.nack", "publisher_confirms"};
    amqp_table_entry_t capabilities[4], root[2];
    for (int i = 0; i < 4; i++) {
        capabilities[i].key = amqp_cstring_bytes(names[i]);
        capabilities[i].value.kind = AMQP_FIELD_KIND_BOOLEAN;
        capabilities[i].value.value.boolean = 1;
    }
    root[0].key = amqp_cstring_bytes("capabilities");
    root[0].value.kind = AMQP_FIELD_KIND_TABLE;
    root[0].value.value.table.num_entries = 4;
    root[0].value.value.table.entries = capabilities;
    root[1].key = amqp_cstring_bytes("connection_name");
    root[1].value.kind = AMQP_FIELD_KIND_UTF8;
    root[1].value.value.bytes = amqp_cstring_bytes(name);
    amqp_table_t properties = {2, root};
    return amqp_login_with_properties(connection, virtual_host, 0, AMQP_DEFAULT_FRAME_SIZE, heartbeat, &properties, AMQP_SASL_METHOD_PLAIN, user,
                                      password);
}

// Sets up a TLS socket before it is opened. OpenSSL checks the name or address itself; librabbitmq looks at the outcome after the handshake.
// Returns 1 when all is set.
static inline int chartline_verify(amqp_socket_t *socket, const char *ca_file, const char *name, int is_address) {
    SSL_CTX *context = (SSL_CTX *)amqp_ssl_socket_get_context(socket);
    if (amqp_ssl_socket_set_cacert(socket, ca_file) != AMQP_STATUS_OK) return 0;
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) return 0;
    amqp_ssl_socket_set_verify_peer(socket, 1);
    amqp_ssl_socket_set_verify_hostname(socket, 0);
    X509_VERIFY_PARAM *check = SSL_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_hostflags(check, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return is_address ? X509_VERIFY_PARAM_set1_ip_asc(check, name) : X509_VERIFY_PARAM_set1_host(check, name, 0);
}

// How long sent bytes may stay unacknowledged by the peer's kernel.
static inline int chartline_limit_unacknowledged(int fd, unsigned int milliseconds) {
    return setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

// While corked, what is sent leaves in full packets; uncorking sends the rest. librabbitmq makes three writes of a message, and over TLS each would be
// a packet that wakes the broker.
static inline void chartline_cork(int fd, int corked) { setsockopt(fd, IPPROTO_TCP, TCP_CORK, &corked, sizeof corked); }
#endif
