// load PORT CONNECTIONS SECONDS PLAN FROM: keeps CONNECTIONS connections to 127.0.0.1:PORT busy for SECONDS and prints one JSON object.
//
// PLAN is a text file, a unit of work a line, fields separated by tabs: the cookie's name and value, then for each request of the unit its
// method, path, expected status and form body ("-" for none). The requests of a unit follow each other on one connection; its latency is from the
// first byte sent to the last byte received. Units are taken in order, starting with line FROM, and begin anew at the end of the file when the
// first request is a GET; a unit of POSTs is used once. One thread, one epoll; its own CPU is printed.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FIELDS = 4, STEPS = 4, BUFFER = 1 << 20, STATUSES = 600 };

typedef struct {
    char *fields[1 + FIELDS * STEPS]; // into the plan; each ends at the next tab or line end
    int lengths[1 + FIELDS * STEPS];
    int count;
} Unit;

typedef struct {
    int fd, step, steps, expected, failed;
    Unit unit;
    double began, stepBegan;
    char request[8192];
    int length, sent;
    char *answer;
    int received;
    int headEnd; // 0 until the head is whole
    long body;   // bytes, or -1 for chunked
    int busy;
} Connection;

static char *plan;
static size_t planSize, cursor;
static long taken;
static int port, count, epoll, looping, exhausted;
static double end;
static double *latencies, *stepLatencies[STEPS];
static long done, late, bad, sockets, bytes, steps[STEPS], statuses[STATUSES];
static long capacity = 1 << 22;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double percentile(double *values, long n, double of) { return n ? values[(long)((n - 1) * of)] * 1e3 : 0; }

static int next(Unit *unit) {
    if (cursor >= planSize) {
        if (!looping) {
            exhausted = 1;
            return 0;
        }
        cursor = 0;
    }
    char *line = plan + cursor, *stop = memchr(line, '\n', planSize - cursor);
    if (!stop) stop = plan + planSize;
    cursor = stop - plan + 1;
    taken++;
    unit->count = 0;
    while (line <= stop && unit->count < 1 + FIELDS * STEPS) {
        char *tab = memchr(line, '\t', stop - line);
        char *until = tab ? tab : stop;
        unit->fields[unit->count] = line;
        unit->lengths[unit->count++] = until - line;
        line = until + 1;
    }
    return 1;
}

static void open_connection(Connection *c) {
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to)) die("connect");
    int one = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event)) die("epoll_ctl");
}

static void flush(Connection *c) {
    while (c->sent < c->length) {
        ssize_t n = send(c->fd, c->request + c->sent, c->length - c->sent, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno == EAGAIN) continue; // a request is far smaller than the socket's buffer
            return;                        // the reader sees the end of the connection
        }
        c->sent += n;
    }
}

static void send_step(Connection *c, double at) {
    Unit *u = &c->unit;
    char **f = u->fields + 1 + c->step * FIELDS;
    int *n = u->lengths + 1 + c->step * FIELDS;
    c->expected = atoi(f[2]);
    int empty = n[3] == 1 && *f[3] == '-';
    c->length = snprintf(
        c->request, sizeof c->request, "%.*s %.*s HTTP/1.1\r\nHost: localhost:%d\r\nCookie: %.*s\r\nAccept-Language: en\r\n", n[0], f[0], n[1], f[1],
        port, u->lengths[0], u->fields[0]);
    if (!empty)
        c->length += snprintf(
            c->request + c->length, sizeof c->request - c->length,
            "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%.*s", n[3], n[3], f[3]);
    else
        c->length += snprintf(c->request + c->length, sizeof c->request - c->length, "\r\n");
    if (c->length >= (int)sizeof c->request) die("a request is too long");
    c->sent = c->received = c->headEnd = 0;
    c->stepBegan = at;
    flush(c);
}

static void begin(Connection *c, double at) {
    c->busy = at < end && next(&c->unit);
    if (!c->busy) return;
    c->step = c->failed = 0;
    c->steps = (c->unit.count - 1) / FIELDS;
    c->began = at;
    send_step(c, at);
}

static void broken(Connection *c) {
    sockets++;
    close(c->fd);
    open_connection(c);
    begin(c, now());
}

static void answered(Connection *c) {
    double at = now();
    int status = atoi(c->answer + 9);
    statuses[status > 0 && status < STATUSES ? status : 0]++;
    bytes += c->received;
    if (status != c->expected) c->failed = 1;
    if (steps[c->step] < capacity) stepLatencies[c->step][steps[c->step]++] = at - c->stepBegan;
    if (!c->failed && ++c->step < c->steps) return send_step(c, at);
    if (c->failed)
        bad++;
    else if (at <= end && done < capacity)
        latencies[done++] = at - c->began;
    else
        late++;
    begin(c, at);
}

// Whether the answer is whole.
static int whole(Connection *c) {
    if (!c->headEnd) {
        char *head = memmem(c->answer, c->received, "\r\n\r\n", 4);
        if (!head) return 0;
        c->headEnd = head - c->answer + 4;
        c->body = 0;
        for (char *line = c->answer; line < head;) {
            char *stop = memmem(line, head + 2 - line, "\r\n", 2);
            if (!strncasecmp(line, "content-length:", 15)) c->body = atol(line + 15);
            if (!strncasecmp(line, "transfer-encoding: chunked", 26)) c->body = -1;
            line = stop + 2;
        }
    }
    if (c->body >= 0) return c->received >= c->headEnd + c->body;
    return c->received - c->headEnd >= 5 && !memcmp(c->answer + c->received - 5, "0\r\n\r\n", 5);
}

static void readable(Connection *c) {
    while (1) {
        ssize_t n = recv(c->fd, c->answer + c->received, BUFFER - c->received, 0);
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0 || !c->busy) return broken(c);
        c->received += n;
        if (whole(c)) return answered(c);
        if (c->received == BUFFER) die("an answer is too long");
    }
}

int main(int argc, char **argv) {
    if (argc != 6) {
        fprintf(stderr, "usage: load PORT CONNECTIONS SECONDS PLAN FROM\n");
        return 2;
    }
    port = atoi(argv[1]);
    count = atoi(argv[2]);
    double seconds = atof(argv[3]);
    int file = open(argv[4], O_RDONLY);
    struct stat about;
    if (file < 0 || fstat(file, &about) || !about.st_size) die(argv[4]);
    planSize = about.st_size;
    plan = mmap(NULL, planSize, PROT_READ, MAP_PRIVATE, file, 0);
    if (plan == MAP_FAILED) die("mmap");
    char *tab = memchr(plan, '\t', planSize);
    looping = tab && !strncmp(tab + 1, "GET", 3);
    for (long skip = atol(argv[5]); skip > 0 && cursor < planSize; skip--) {
        char *stop = memchr(plan + cursor, '\n', planSize - cursor);
        cursor = stop ? (size_t)(stop - plan + 1) : planSize;
        if (looping && cursor >= planSize) cursor = 0;
    }
    latencies = malloc(capacity * sizeof(double));
    for (int i = 0; i < STEPS; i++) stepLatencies[i] = malloc(capacity * sizeof(double));
    Connection *connections = calloc(count, sizeof(Connection));
    if ((epoll = epoll_create1(0)) < 0) die("epoll_create1");
    for (int i = 0; i < count; i++) {
        connections[i].answer = malloc(BUFFER);
        open_connection(&connections[i]);
    }
    double started = now();
    end = started + seconds;
    for (int i = 0; i < count; i++) begin(&connections[i], now());
    struct epoll_event events[256];
    while (now() < end + 5) {
        int busy = 0;
        for (int i = 0; i < count; i++) busy |= connections[i].busy;
        if (!busy) break;
        int n = epoll_wait(epoll, events, 256, 100);
        for (int i = 0; i < n; i++) readable(events[i].data.ptr);
    }
    long unanswered = 0;
    for (int i = 0; i < count; i++) unanswered += connections[i].busy;
    double lasted = exhausted ? now() - started : seconds;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    qsort(latencies, done, sizeof(double), compare);
    printf("{\"done\": %ld, \"late\": %ld, \"bad\": %ld, \"sockets\": %ld, \"unanswered\": %ld, \"taken\": %ld, ", done, late, bad, sockets,
        unanswered, taken);
    printf("\"exhausted\": %s, \"seconds\": %.3f, ", exhausted ? "true" : "false", lasted);
    printf("\"rps\": %.2f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f, \"cpu_s\": %.3f, \"bytes\": %ld, ", done / lasted,
        percentile(latencies, done, 0.5), percentile(latencies, done, 0.99), percentile(latencies, done, 1), cpu, bytes);
    printf("\"steps\": [");
    for (int i = 0; i < STEPS && steps[i]; i++) {
        qsort(stepLatencies[i], steps[i], sizeof(double), compare);
        printf("%s{\"p50_ms\": %.3f, \"p99_ms\": %.3f}", i ? ", " : "", percentile(stepLatencies[i], steps[i], 0.5),
            percentile(stepLatencies[i], steps[i], 0.99));
    }
    printf("], \"statuses\": {");
    for (int i = 0, first = 1; i < STATUSES; i++)
        if (statuses[i]) {
            printf("%s\"%d\": %ld", first ? "" : ", ", i, statuses[i]);
            first = 0;
        }
    printf("}}\n");
    return 0;
}
