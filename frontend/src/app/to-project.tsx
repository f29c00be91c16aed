import { Navigate, useLocation, useParams } from "react-router";
import { useMe } from "@/api/session";
import { EmptyState } from "@/components/ui/states";
import { readPreference } from "@/lib/storage";
import { useTitle } from "@/lib/use-title";
import { UserMenu } from "./shell/user-menu";

/** From no page to one: the overview of the named project, of the last one opened, or of the first. Or another of
 * its pages, with the query that came with it: the server knows some without knowing which project was open.
 */
export function ToProject({ page }: { page?: string }) {
  const { slug } = useParams();
  const { search } = useLocation();
  const { projects } = useMe();
  useTitle("Projects");
  const last = readPreference("project");
  const chosen = slug ?? projects.find((project) => project.slug === last)?.slug ?? projects[0]?.slug;
  if (chosen) return <Navigate to={page ? `/p/${chosen}/${page}${search}` : `/p/${chosen}/overview`} replace />;
  return (
    <main className="flex h-full flex-col">
      <div className="flex justify-end p-3">
        <UserMenu />
      </div>
      <EmptyState title="No project yet" className="my-auto">
        You are not a member of any project. Ask an operator to add you, or import one on the server with{" "}
        <code className="rounded-sm bg-sunken px-1 font-mono text-xs">manage.py importproject FILE.yaml</code>.
      </EmptyState>
    </main>
  );
}
