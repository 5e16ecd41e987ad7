internal import ArgumentParser
internal import Foundation

/// `chartline audit …`: the audit trails.
struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Works with the audit trails.", subcommands: [AuditVerify.self, AuditExport.self])
}
