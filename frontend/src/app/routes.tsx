import { Navigate, type RouteObject } from "react-router";
import { Boot } from "./boot";
import { NotFound, RouteError } from "./errors";
import { ToProject } from "./to-project";
import { RequireSession } from "./require-session";

/** Each page is a file of its own, fetched when it is first opened. */
export const routes: RouteObject[] = [
  {
    errorElement: <RouteError />,
    hydrateFallbackElement: <Boot />,
    children: [
      { path: "/sign-in", lazy: async () => ({ Component: (await import("@/features/auth/sign-in-page")).SignInPage }) },
      {
        element: <RequireSession />,
        children: [
          { index: true, element: <ToProject /> },
          { path: "/settings/accounts", element: <ToProject page="settings/accounts" /> },
          {
            path: "/p/:slug",
            lazy: async () => ({ Component: (await import("./shell/project-layout")).ProjectLayout }),
            children: [
              { index: true, element: <ToProject /> },
              {
                errorElement: <RouteError inside />,
                children: [
                  { path: "overview", lazy: async () => ({ Component: (await import("@/features/overview/overview-page")).OverviewPage }) },
                  { path: "leads", lazy: async () => ({ Component: (await import("@/features/leads/leads-page")).LeadsPage }) },
                  { path: "queue", lazy: async () => ({ Component: (await import("@/features/review/queue-page")).QueuePage }) },
                  { path: "label", lazy: async () => ({ Component: (await import("@/features/label/label-page")).LabelPage }) },
                  { path: "runs", lazy: async () => ({ Component: (await import("@/features/runs/runs-page")).RunsPage }) },
                  { path: "runs/:run", lazy: async () => ({ Component: (await import("@/features/runs/run-page")).RunPage }) },
                  { path: "training", lazy: async () => ({ Component: (await import("@/features/training/training-page")).TrainingPage }) },
                  {
                    path: "settings",
                    lazy: async () => ({ Component: (await import("@/features/settings/settings-page")).SettingsPage }),
                    children: [
                      { index: true, element: <Navigate to="members" replace /> },
                      { path: "members", lazy: async () => ({ Component: (await import("@/features/settings/members/members-tab")).MembersTab }) },
                      { path: "keys", lazy: async () => ({ Component: (await import("@/features/settings/keys/keys-tab")).KeysTab }) },
                      { path: "audit", lazy: async () => ({ Component: (await import("@/features/settings/audit/audit-tab")).AuditTab }) },
                      { path: "accounts", lazy: async () => ({ Component: (await import("@/features/settings/accounts/accounts-tab")).AccountsTab }) },
                      { path: "queries", lazy: async () => ({ Component: (await import("@/features/settings/queries/queries-tab")).QueriesTab }) },
                      {
                        path: "do-not-contact",
                        lazy: async () => ({ Component: (await import("@/features/settings/do-not-contact/do-not-contact-tab")).DoNotContactTab }),
                      },
                      { path: "policies", lazy: async () => ({ Component: (await import("@/features/settings/policies/policies-tab")).PoliciesTab }) },
                      { path: "notifications", lazy: async () => ({ Component: (await import("@/features/settings/notifications/notifications-tab")).NotificationsTab }) },
                      { path: "*", element: <NotFound /> },
                    ],
                  },
                  { path: "*", element: <NotFound /> },
                ],
              },
            ],
          },
          { path: "*", element: <NotFound /> },
        ],
      },
    ],
  },
];
