// bridges MODE SECONDS WINDOW: what RabbitMQ gives a C program on librabbitmq with WINDOW messages in flight; one JSON object.
//   rpc      requests over direct reply-to to an echo server, 256 bytes each way; the server is a child process with a connection of its own
//   publish  persistent messages of 256 bytes to a quorum queue, confirmed
// AMQP_PORT, AMQP_USER, AMQP_PASSWORD, AMQP_VHOST and AUTHORITY, a file with who signed the broker's certificate, say where.
#include <amqp.h>
#include <amqp_ssl_socket.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 256, SLOTS = 1 << 20, MOST = 1 << 22 };
static double latencies[MOST], sent[SLOTS];
static long counted;
static char content[SIZE];

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static double cpu(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void die(const char *what) {
    fprintf(stderr, "bridges: %s\n", what);
    exit(1);
}

static const char *setting(const char *name) {
    const char *value = getenv(name);
    if (!value) die(name);
    return value;
}

static void check(amqp_connection_state_t c, const char *what) {
    if (amqp_get_rpc_reply(c).reply_type != AMQP_RESPONSE_NORMAL) die(what);
}

static amqp_connection_state_t open_connection(void) {
    amqp_connection_state_t c = amqp_new_connection();
    amqp_socket_t *socket = amqp_ssl_socket_new(c);
    if (!socket || amqp_ssl_socket_set_cacert(socket, setting("AUTHORITY"))) die("authority");
    if (amqp_socket_open(socket, "localhost", atoi(setting("AMQP_PORT")))) die("connect");
    amqp_rpc_reply_t in =
        amqp_login(c, setting("AMQP_VHOST"), 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, setting("AMQP_USER"), setting("AMQP_PASSWORD"));
    if (in.reply_type != AMQP_RESPONSE_NORMAL) die("login");
    amqp_channel_open(c, 1);
    check(c, "channel");
    return c;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void answered(double at, uint64_t number) {
    if (counted < MOST) latencies[counted++] = at - sent[number % SLOTS];
}

static void result(double lasted, double used) {
    qsort(latencies, counted, sizeof(double), compare);
    printf("{\"done\": %ld, \"rps\": %.1f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"cpu_s\": %.3f}\n", counted, counted / lasted,
        counted ? latencies[counted / 2] * 1e3 : 0, counted ? latencies[(long)((counted - 1) * 0.99)] * 1e3 : 0, used);
}

static void echo(const char *queue) {
    amqp_connection_state_t c = open_connection();
    amqp_basic_consume(c, 1, amqp_cstring_bytes(queue), amqp_empty_bytes, 0, 1, 0, amqp_empty_table);
    check(c, "consume");
    while (1) {
        amqp_envelope_t envelope;
        amqp_maybe_release_buffers(c);
        if (amqp_consume_message(c, &envelope, NULL, 0).reply_type != AMQP_RESPONSE_NORMAL) _exit(0);
        amqp_basic_properties_t p = {._flags = AMQP_BASIC_CORRELATION_ID_FLAG, .correlation_id = envelope.message.properties.correlation_id};
        amqp_basic_publish(c, 1, amqp_empty_bytes, envelope.message.properties.reply_to, 0, 0, &p, envelope.message.body);
        amqp_destroy_envelope(&envelope);
    }
}

static void rpc(double seconds, int window) {
    const char *queue = "bridges.c.rpc";
    amqp_connection_state_t c = open_connection();
    amqp_queue_declare(c, 1, amqp_cstring_bytes(queue), 0, 1, 0, 0, amqp_empty_table);
    check(c, "declare");
    amqp_queue_purge(c, 1, amqp_cstring_bytes(queue));
    check(c, "purge");
    pid_t server = fork();
    if (!server) echo(queue);
    usleep(300000);
    amqp_basic_consume(c, 1, amqp_cstring_bytes("amq.rabbitmq.reply-to"), amqp_empty_bytes, 0, 1, 0, amqp_empty_table);
    check(c, "reply-to");
    amqp_basic_properties_t p = {
        ._flags = AMQP_BASIC_REPLY_TO_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG | AMQP_BASIC_CONTENT_TYPE_FLAG,
        .reply_to = amqp_cstring_bytes("amq.rabbitmq.reply-to"), .content_type = amqp_cstring_bytes("application/json")};
    amqp_bytes_t body = {SIZE, content};
    uint64_t number = 0;
    char id[24];
    for (int i = 0; i < window; i++) {
        snprintf(id, sizeof id, "%llu", (unsigned long long)number);
        p.correlation_id = amqp_cstring_bytes(id);
        sent[number++ % SLOTS] = now();
        amqp_basic_publish(c, 1, amqp_empty_bytes, amqp_cstring_bytes(queue), 0, 0, &p, body);
    }
    // Half a second to warm up, then it counts.
    double begins = now() + 0.5, end = begins + seconds, used = 0;
    int counting = 0;
    while (now() < end) {
        amqp_envelope_t envelope;
        amqp_maybe_release_buffers(c);
        if (amqp_consume_message(c, &envelope, NULL, 0).reply_type != AMQP_RESPONSE_NORMAL) die("consume");
        amqp_bytes_t got = envelope.message.properties.correlation_id;
        size_t length = got.len < sizeof id - 1 ? got.len : sizeof id - 1;
        memcpy(id, got.bytes, length);
        id[length] = 0;
        double at = now();
        if (!counting && at >= begins) {
            counting = 1;
            begins = at;
            used = cpu();
        }
        if (counting) answered(at, strtoull(id, NULL, 10));
        amqp_destroy_envelope(&envelope);
        snprintf(id, sizeof id, "%llu", (unsigned long long)number);
        p.correlation_id = amqp_cstring_bytes(id);
        sent[number++ % SLOTS] = at;
        amqp_basic_publish(c, 1, amqp_empty_bytes, amqp_cstring_bytes(queue), 0, 0, &p, body);
    }
    result(now() - begins, cpu() - used);
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    amqp_queue_delete(open_connection(), 1, amqp_cstring_bytes(queue), 0, 0);
}

static void publish(double seconds, int window) {
    const char *queue = "bridges.c.publish";
    amqp_connection_state_t c = open_connection();
    amqp_table_entry_t entries[] = {
        {amqp_cstring_bytes("x-queue-type"), {.kind = AMQP_FIELD_KIND_UTF8, .value.bytes = amqp_cstring_bytes("quorum")}},
        {amqp_cstring_bytes("x-max-length"), {.kind = AMQP_FIELD_KIND_I32, .value.i32 = 100000}},
        {amqp_cstring_bytes("x-overflow"), {.kind = AMQP_FIELD_KIND_UTF8, .value.bytes = amqp_cstring_bytes("drop-head")}}};
    amqp_table_t arguments = {3, entries};
    amqp_queue_declare(c, 1, amqp_cstring_bytes(queue), 0, 1, 0, 0, arguments);
    check(c, "declare");
    amqp_confirm_select(c, 1);
    check(c, "confirm");
    amqp_basic_properties_t p = {
        ._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_CONTENT_TYPE_FLAG, .delivery_mode = 2,
        .content_type = amqp_cstring_bytes("application/json")};
    amqp_bytes_t body = {SIZE, content};
    uint64_t next = 1, confirmed = 0, low = 1;
    double begins = now() + 0.5, end = begins + seconds, used = 0;
    int counting = 0;
    while (now() < end) {
        while (next - 1 - confirmed < (uint64_t)window) {
            sent[next++ % SLOTS] = now();
            amqp_basic_publish(c, 1, amqp_empty_bytes, amqp_cstring_bytes(queue), 0, 0, &p, body);
        }
        amqp_frame_t frame;
        amqp_maybe_release_buffers(c);
        if (amqp_simple_wait_frame(c, &frame) != AMQP_STATUS_OK) die("frame");
        if (frame.frame_type != AMQP_FRAME_METHOD) continue;
        if (frame.payload.method.id != AMQP_BASIC_ACK_METHOD) die("not confirmed");
        amqp_basic_ack_t *ack = frame.payload.method.decoded;
        double at = now();
        if (!counting && at >= begins) {
            counting = 1;
            begins = at;
            used = cpu();
        }
        for (uint64_t number = ack->multiple ? low : ack->delivery_tag; number <= ack->delivery_tag; number++) {
            if (sent[number % SLOTS] == 0) continue;
            if (counting) answered(at, number);
            sent[number % SLOTS] = 0;
            confirmed++;
        }
        if (ack->multiple) low = ack->delivery_tag + 1;
    }
    result(now() - begins, cpu() - used);
    amqp_queue_delete(open_connection(), 1, amqp_cstring_bytes(queue), 0, 0);
}

int main(int argc, char **argv) {
    if (argc != 4) die("MODE SECONDS WINDOW");
    memset(content, 'x', SIZE);
    if (!strcmp(argv[1], "rpc")) rpc(atof(argv[2]), atoi(argv[3]));
    else if (!strcmp(argv[1], "publish")) publish(atof(argv[2]), atoi(argv[3]));
    else die("there is no such mode");
    fflush(stdout);
    _exit(0);
}
