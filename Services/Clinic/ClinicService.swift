import Foundation
import ServiceHost
import Web

/// The gateway that serves clinicians and the front desk.
@main enum ClinicService {
    static func main() async throws {
        try await ServiceHost.run("clinic", migrations: nil) { service in
            let portal = service.settings.string("portal.url", "where patients reach the portal, for the slip with the code")
            try GatewayParts.serve(service, .clinic, catalogues: [Bundle.module.bundleURL.appending(path: "Localizable")]) { parts, routes in
                StaffSignInRoutes(parts: parts).add(to: &routes)
                PasskeyRoutes(parts: parts, signInAgain: StaffSignInRoutes(parts: parts).signInAgain).add(to: &routes)
                CodeRoutes(parts: parts).add(to: &routes)
                EnrolmentRoutes(parts: parts).add(to: &routes)
                RecoveryRoutes(parts: parts).add(to: &routes)
                SecurityRoutes(parts: parts) { $0.signedIn(at: .security, $1) }.add(to: &routes)
                ResumeRoutes(parts: parts) { $0.signedIn(at: nil, $1) }.add(to: &routes)
                DayRoutes(parts: parts).add(to: &routes)
                BoardRoutes(parts: parts).add(to: &routes)
                CalendarRoutes(parts: parts).add(to: &routes)
                VisitRoutes(parts: parts).add(to: &routes)
                CallRoutes(parts: parts, portalAddress: portal).add(to: &routes)
                PhoneRoutes(parts: parts).add(to: &routes)
                AbsenceRoutes(parts: parts).add(to: &routes)
                WaitingRoutes(parts: parts).add(to: &routes)
                FirstStepsRoutes(parts: parts).add(to: &routes)
                PatientRoutes(parts: parts).add(to: &routes)
                PhotoRoutes(parts: parts).add(to: &routes)
                EntryRoutes(parts: parts).add(to: &routes)
                EncounterRoutes(parts: parts).add(to: &routes)
                PrescriptionRoutes(parts: parts).add(to: &routes)
                DocumentRoutes(parts: parts).add(to: &routes)
                DocumentShareRoutes(parts: parts).add(to: &routes)
                OrderRoutes(parts: parts).add(to: &routes)
                ResultRoutes(parts: parts).add(to: &routes)
                FavouriteRoutes(parts: parts).add(to: &routes)
                BreakGlassRoutes(parts: parts).add(to: &routes)
                InviteRoutes(parts: parts, portalAddress: portal).add(to: &routes)
                ProxyRoutes(parts: parts).add(to: &routes)
                UnreachedRoutes(parts: parts).add(to: &routes)
                NoticeRoutes(parts: parts).add(to: &routes)
                PreferencesRoutes(parts: parts).add(to: &routes)
                InboxRoutes(parts: parts).add(to: &routes)
                PoolRoutes(parts: parts).add(to: &routes)
                BillingRoutes(parts: parts).add(to: &routes)
                AccountRequestRoutes(parts: parts).add(to: &routes)
                ChangeRoutes(parts: parts).add(to: &routes)
                AmendmentRoutes(parts: parts).add(to: &routes)
                StaffRoutes(parts: parts).add(to: &routes)
                PrivacyRoutes(parts: parts).add(to: &routes)
                SettingsRoutes(parts: parts).add(to: &routes)
                ReminderRuleRoutes(parts: parts).add(to: &routes)
                NoteTemplateRoutes(parts: parts).add(to: &routes)
                PlaceRoutes(parts: parts).add(to: &routes)
                ClinicTextsRoutes(parts: parts).add(to: &routes)
            }
        }
    }
}
