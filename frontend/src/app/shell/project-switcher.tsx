import { useLocation, useNavigate } from "react-router";
import { useMe, useProject } from "@/api/session";
import { Icon } from "@/components/ui/icon";
import { Logo } from "@/components/ui/logo";
import { Menu, MenuChoice, MenuLabel } from "@/components/ui/menu";
import { cn } from "@/lib/cn";

/** Stays on the same page when the project changes; filters of the other project do not come along. */
export function ProjectSwitcher({ compact = false }: { compact?: boolean }) {
  const { projects } = useMe();
  const current = useProject();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const page = pathname.split("/")[3] ?? "overview";
  return (
    <Menu
      trigger={
        <button
          type="button"
          title={current.name}
          className={cn("flex h-9 min-w-0 items-center gap-2 rounded-md text-left transition-colors hover:bg-hover", compact ? "w-9 justify-center" : "px-1.5 md:w-full")}
        >
          <Logo />
          <span className={cn("min-w-0 grow truncate font-semibold", compact && "sr-only")}>
            <span className="sr-only">Project: </span>
            {current.name}
          </span>
          {!compact && <Icon name="updown" size="sm" className="text-muted" />}
        </button>
      }
    >
      <MenuLabel>Projects</MenuLabel>
      {projects.map((project) => (
        <MenuChoice key={project.slug} chosen={project.slug === current.slug} onSelect={() => void navigate(`/p/${project.slug}/${page}`)}>
          <span className="block truncate">{project.name}</span>
          <span className="block text-xs font-normal text-muted">You are {project.role === "operator" ? "an" : "a"} {project.role}</span>
        </MenuChoice>
      ))}
    </Menu>
  );
}
