import { useEffect } from "react";
import { Link, Outlet, useNavigation, useParams } from "react-router";
import { LiveProvider } from "@/api/live";
import { ProjectContext, useMay, useMe } from "@/api/session";
import { Logo } from "@/components/ui/logo";
import { EmptyState } from "@/components/ui/states";
import { buttonClass } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { writePreference } from "@/lib/storage";
import { SIDE_BY_SIDE, useMedia } from "@/lib/use-media";
import { ConnectionIndicator } from "./connection-indicator";
import { AccountBanner } from "./account-banner";
import { BottomNav, SideNav } from "./nav";
import { PauseBanner } from "./pause-banner";
import { ProjectSwitcher } from "./project-switcher";
import { ThemeMenu } from "./theme-menu";
import { UserMenu } from "./user-menu";

/** The frame of every page of a project. */
export function ProjectLayout() {
  const { slug = "" } = useParams();
  const me = useMe();
  const project = me.projects.find((candidate) => candidate.slug === slug);

  useEffect(() => {
    if (project) writePreference("project", project.slug);
  }, [project]);

  if (!project) return <ForeignProject slug={slug} />;
  return (
    <ProjectContext value={project}>
      <LiveProvider key={project.slug} project={project.slug}>
        <Frame />
      </LiveProvider>
    </ProjectContext>
  );
}

function Frame() {
  const wide = useMedia("(min-width: 48rem)");
  const roomy = useMedia(SIDE_BY_SIDE);
  return (
    <div className="flex h-dvh flex-col md:flex-row">
      <a
        href="#main"
        className="fixed top-2 left-2 z-50 -translate-y-16 rounded-md bg-accent px-3 py-1.5 font-medium text-on-accent focus:translate-y-0"
      >
        Skip to the page
      </a>
      {wide ? (
        <aside className={cn("flex shrink-0 flex-col gap-4 border-r border-line bg-canvas p-3", roomy ? "w-54" : "w-14.5 items-center")}>
          <ProjectSwitcher compact={!roomy} />
          <SideNav compact={!roomy} />
          <div className={cn("mt-auto flex gap-1", roomy ? "flex-col" : "flex-col items-center")}>
            <ConnectionIndicator compact={!roomy} />
            <div className={cn("flex", roomy ? "items-center gap-1" : "flex-col")}>
              <UserMenu named={roomy} />
              <ThemeMenu />
            </div>
          </div>
        </aside>
      ) : (
        <header className="flex h-12 shrink-0 items-center gap-1 border-b border-line bg-canvas px-2">
          <ProjectSwitcher />
          <div className="ml-auto flex items-center">
            <ConnectionIndicator compact />
            <ThemeMenu />
            <UserMenu />
          </div>
        </header>
      )}
      <PageArea />
      {!wide && <BottomNav />}
    </div>
  );
}

function PageArea() {
  const isOperator = useMay("operator");
  const navigation = useNavigation();
  const busy = navigation.state === "loading" && navigation.location.pathname !== location.pathname;
  return (
    <main id="main" tabIndex={-1} className="relative flex min-h-0 min-w-0 grow flex-col outline-none">
      {busy && <div aria-hidden="true" className="sweep absolute inset-x-0 top-0 z-10 h-0.5" />}
      {isOperator && <AccountBanner />}
      <PauseBanner />
      <Outlet />
    </main>
  );
}

function ForeignProject({ slug }: { slug: string }) {
  return (
    <main className="flex h-full flex-col items-center justify-center">
      <Logo className="mb-2 size-8" />
      <EmptyState
        icon="lock"
        title="Not one of your projects"
        className="py-4"
        action={
          <Link to="/" className={buttonClass()}>
            Go to your project
          </Link>
        }
      >
        There is no project “{slug}”, or you are not a member of it.
      </EmptyState>
    </main>
  );
}
