import Access
import Contracts
import Foundation

/// How many decisions of `Access` one core makes a second. Prints a JSON object: `rps`, `done`, `seconds`, `cpu_s`, `p50_ms` and `p99_ms` of one.
/// Arguments: seconds.
@main enum Decisions {
    static func main() {
        let seconds = CommandLine.arguments.dropFirst().first.flatMap(Double.init) ?? 3
        let (patient, me) = (ID<Patient>(), ID<Practitioner>())
        let rule: Rule = .ownRecord || .careTeam
        func actor(_ role: Role) -> Actor {
            Actor(issuer: "identity", role: role, account: .init(), practitioner: me, patients: [patient], purpose: "treatment")
        }
        let consent = [
            ConsentRule(permits: false, recipient: .practitioner(.init())), ConsentRule(permits: false, recipient: .everybody, kind: .hiv),
            ConsentRule(permits: true, recipient: .practitioner(me), kind: .hiv), ConsentRule(permits: false, recipient: .role(.nurse)),
        ]
        // A patient, a clinician of the team, one off it, one whom the glass was broken by, a nurse who is denied, the desk.
        let asked: [(actor: Actor, facts: [ID<Patient>: AccessFacts])] = [
            (actor(.patient), [:]), (actor(.clinician), [patient: AccessFacts(treatment: .team, consent: consent)]),
            (actor(.clinician), [patient: AccessFacts(consent: consent)]),
            (actor(.clinician), [patient: AccessFacts(consent: consent, glassBrokenUntil: .distantFuture)]),
            (actor(.nurse), [patient: AccessFacts(treatment: .site, consent: consent)]), (actor(.frontDesk), [:]),
        ]
        let patients = [patient]
        var (allowed, done, times): (Int, Int, [Double]) = (0, 0, [])
        let (clock, began) = (ContinuousClock(), ContinuousClock.now)
        let cpu = cpuSeconds()
        while clock.now - began < .seconds(seconds) {
            let start = clock.now
            for _ in 0..<1_000 {
                for one in asked where rule.decide(one.actor, patients, one.facts).isAllowed { allowed += 1 }
            }
            times.append((clock.now - start) / .milliseconds(1) / Double(1_000 * asked.count))
            done += 1_000 * asked.count
        }
        let took = (clock.now - began) / .seconds(1)
        times.sort()
        guard !times.isEmpty, allowed * 2 == done else {
            print(#"{"wrong": "decisions are not what they were"}"#)
            return
        }
        print(
            """
            {"rps": \(Double(done) / took), "done": \(done), "seconds": \(took), "cpu_s": \(cpuSeconds() - cpu), \
            "p50_ms": \(times[times.count / 2]), "p99_ms": \(times[min(times.count - 1, times.count * 99 / 100)])}
            """)
    }

    private static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
