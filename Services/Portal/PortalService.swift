import Foundation
import ServiceHost
import Web

/// The gateway that serves patients.
@main enum PortalService {
    static func main() async throws {
        try await ServiceHost.run("portal", migrations: nil) { service in
            let catalogues = ["Localizable", "Education/Localizable"].map { Bundle.module.bundleURL.appending(path: $0) }
            try GatewayParts.serve(service, .portal, catalogues: catalogues) { parts, routes in
                SignInRoutes(parts: parts).add(to: &routes)
                PasskeyRoutes(parts: parts, signInAgain: SignInRoutes(parts: parts).signInAgain).add(to: &routes)
                CodeRoutes(parts: parts).add(to: &routes)
                RecoveryRoutes(parts: parts).add(to: &routes)
                SecurityRoutes(parts: parts) { $0.signedIn(at: .security, $1) }.add(to: &routes)
                SecondFactorRoutes(parts: parts) { $0.signedIn(at: .security, $1) }.add(to: &routes)
                ResumeRoutes(parts: parts) { $0.signedIn(at: nil, $1) }.add(to: &routes)
                RegisterRoutes(parts: parts).add(to: &routes)
                ActivateRoutes(parts: parts).add(to: &routes)
                HomeRoutes(parts: parts).add(to: &routes)
                PeopleRoutes(parts: parts).add(to: &routes)
                RecordRoutes(parts: parts).add(to: &routes)
                ReadingsRoutes(parts: parts).add(to: &routes)
                AboutRoutes(parts: parts).add(to: &routes)
                DownloadRoutes(parts: parts).add(to: &routes)
                AmendmentRoutes(parts: parts).add(to: &routes)
                DetailsRoutes(parts: parts).add(to: &routes)
                PreferencesRoutes(parts: parts).add(to: &routes)
                MessagesRoutes(parts: parts).add(to: &routes)
                DocumentRoutes(parts: parts).add(to: &routes)
                AccessRoutes(parts: parts).add(to: &routes)
                VisitRoutes(parts: parts).add(to: &routes)
                CallRoutes(parts: parts).add(to: &routes)
                GuestRoutes(parts: parts).add(to: &routes)
                BookingRoutes(parts: parts).add(to: &routes)
                FeedRoutes(parts: parts).add(to: &routes)
                WaitingRoutes(parts: parts).add(to: &routes)
                MoveRoutes(parts: parts).add(to: &routes)
                OpeningsRoutes(parts: parts).add(to: &routes)
                BillRoutes(parts: parts).add(to: &routes)
                CoverageRoutes(parts: parts).add(to: &routes)
                AnswerRoutes(parts: parts).add(to: &routes)
                UnsubscribeRoutes(parts: parts).add(to: &routes)
                HookRoutes(parts: parts).add(to: &routes)
            }
        }
    }
}
