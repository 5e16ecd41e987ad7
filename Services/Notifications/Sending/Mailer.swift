internal import CCurl
internal import Dispatch
internal import Foundation
internal import Synchronization

/// Where and how mail leaves: `CHARTLINE_SMTP_*`.
struct MailSettings: Sendable {
    var host: String
    var port: Int
    /// Nil: the server asks for no sign-in.
    var user: String?
    var password: String?
    /// Certificate authorities the server's certificate may come from; nil: the system's.
    var caFile: String?
    var from: EmailAddress
    var signer: MailSigner?
    /// For one message, in seconds. Well below a lease, so that a message is never under way in two places.
    var timeout = 20
}

/// Hands messages to an SMTP server through libcurl: STARTTLS or nothing. libcurl blocks, so a few threads of its own do it, each with a connection
/// that is kept for the next message.
final class Mailer: Sendable {
    private struct Job {
        let message: EmailMessage
        let hand: HandOver
        let done: CheckedContinuation<Delivery, Never>
    }

    private struct State {
        var waiting: [Job] = []
        var closed = false
    }

    /// Messages that may wait for a thread. The sender takes fewer at a time, so a full queue is a fault, and answered as busy.
    private static let longestQueue = 200
    /// Messages under way at once.
    static let threads = 4
    private static let ready: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    private let settings: MailSettings
    private let state = Mutex(State())
    private let arrived = DispatchSemaphore(value: 0)

    init(_ settings: MailSettings) {
        self.settings = settings
        guard Self.ready else {
            state.withLock { $0.closed = true }
            return
        }
        for number in 1...Self.threads {
            let thread = Thread { [self] in serve() }
            thread.name = "mail-\(number)"
            thread.start()
        }
    }

    var from: EmailAddress { settings.from }
    var signer: MailSigner? { settings.signer }

    /// - Parameter hand: asked when all but the end of the message is with the server, which until then does nothing with it.
    func send(_ message: EmailMessage, hand: @escaping HandOver = { _ in true }) async -> Delivery {
        await withCheckedContinuation { done in
            let queued = state.withLock { state in
                guard !state.closed, state.waiting.count < Self.longestQueue else { return false }
                state.waiting.append(Job(message: message, hand: hand, done: done))
                return true
            }
            if queued { arrived.signal() } else { done.resume(returning: .later(.providerBusy)) }
        }
    }

    /// Ends the threads after what they have at hand. What still waits is for later.
    func close() {
        let left = state.withLock { state in
            state.closed = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for job in left { job.done.resume(returning: .later(.providerBusy)) }
        for _ in 1...Self.threads { arrived.signal() }
    }

    private func serve() {
        guard let handle = curl_easy_init() else { return }
        defer { curl_easy_cleanup(handle) }
        while true {
            arrived.wait()
            let (job, closed) = state.withLock { state in (state.waiting.isEmpty ? nil : state.waiting.removeFirst(), state.closed) }
            if let job { job.done.resume(returning: deliver(job, with: handle)) } else if closed { return }
        }
    }

    private func deliver(_ job: Job, with handle: UnsafeMutableRawPointer) -> Delivery {
        let first = Submission(job.message, settings, job.hand).perform(with: handle, fresh: false)
        // A kept connection may have been closed by the server while it lay idle: that says nothing about the message.
        guard case .notReached(usedKeptConnection: true) = first else { return first.delivery }
        return Submission(job.message, settings, job.hand).perform(with: handle, fresh: true).delivery
    }
}

/// One run of libcurl's SMTP.
private final class Submission {
    enum End {
        case accepted(String?)
        case notReached(usedKeptConnection: Bool)
        case later(Reason)
        case refused(Reason)
        case notHanded
        case unknown

        var delivery: Delivery {
            switch self {
            case .accepted(let provider): .accepted(provider: provider)
            case .notReached: .later(.notReached)
            case .later(let reason): .later(reason)
            case .refused(let reason): .refused(reason)
            case .notHanded: .notHanded
            case .unknown: .unknown
            }
        }
    }

    private final class Answer: Sendable {
        let isYes = Mutex(false)
        let came = DispatchSemaphore(value: 0)
    }

    private let message: EmailMessage
    private let settings: MailSettings
    private let hand: HandOver
    /// Later than this there may be no time left for the server's answer.
    private let latest: ContinuousClock.Instant
    private var isWithheld = false
    private var offset = 0
    /// libcurl has been told that nothing follows: it sends the final dot then.
    private var sawEnd = false
    private var lastLine = ""

    init(_ message: EmailMessage, _ settings: MailSettings, _ hand: @escaping HandOver) {
        (self.message, self.settings, self.hand) = (message, settings, hand)
        latest = .now + .seconds(settings.timeout) / 2
    }

    /// Waits on this thread, which is the connection's own. - Returns: whether the message may end.
    private func mayEnd() -> Bool {
        if sawEnd { return true }
        let (hand, latest, answer) = (hand, latest, Answer())
        Task {
            let isHanded = await hand(latest)
            answer.isYes.withLock { $0 = isHanded }
            answer.came.signal()
        }
        answer.came.wait()
        sawEnd = answer.isYes.withLock { $0 }
        isWithheld = !sawEnd
        return sawEnd
    }

    func perform(with handle: UnsafeMutableRawPointer, fresh: Bool) -> End {
        curl_easy_reset(handle)  // options, not connections
        let recipients = curl_slist_append(nil, "<\(message.to.address)>")
        defer { curl_slist_free_all(recipients) }
        let context = Unmanaged.passUnretained(self).toOpaque()
        guard isSet(up: handle, recipients, context, fresh: fresh) else { return .later(.providerBusy) }
        let result = withExtendedLifetime(self) { curl_easy_perform(handle) }
        var code = 0
        chartline_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &code)
        var connects = 0
        chartline_curl_get_long(handle, CURLINFO_NUM_CONNECTS, &connects)
        return end(result, code: code, usedKeptConnection: connects == 0)
    }

    private func isSet(
        up handle: UnsafeMutableRawPointer, _ recipients: UnsafeMutablePointer<curl_slist>?, _ context: UnsafeMutableRawPointer, fresh: Bool
    ) -> Bool {
        var results = [
            chartline_curl_set_text(handle, CURLOPT_URL, "smtp://\(settings.host):\(settings.port)/\(settings.from.domain)"),
            chartline_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "smtp"),
            chartline_curl_set_long(handle, CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue)),
            chartline_curl_set_long(handle, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
            chartline_curl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 1), chartline_curl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 2),
            chartline_curl_set_long(handle, CURLOPT_NOSIGNAL, 1), chartline_curl_set_text(handle, CURLOPT_NOPROXY, "*"),
            chartline_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT, min(10, settings.timeout)),
            chartline_curl_set_long(handle, CURLOPT_TIMEOUT, settings.timeout),
            // Servers close what lies idle for a minute or more.
            chartline_curl_set_long(handle, CURLOPT_MAXAGE_CONN, 30), chartline_curl_set_long(handle, CURLOPT_FRESH_CONNECT, fresh ? 1 : 0),
            chartline_curl_set_text(handle, CURLOPT_MAIL_FROM, "<\(settings.from.address)>"),
            chartline_curl_set_list(handle, CURLOPT_MAIL_RCPT, recipients), chartline_curl_set_long(handle, CURLOPT_UPLOAD, 1),
            chartline_curl_set_transfer(handle, CURLOPT_READFUNCTION, Self.read), chartline_curl_set_pointer(handle, CURLOPT_READDATA, context),
            chartline_curl_set_transfer(handle, CURLOPT_HEADERFUNCTION, Self.line), chartline_curl_set_pointer(handle, CURLOPT_HEADERDATA, context),
            chartline_curl_set_transfer(handle, CURLOPT_WRITEFUNCTION, Self.line), chartline_curl_set_pointer(handle, CURLOPT_WRITEDATA, context),
        ]
        if let caFile = settings.caFile { results.append(chartline_curl_set_text(handle, CURLOPT_CAINFO, caFile)) }
        if let user = settings.user, let password = settings.password {
            results += [
                chartline_curl_set_text(handle, CURLOPT_USERNAME, user), chartline_curl_set_text(handle, CURLOPT_PASSWORD, password),
            ]
        }
        return recipients != nil && results.allSatisfy { $0 == CURLE_OK }
    }

    private func end(_ result: CURLcode, code: Int, usedKeptConnection: Bool) -> End {
        if isWithheld { return .notHanded }
        if result == CURLE_OK { return .accepted(queueID) }
        if result == CURLE_LOGIN_DENIED { return .later(.signInRefused) }
        // From the message's last byte on, only a definite answer says that it was not taken.
        let wasWhole = sawEnd
        switch code {
        case 400..<500: return .later(.providerBusy)
        case 500..<600: return wasWhole ? .refused(.refused) : .refused(.addressRefused)
        default: return wasWhole ? .unknown : .notReached(usedKeptConnection: usedKeptConnection)
        }
    }

    /// What most servers say of a message they took: "250 2.0.0 Ok: queued as 4F8A2C01".
    private var queueID: String? {
        guard let found = lastLine.range(of: "queued as ", options: .caseInsensitive) else { return nil }
        let id = lastLine[found.upperBound...].prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == ".") }
        return id.isEmpty || id.count > 100 ? nil : String(id)
    }

    private static let read: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
        buffer, size, count, context in
        guard let buffer, let context else { return 0 }
        let submission = Unmanaged<Submission>.fromOpaque(context).takeUnretainedValue()
        let room = size * count
        let length = min(room, submission.message.bytes.count - submission.offset)
        guard length > 0 else { return submission.mayEnd() ? 0 : Int(CURL_READFUNC_ABORT) }
        submission.message.bytes.withUnsafeBytes { bytes in
            let part = UnsafeRawBufferPointer(rebasing: bytes[submission.offset..<submission.offset + length])
            UnsafeMutableRawBufferPointer(start: buffer, count: room).copyMemory(from: part)
        }
        submission.offset += length
        return length
    }

    private static let line: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
        buffer, size, count, context in
        guard let buffer, let context else { return size * count }
        let submission = Unmanaged<Submission>.fromOpaque(context).takeUnretainedValue()
        submission.lastLine = String(decoding: UnsafeRawBufferPointer(start: buffer, count: min(size * count, 1_000)), as: UTF8.self)
        return size * count
    }
}
